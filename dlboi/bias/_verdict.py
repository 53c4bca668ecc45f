"""From claims with their evidence to verdicts, at one level for all of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from dlboi.bias._effect import Effect
from dlboi.metrics import holm_adjust

SUPPORTED = "SUPPORTED"
NOT_SUPPORTED = "NOT SUPPORTED"
UNDECIDED = "UNDECIDED"

_NORMAL_95 = stats.norm.ppf(0.975)
_NORMAL_80 = stats.norm.ppf(0.8)


class Claim(NamedTuple):
    """Something that may explain a lower test score, and the evidence.

    Attributes
    ----------
    name : str
        What is claimed, in a few words.
    effect : Effect
        Estimate and interval; unknown where there is none.
    p_value : float
        Of the claim being wrong; NaN where nothing was tested, so that it cannot be supported by a
        test.
    supports, refutes : bool
        Whether the other conditions of SUPPORTED, and all conditions of NOT SUPPORTED, hold.
    rule : str
        Both conditions, in words.
    n_permutations : int, default=0
        Permutations that `p_value` comes from; 0 where it comes from none.
    is_certain : bool, default=False
        Whether SUPPORTED needs no test, as of what was seen.
    reason : str, default=""
        Why nothing can be said, where that is so.
    """

    name: str
    effect: Effect
    p_value: float
    supports: bool
    refutes: bool
    rule: str
    n_permutations: int = 0
    is_certain: bool = False
    reason: str = ""


class Verdict(NamedTuple):
    """What is to be believed of a claim.

    Parameters
    ----------
    name : str
        The claim.

    verdict : {"SUPPORTED", "NOT SUPPORTED", "UNDECIDED"}
        The verdict.

    effect : Effect
        Estimate, 95 % interval and p-value as it was measured.

    p_adjusted : float
        P-value of the claim, adjusted for all claims of the study after Holm; NaN where nothing was
        tested.

    smallest : float
        Smallest effect that these images would have shown (SUPPORTED) with a probability of 80 %;
        NaN where it is not known.

    rule : str
        What SUPPORTED and NOT SUPPORTED ask for.

    reason : str
        Why it is undecided; empty otherwise.
    """

    name: str
    verdict: str
    effect: Effect
    p_adjusted: float
    smallest: float
    rule: str
    reason: str


def effect_claim(name: str, effect: Effect, margin: float, *, reason: str = "") -> Claim:
    """Return the claim that something costs more accuracy than the margin.

    Parameters
    ----------
    name : str
        What it is.
    effect : Effect
        Accuracy that it costs.
    margin : float
        What is practically nothing.
    reason : str, default=""
        Why the effect is not known, where it is not.

    Returns
    -------
    Claim
    """
    points = f"{100 * margin:g} points"
    return Claim(
        name,
        effect,
        effect.p_value,
        supports=bool(effect.low > margin),
        refutes=bool(effect.high < margin),
        rule=f"SUPPORTED: the adjusted p-value of no effect is at most the level, and the interval "
        f"lies above {points}. NOT SUPPORTED: it lies below {points}.",
        reason=reason,
    )


def decide(claims: Sequence[Claim], *, alpha: float, margin: float) -> list[Verdict]:
    """Decide on claims, so that one of them or more is supported wrongly with probability `alpha`.

    Parameters
    ----------
    claims : sequence of Claim
        All claims of the study.
    alpha : float
        Level of all verdicts together.
    margin : float
        Accuracy that is practically nothing.

    Returns
    -------
    list of Verdict
        In the order of the claims.
    """
    adjusted = holm_adjust([claim.p_value for claim in claims]).tolist()
    n_tests = max(1, np.count_nonzero(~np.isnan(adjusted)))
    verdicts = []
    for claim, p_adjusted in zip(claims, adjusted, strict=True):
        verdict, reason = UNDECIDED, claim.reason
        if claim.supports and (claim.is_certain or p_adjusted <= alpha):
            verdict, reason = SUPPORTED, ""
        elif claim.refutes:
            verdict, reason = NOT_SUPPORTED, ""
        elif not reason:
            reason = _why_undecided(claim, p_adjusted, alpha)
        smallest = _smallest(claim.effect, margin, alpha / n_tests)
        verdicts.append(
            Verdict(claim.name, verdict, claim.effect, p_adjusted, smallest, claim.rule, reason)
        )
    return verdicts


def _why_undecided(claim, p_adjusted, alpha):
    is_least = claim.n_permutations and claim.p_value <= 1 / (1 + claim.n_permutations)
    if claim.supports and is_least and p_adjusted > alpha:
        needed = int(np.ceil(p_adjusted / alpha * (1 + claim.n_permutations)))
        return (
            f"{claim.n_permutations} permutations cannot show a p-value as small as this many "
            f"verdicts need: raise 'n_permutations' to {needed}."
        )
    if np.isnan(claim.effect.low):
        return "these images do not tell how sure the estimate is."
    return "the interval holds both what matters and what does not: more patients would tell."


def _smallest(effect, margin, level):
    """Effect that is supported with probability 0.8, from the width of its interval."""
    error = (effect.high - effect.low) / (2 * _NORMAL_95)
    seen = max(margin + _NORMAL_95 * error, stats.norm.isf(level) * error)
    return float(seen + _NORMAL_80 * error)
