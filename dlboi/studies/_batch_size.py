"""The study of the batch size."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import ANNClassifier
from dlboi.metrics import curve_noise
from dlboi.studies._compare import compare
from dlboi.studies._late_epochs import (
    check_last,
    has_entry,
    late_epochs,
    late_values,
    mean_of_curves,
)
from dlboi.studies._recipes import ANN_64_RECIPE
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._run_statistics import HOLDS_FOR, difference, of_level, table_of_means
from dlboi.studies._study_findings import accuracy_findings, difference_finding
from dlboi.studies._study_levels import study_levels

_PARTS = {"train": "training", "validation": "validation"}


def batch_size_study(
    data,
    *,
    batch_sizes: Sequence[int] = (32, 64, 128, 256),
    last: float = 0.5,
    parameters: Mapping | None = None,
    n_repeats: int = 5,
    validation=0.1,
    **options,
) -> StudyResult:
    """Ask whether larger batches make smoother loss curves.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    batch_sizes : sequence of int, default=(32, 64, 128, 256)
        The levels, images a step of the optimizer.
    last : float, default=0.5
        Share of the epochs, the last ones, over which the curves are measured.
    parameters : mapping of str to object, default=None
        Parameters of :class:`~dlboi.ANNClassifier` for all levels, beside or in the place of those
        of the experiment: three layers of 64 neurons, Adam, learning rate 3e-6 and 0.4 of it every
        4 epochs, 30 epochs.
    n_repeats : int, default=5
        Repeats, each with a seed of its own.
    validation : float, Bunch, tuple or None, default=0.1
        As in :func:`compare`.
    **options
        Other options of :func:`compare`: `test`, `cv`, `n_jobs` and so on.

    Returns
    -------
    StudyResult
        `tables` holds the fluctuation of the curves, and the number of steps.

    Raises
    ------
    ValueError
        A parameter cannot be used.

    See Also
    --------
    dlboi.metrics.curve_noise : The fluctuation.

    Notes
    -----
    All levels see each image as often, so that larger batches take fewer steps, here at the same
    learning rate: they move less, which makes curves smoother by itself. The losses stand beside
    the fluctuation, to tell a smooth curve from one that has not moved.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import batch_size_study
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> result = batch_size_study(
    ...     phantoms,
    ...     batch_sizes=(4, 16),
    ...     parameters={"max_epochs": 6, "lr": 1e-4},
    ...     n_repeats=2,
    ...     validation=0.2,
    ...     verbose=0,
    ... )
    >>> curves, steps = result.tables.values()
    >>> steps["steps"].tolist()
    [72, 18]
    """
    sizes = {f"batches of {size}": size for size in batch_sizes}
    estimators = study_levels(
        "batch_size_study",
        {name: (ANNClassifier, {"batch_size": size}) for name, size in sizes.items()},
        recipe=ANN_64_RECIPE,
        parameters=parameters,
    )
    check_last("batch_size_study", last, estimators, minimum=3)
    result = compare(estimators, data, validation=validation, n_repeats=n_repeats, **options)
    epochs = late_epochs(result, last)
    noises, losses = {}, {}
    for key, part in _PARTS.items():
        if has_entry(result, f"{key}_loss"):
            losses[f"{part} loss"] = late_values(result, f"{key}_loss", epochs, mean_of_curves)
            if len(epochs) > 2:
                noise = late_values(result, f"{key}_loss", epochs, curve_noise)
                noises[f"fluctuation of the {part} loss"] = noise
    span = f"epochs {epochs[0]} to {epochs[-1]}"
    tables = {
        f"Curves over {span}, in nats, means and differences to {result.reference} "
        f"({HOLDS_FOR}).": table_of_means(result, {**noises, **losses}),
        "Steps of the optimizer, over all epochs.": _steps(result, sizes),
    }
    findings = [
        *accuracy_findings(result),
        *_noise_findings(result, noises, span),
        *_loss_findings(result, losses),
    ]
    return replace(result, findings=findings, tables=tables)


def _steps(result, sizes):
    steps = []
    for name, size in sizes.items():
        runs = result.done(name)
        n_batches = np.ceil(result.runs["n_train"][runs] / size) * result.runs["n_epochs"][runs]
        steps.append(round(n_batches.mean()) if len(runs) else 0)
    return {"level": np.array(list(sizes)), "steps": np.array(steps)}


def _noise_findings(result, noises, span):
    for name in result.names:
        if name != result.reference:
            for quantity, values in noises.items():
                apart = difference(result, name, values)
                what = f"the {quantity} over {span}"
                yield difference_finding(what, name, result.reference, apart, "nats")


def _loss_findings(result, losses):
    for quantity, values in losses.items():
        means = ", ".join(f"{of_level(result, n, values).estimate:.3g} ({n})" for n in result.names)
        yield f"Mean {quantity} of the same epochs, in nats: {means}."
    yield (
        "Larger batches take fewer steps in as many epochs. Where their losses are higher, they "
        "have moved less, and a smoother curve is not the batch size's alone."
    )
