"""The study of the kinds of networks: fully connected, convolutional, with pooling at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.studies._compare import compare
from dlboi.studies._recipes import NETWORK_RECIPE
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._run_statistics import HOLDS_FOR, of_level, table_of_means
from dlboi.studies._study_findings import accuracy_findings
from dlboi.studies._study_levels import study_levels

_NETWORKS = {"ANN": ANNClassifier, "CNN": CNNClassifier, "GAP": GAPClassifier}
_LOSSES = {"training": "train", "validation": "validation"}


def architecture_study(
    data,
    *,
    networks: Sequence[str] = ("ANN", "CNN", "GAP"),
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Ask which kind of network is more accurate, smaller and faster.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    networks : sequence of {"ANN", "CNN", "GAP"}, default=("ANN", "CNN", "GAP")
        The levels. The first is the one that the others are compared with.
    parameters : mapping of str to object, default=None
        Parameters of all classifiers, beside or in the place of those of the experiment: Adam,
        learning rate 1e-3 and a tenth of it every 10 epochs, weight decay 0.01, batches of 32
        images, 50 epochs.
    n_repeats : int, default=3
        Repeats, each with a seed of its own.
    **options
        Other options of :func:`compare`: `validation`, `test`, `cv`, `n_jobs` and so on.

    Returns
    -------
    StudyResult
        `tables` holds losses, and the seconds of all epochs together.

    Raises
    ------
    ValueError
        A network or parameter is not known.

    See Also
    --------
    gap_pooling_study : What the pooling of GAP does.
    compare : Any classifiers, not these three alone.

    Notes
    -----
    Seconds are those of this machine, and of other work on it. With `n_jobs` above 1 fits take
    time from each other.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import architecture_study
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> result = architecture_study(phantoms, parameters={"max_epochs": 2}, n_repeats=1, verbose=0)
    >>> result.table["n_parameters"].astype(int).tolist()
    [34945, 35265, 18849]
    """
    unknown = [network for network in networks if network not in _NETWORKS]
    if isinstance(networks, str) or unknown:
        raise ValueError(
            f"The 'networks' parameter of architecture_study must hold names of {list(_NETWORKS)}. "
            f"Got {networks!r} instead."
        )
    estimators = study_levels(
        "architecture_study",
        {network: (_NETWORKS[network], {}) for network in networks},
        recipe={**NETWORK_RECIPE, "weight_decay": 0.01},
        parameters=parameters,
    )
    result = compare(estimators, data, n_repeats=n_repeats, **options)
    runs = result.runs
    seconds = {
        "training, all epochs": runs["train_seconds"],
        "validation, all epochs": runs["validation_seconds"],
    }
    beside = f"means and differences to {result.reference} ({HOLDS_FOR})"
    tables = {
        f"Losses of the epoch that was kept, in nats, {beside}.": table_of_means(
            result,
            {f"{part} loss": runs[f"{key}_loss"] for part, key in _LOSSES.items()},
        ),
        f"Seconds, {beside}. They are those of this machine.": table_of_means(result, seconds),
    }
    findings = [*accuracy_findings(result), *_size_findings(result), *_time_findings(result)]
    return replace(result, findings=findings, tables=tables)


def _size_findings(result):
    sizes = result.table["n_parameters"]
    known = [(size, name) for size, name in zip(sizes, result.names, strict=True) if size > 0]
    if len(known) > 1:
        listed = ", ".join(f"{name} {size:,.0f}" for size, name in sorted(known))
        yield f"Parameters: {listed}."


def _time_findings(result):
    shown = []
    for name in result.names:
        training = of_level(result, name, result.runs["train_seconds"]).estimate
        validation = of_level(result, name, result.runs["validation_seconds"]).estimate
        if np.isfinite(training):
            shown.append(f"{name} {training:.3g} s and {validation:.3g} s")
    yield f"All epochs took, training and validation, on this machine: {', '.join(shown)}."
