"""All verdicts of a study."""

import numpy as np

from dlboi.bias._effect import Effect
from dlboi.bias._materials import Settings
from dlboi.bias._verdict import NOT_SUPPORTED, SUPPORTED, UNDECIDED, Verdict, decide
from dlboi.studies._bias._claims import CHANCE, claims_of
from dlboi.studies._bias._steps import Steps


def verdicts_of(steps: Steps, class_names: list, settings: Settings) -> list[Verdict]:
    """Return all verdicts, "threshold only" behind the threshold.

    Parameters
    ----------
    steps : Steps
        Results of the steps.
    class_names : list of str
        Names of the classes.
    settings : Settings
        Margin and level.

    Returns
    -------
    list of Verdict
    """
    claims = claims_of(steps, class_names, settings)
    verdicts = decide(claims, alpha=settings.alpha, margin=settings.margin)
    names = [verdict.name for verdict in verdicts]
    chance, label_shift = (names.index(name) for name in (CHANCE, "label shift"))
    verdicts[chance] = _chance(verdicts[chance], verdicts[label_shift], settings.margin)
    position = names.index("threshold")
    follows = _threshold_only(verdicts[position], verdicts[names.index("lost ranking")])
    return [*verdicts[: position + 1], follows, *verdicts[position + 1 :]]


def _chance(chance, label_shift, margin):
    """Take a gap that other shares of the classes are a part of for more than chance.

    Permuted parts have the classes of the parts as they are, so that their p-value does not show
    it. This is wrong only where the interval of the gap is.
    """
    is_large = chance.effect.low > margin
    if chance.verdict == UNDECIDED and is_large and label_shift.verdict == SUPPORTED:
        return chance._replace(verdict=NOT_SUPPORTED, reason="")
    return chance


def _threshold_only(threshold, ranking):
    """Follow from the two verdicts: it is wrong only where one of them is, and needs no test."""
    verdict, reason = UNDECIDED, ""
    if ranking.verdict == SUPPORTED:
        verdict = NOT_SUPPORTED
    elif threshold.verdict == SUPPORTED and ranking.verdict == NOT_SUPPORTED:
        verdict = SUPPORTED
    else:
        reason = (
            f"the verdict on the threshold is {threshold.verdict}, that on the lost ranking "
            f"{ranking.verdict}."
        )
    return Verdict(
        "threshold only",
        verdict,
        Effect.unknown(),
        np.nan,
        np.nan,
        "SUPPORTED: the threshold is SUPPORTED and the lost ranking NOT SUPPORTED. NOT SUPPORTED: "
        "the lost ranking is SUPPORTED.",
        reason,
    )
