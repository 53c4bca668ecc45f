"""What the study of weight decay says of its numbers."""

import numpy as np

from dlboi.studies._run_statistics import difference
from dlboi.studies._study_findings import difference_finding

#: Words for the parts whose losses are recorded.
PARTS = {"train": "training", "validation": "validation"}


def slope_findings(slopes, span):
    """Say of each level whether its losses fall or rise.

    Parameters
    ----------
    slopes : dict of tuple of (str, str) to MeanInterval
        By level and part.
    span : str
        The epochs, in words.

    Yields
    ------
    str
    """
    for (name, part), slope in slopes.items():
        found = "falls" if slope.estimate < 0 else "rises"
        bounds = f"95 % interval {slope.low:+.2g} to {slope.high:+.2g}"
        if not np.isfinite(slope.low):
            found, bounds = "has a slope of unknown sign", "these runs give no interval"
        elif slope.low <= 0 <= slope.high:
            found = "neither clearly falls nor rises"
        yield (
            f"{name}: over {span} the {PARTS[part]} loss {found}, {slope.estimate:+.2g} nats an "
            f"epoch ({bounds})."
        )


def rate_findings(result, epochs, span):
    """Say where the learning rate has fallen so far that slopes tell little.

    Parameters
    ----------
    result : StudyResult
        The study.
    epochs : ndarray of int
        The last epochs.
    span : str
        The same in words.

    Yields
    ------
    str
    """
    for name in result.names:
        histories = result.histories[name]
        first = max((float(history["lr"][0]) for history in histories), default=0)
        late = max((float(history["lr"][epochs - 1].max()) for history in histories), default=0)
        if 0 < late < first / 10:
            yield (
                f"{name}: in {span} the learning rate is at most {late:.2g}, 1/{first / late:.0f} "
                "of the first. The weights hardly move then, so that a flat loss says little "
                "about overfitting."
            )


def settled_findings(result, settled):
    """Say whether the levels settle at other losses than the reference.

    Parameters
    ----------
    result : StudyResult
        The study.
    settled : dict of str to ndarray of shape (n_runs,)
        Losses and their gap.

    Yields
    ------
    str
    """
    for name in result.names:
        if name != result.reference:
            for quantity, values in settled.items():
                apart = difference(result, name, values)
                what = f"the settled {quantity}"
                yield difference_finding(what, name, result.reference, apart, "nats")


def penalty_findings(result, weights):
    """Say how large the penalty is beside the losses.

    Parameters
    ----------
    result : StudyResult
        The study.
    weights : dict of str to ndarray of shape (n_runs,)
        Holds ``penalty, nats``.

    Yields
    ------
    str
    """
    for name in result.names:
        penalty = weights["penalty, nats"][result.done(name)]
        if len(penalty) and penalty.mean() > 0:
            yield (
                f"The penalty of {name} is {penalty.mean():.3g} nats. It is not part of the logged "
                "losses, so it does not explain how high they settle."
            )
