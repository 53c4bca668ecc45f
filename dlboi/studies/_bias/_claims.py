"""From the results of the steps to claims, by the table of verdicts."""

import numpy as np
from scipy import stats

from dlboi.bias._effect import Effect
from dlboi.bias._materials import Settings
from dlboi.bias._shortcut_result import FAR, NEAR
from dlboi.bias._verdict import Claim, effect_claim
from dlboi.studies._bias._explanations import OF_CLASS
from dlboi.studies._bias._steps import Steps
from dlboi.studies._bias._words import with_bounds

CHANCE = "chance explains the gap"
_HALF_WIDTH = stats.norm.ppf(0.975)


def claims_of(steps: Steps, class_names: list, settings: Settings) -> list[Claim]:
    """Return all claims of a study but the one that follows from others, "threshold only".

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
    list of Claim
    """
    return [
        _chance(steps, settings),
        *_effects(steps, settings.margin),
        _duplicates(steps),
        *(_of_class(steps, name, settings) for name in class_names),
        _shortcut(steps),
    ]


def _effects(steps, margin):
    gap_terms = getattr(steps.get("decomposition"), "terms", {})
    merged = " ".join(getattr(steps.get("decomposition"), "merged", ()))
    leakage, harm = steps.get("leakage"), steps.get("harm")
    label_shift, selection = steps.get("label_shift"), steps.get("selection")
    no_swap = "" if harm is None else harm.swap.reason
    no_threshold = " ".join(getattr(harm, "reasons", ()))
    no_patients = " ".join(getattr(leakage, "notes", ()))
    found = {
        "leakage in validation": (getattr(leakage, "validation", None), "leakage", no_patients),
        "leakage in the pool": (getattr(leakage, "pool", None), "leakage", no_patients),
        "selection": (getattr(selection, "optimism", None), "selection", ""),
        "label shift": (getattr(label_shift, "accuracy", None), "label_shift", ""),
        "lost ranking": (gap_terms.get("ranking"), "decomposition", merged),
        # Not the term: other shares of the classes alone make another threshold the best one.
        "threshold": (getattr(harm, "displaced", None), "harm", no_threshold),
        "harder test": (getattr(harm, "harder", None), "harm", no_swap),
    }
    for name, (effect, step, reason) in found.items():
        effect = effect or Effect.unknown()
        reason = steps.reasons.get(step, reason) if np.isnan(effect.low) else ""
        yield effect_claim(name, effect, margin, reason=reason)


def _chance(steps, settings):
    gap, margin = steps.get("gap"), settings.margin
    effect = Effect.unknown() if gap is None else gap.gap
    p_value = np.nan if gap is None else gap.p_value
    return Claim(
        CHANCE,
        effect,
        _equivalence(effect, margin),
        supports=bool(-margin < effect.low and effect.high < margin),
        refutes=bool(p_value <= settings.alpha and effect.low > margin),
        rule=f"SUPPORTED: the interval of the gap lies within {100 * margin:g} points of zero, and "
        "the adjusted p-value of two one-sided tests is at most the level. NOT SUPPORTED: the "
        f"interval lies above {100 * margin:g} points, and the permutation p-value is at most "
        f"{settings.alpha:g} or label shift, which permutations do not show, is SUPPORTED.",
        reason=_why_chance_is_open(steps, effect, p_value, margin),
    )


def _why_chance_is_open(steps, effect, p_value, margin):
    if np.isnan(p_value) and effect.low > margin:
        return "the interval lies above the margin, but no patients could change places."
    if effect.low > margin:
        return (
            "the interval lies above the margin, but where patients change places the gap is as "
            f"large too often (p-value {p_value:.2g})."
        )
    return _why_not_known(steps, "gap", effect)


def _equivalence(effect, margin):
    """P-value of two one-sided tests of a gap beyond the margin, from both halves of its interval.

    Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    """
    below, above = effect.estimate - effect.low, effect.high - effect.estimate
    if np.isnan(effect.low) or min(below, above) <= 0:
        return np.nan
    distances = (margin + effect.estimate) / below, (margin - effect.estimate) / above
    return float(stats.norm.sf(_HALF_WIDTH * min(distances)))


def _duplicates(steps):
    found = steps.get("duplicates")
    rule = "SUPPORTED: at least one pair was verified. NOT SUPPORTED: none was."
    n_pairs = 0 if found is None else int(found.cross_split.sum())
    if found is not None and found.recall:
        rule += f" The search finds {100 * found.recall['all']:.0f} % of copies that were planted."
    return Claim(
        "duplicates across splits",
        Effect.unknown(),
        np.nan,
        supports=n_pairs > 0,
        refutes=found is not None and not n_pairs,
        rule=rule,
        is_certain=True,
        reason=steps.reasons.get("duplicates", ""),
    )


def _of_class(steps, name, settings):
    gap, shift = steps.get("gap"), steps.get("covariate_shift")
    drop = Effect.unknown() if gap is None else gap.recall_drops[name]
    (found,) = [each for each in getattr(shift, "classes", ()) if each.name == name] or [None]
    claim = effect_claim(OF_CLASS + name, drop, settings.margin)
    margin = f"{100 * settings.margin:g} points"
    return claim._replace(
        supports=claim.supports and found is not None and found.above_ordered,
        rule="SUPPORTED: the adjusted p-value of no lost recall is at most the level, its interval "
        f"lies above {margin}, and the parts are told apart better than training images that "
        "follow each other are. NOT SUPPORTED: the interval of the lost recall lies below "
        f"{margin}.",
        reason=_why_not_apart(steps, claim, found),
    )


def _why_not_apart(steps, claim, found):
    """Why a lost recall is not enough; empty where the recall itself is in doubt."""
    if np.isnan(claim.effect.low):
        return steps.reasons.get("gap", "")
    if not claim.supports:
        return ""
    if found is None:
        return steps.reasons.get("covariate_shift", "")
    if not found.is_decided:
        return f"whether the images differ is not known: {found.reason}."
    if not found.above_ordered:
        return (
            "recall is lost, but the images are not told apart better than training images that "
            f"follow each other (area under the ROC curve {found.controls.auc:.2f}, "
            f"{found.controls.bound:.2f} needed)."
        )
    return ""


def _shortcut(steps):
    found = steps.get("shortcut")
    return Claim(
        "shortcut risk",
        Effect.unknown() if found is None else found.fall,
        np.nan if found is None else found.p_value,
        supports=found is not None and found.supports,
        refutes=found is not None and found.refutes,
        rule="SUPPORTED: by their intervals, statistics alone come within "
        f"{100 * NEAR:g} points of the balanced accuracy of the classifier in training "
        "and lose some on test, and the adjusted p-value of both together is at most the level. "
        "NOT SUPPORTED: by the interval, "
        f"they stay more than {100 * FAR:g} points below in training.",
        reason=_why_no_shortcut(steps, found),
    )


def _why_no_shortcut(steps, found):
    if found is None:
        return steps.reasons.get("shortcut", "")
    if found.supports or np.isnan(found.short_of.low):
        return ""
    return (
        f"statistics alone are {with_bounds(found.short_of)} points behind the classifier in "
        f"training, and lose {with_bounds(found.fall)} points on test: neither rule holds."
    )


def _why_not_known(steps, step, effect):
    return steps.reasons.get(step, "") if np.isnan(effect.low) else ""
