"""The study of the loss: one logit and a sigmoid, or two and a softmax."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import ANNClassifier
from dlboi.evaluation._study_data import study_data
from dlboi.metrics import curve_noise
from dlboi.studies._compare import compare
from dlboi.studies._equal_start import EqualStart
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

_LOSSES = {"BCE": "bce", "CE": "ce"}


def loss_study(
    data,
    *,
    losses: Sequence[str] = ("BCE", "CE"),
    last: float = 0.5,
    parameters: Mapping | None = None,
    n_repeats: int = 5,
    validation=0.1,
    **options,
) -> StudyResult:
    """Ask whether one logit with a sigmoid or two with a softmax learn better, of two classes.

    Both start as the same function, as the two logits are given weight vectors whose difference
    is that of the single one.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, of two classes, as in :func:`compare`.
    losses : sequence of {"BCE", "CE"}, default=("BCE", "CE")
        The levels: binary cross-entropy of one logit, cross-entropy of two.
    last : float, default=0.5
        Share of the epochs, the last ones, over which the curves are measured.
    parameters : mapping of str to object, default=None
        Parameters of :class:`~dlboi.ANNClassifier` for all levels, beside or in the place of those
        of the experiment: three layers of 64 neurons, Adam, learning rate 3e-6 and 0.4 of it every
        4 epochs, batches of 128 images, 30 epochs.
    n_repeats : int, default=5
        Repeats, each with a seed of its own.
    validation : float, Bunch, tuple or None, default=0.1
        As in :func:`compare`.
    **options
        Other options of :func:`compare`: `test`, `cv`, `n_jobs` and so on.

    Returns
    -------
    StudyResult
        `tables` holds the loss before the first step, and fluctuation and gap of the curves.

    Raises
    ------
    ValueError
        There are not two classes, or a parameter cannot be used.

    See Also
    --------
    dlboi.metrics.curve_noise : The fluctuation.

    Notes
    -----
    For two classes a softmax of two logits is the sigmoid of their difference, so that both losses
    are the same function of the weights. They do not learn alike: each of the two weight vectors
    takes the step that the single one takes, in opposite directions, so that their difference
    moves twice as fast.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import loss_study
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> few = {"max_epochs": 6, "lr": 1e-4}
    >>> result = loss_study(phantoms, parameters=few, n_repeats=2, validation=0.3, verbose=0)
    >>> start, curves = result.tables.values()
    >>> bce, ce = start["mean"].round(4)
    >>> bool(bce == ce)
    True
    """
    if isinstance(losses, str) or any(loss not in _LOSSES for loss in losses):
        raise ValueError(
            f"The 'losses' parameter of loss_study must hold names of {list(_LOSSES)}. Got "
            f"{losses!r} instead."
        )
    classes = np.unique(study_data(data, "data").target)
    if len(classes) != 2:
        raise ValueError(
            "The 'data' parameter of loss_study must hold two classes: one logit tells no more "
            f"apart. Got {len(classes)} instead."
        )
    estimators = study_levels(
        "loss_study",
        {name: (ANNClassifier, {"loss": _LOSSES[name]}) for name in losses},
        recipe=ANN_64_RECIPE,
        parameters=parameters,
        callbacks=[EqualStart()],
    )
    check_last("loss_study", last, estimators, minimum=3)
    result = compare(estimators, data, validation=validation, n_repeats=n_repeats, **options)
    epochs = late_epochs(result, last)
    start = late_values(result, "nats_before_training", epochs, lambda curves: curves[:, 0])
    measured = _measured(result, epochs)
    span = f"epochs {epochs[0]} to {epochs[-1]}"
    beside = f"means and differences to {result.reference} ({HOLDS_FOR})"
    tables = {
        f"Loss on the training images before the first step, in nats, {beside}.": table_of_means(
            result, {"loss before training": start}
        ),
        f"Curves over {span}, in nats, {beside}. The training loss is a mean over an epoch in "
        "which the weights change.": table_of_means(result, measured),
    }
    findings = [
        *accuracy_findings(result),
        *_start_findings(result, start),
        *_curve_findings(result, measured, span),
        *_gap_findings(result, measured, span),
    ]
    return replace(result, findings=findings, tables=tables)


def _measured(result, epochs):
    measured = {}
    for part, name in (("train", "training"), ("validation", "validation")):
        if has_entry(result, f"{part}_loss"):
            key = f"{part}_loss"
            measured[f"{name} loss"] = late_values(result, key, epochs, mean_of_curves)
            if len(epochs) > 2:
                noise = late_values(result, key, epochs, curve_noise)
                measured[f"fluctuation of the {name} loss"] = noise
    if "validation loss" in measured:
        measured["validation less training loss"] = (
            measured["validation loss"] - measured["training loss"]
        )
    return measured


def _start_findings(result, start):
    for name in result.names:
        pairs = result.pairs(result.reference, name)
        if name != result.reference and pairs:
            largest = max(abs(start[run] - start[other]) for other, run in pairs)
            yield (
                f"Before the first step the losses of {name} and {result.reference} on the "
                f"training images differ by at most {largest:.1g} nats: both start as the same "
                "function."
                if largest < 1e-5
                else f"{name} and {result.reference} do not start alike: their losses before the "
                f"first step differ by up to {largest:.2g} nats."
            )


def _curve_findings(result, measured, span):
    for name in result.names:
        if name != result.reference:
            for quantity, values in measured.items():
                if quantity != "validation less training loss":
                    apart = difference(result, name, values)
                    what = f"the {quantity} over {span}"
                    yield difference_finding(what, name, result.reference, apart, "nats")


def _gap_findings(result, measured, span):
    gaps = measured.get("validation less training loss")
    for name in () if gaps is None else result.names:
        gap = of_level(result, name, gaps)
        if not np.isfinite(gap.low):
            continue
        found = "below" if gap.estimate < 0 else "above"
        if gap.low <= 0 <= gap.high:
            found = "neither clearly above nor below"
        yield (
            f"{name}: over {span} the validation loss is {found} the training loss, by "
            f"{gap.estimate:+.3g} nats (95 % interval {gap.low:+.3g} to {gap.high:+.3g})."
        )
