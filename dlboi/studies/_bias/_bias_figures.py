"""Figures of a study of dataset bias."""

import numpy as np

from dlboi.plotting import (
    GapWaterfallDisplay,
    ImageGridDisplay,
    MeanDifferenceDisplay,
    OriginAccuracyDisplay,
    PermutationDisplay,
    StudyDisplay,
    TwoSampleDisplay,
)
from dlboi.plotting._style import PALETTE

_STARTS = {
    "reported": "validation, as reported",
    "by image": "validation, by image",
    "by patient": "validation, by patient",
    "validation": "validation",
}


def draw_effects(report, verdict=None):
    """Draw all effects with their intervals, beside the margin of what is practically nothing.

    Parameters
    ----------
    report : BiasReport
        The study.
    verdict : Verdict, default=None
        One that is drawn alone.

    Returns
    -------
    StudyDisplay or None
        None where no effect is known.
    """
    shown = (
        [v for v in report.verdicts if v.name != "shortcut risk"] if verdict is None else [verdict]
    )
    shown = [verdict for verdict in shown if np.isfinite(verdict.effect.estimate)]
    if not shown:
        return None
    values = 100 * np.array([verdict.effect[:3] for verdict in shown]).T
    names = [_name_of(verdict) for verdict in shown]
    display = StudyDisplay(names, *values, label=_LABELS.get(verdict and verdict.name, _LABEL))
    display.plot()
    margin = 100 * report.settings["margin"]
    display.ax_.axvspan(-margin, margin, color=PALETTE["sky"], alpha=0.25, lw=0, zorder=0)
    display.ax_.axvline(0, color="0.35", lw=1, zorder=1)
    return display


_LABEL = "Accuracy lost, in points (recall, for a class)"
_LABELS = {"shortcut risk": "Balanced accuracy that statistics alone lose on test, in points"}


def _name_of(verdict):
    if verdict.name.startswith("chance"):
        return "gap"
    return f"{verdict.name}: {verdict.verdict}"


def draw_gap(report):
    """Draw where accuracy goes between validation and test.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    GapWaterfallDisplay or None
        None where the gap was not divided.
    """
    found = report.steps.get("decomposition")
    if found is None:
        return None
    first, start = next(iter(found.scores.items()))
    effects = np.array([effect[:3] for effect in found.terms.values()]).T
    return GapWaterfallDisplay(
        list(found.terms),
        *effects,
        start=start,
        start_name=_STARTS.get(first, first),
        end_name=report.part_names[1],
    ).plot()


def draw_permutations(report):
    """Draw the gaps of permuted parts.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    PermutationDisplay or None
        None without permutations.
    """
    gap = report.steps.get("gap")
    if gap is None or not len(gap.null_gaps):
        return None
    return PermutationDisplay(
        100 * gap.null_gaps,
        100 * gap.observed_gap,
        label="Gap when patients change places at random (points)",
        p_value=gap.p_value,
    ).plot()


def draw_origins(report):
    """Draw the accuracy by origin, as given and after pooling.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    OriginAccuracyDisplay or None
        None where it was not measured.
    """
    leakage = report.steps.get("leakage")
    if leakage is None:
        return None
    columns = next(
        t.columns for t in leakage.tables if "division" in t.columns and "part" in t.columns
    )
    names = list(dict.fromkeys(columns["division"]))
    values = np.full((3, len(names), 2), np.nan)
    rows = zip(*(columns[name] for name in columns), strict=True)
    for division, part, _, *bounds in rows:
        values[:, names.index(division), report.part_names.index(part)] = bounds
    return OriginAccuracyDisplay(names, report.part_names, *values).plot()


def draw_told_apart(report):
    """Draw how well the images of each class are told apart, with the controls.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    TwoSampleDisplay or None
        None where it was not measured.
    """
    shifts = getattr(report.steps.get("covariate_shift"), "classes", ())
    shifts = [shift for shift in shifts if np.isfinite(shift.auc.estimate)]
    if not shifts:
        return None
    controls = [shift.controls for shift in shifts]
    values = np.array([shift.auc for shift in shifts])
    for row, found in zip(values, controls, strict=True):
        if found is not None:  # at the numbers of patients of the controls
            row[:] = found.auc, np.nan, np.nan
    return TwoSampleDisplay(
        [f"class {shift.name}" for shift in shifts],
        *values.T,
        random=[() if found is None else found.random for found in controls],
        ordered=[() if found is None else found.ordered for found in controls],
        bounds=[np.nan if found is None else found.bound for found in controls],
        set_names=report.part_names,
    ).plot()


def draw_mean_difference(report):
    """Draw the mean image of each class, and how the other part differs from it.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    MeanDifferenceDisplay or None
        None where there are no mean images.
    """
    if not report.mean_images:
        return None
    names, first, second = zip(*report.mean_images, strict=True)
    return MeanDifferenceDisplay(
        np.stack(first),
        np.stack(second),
        names=[f"class {name}" for name in names],
        set_names=report.part_names,
    ).plot()


def draw_duplicates(report):
    """Draw pairs of duplicates, beside each other.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    ImageGridDisplay or None
        None where there are none.
    """
    pairs = report.duplicate_images
    if not pairs:
        return None
    images, titles = zip(*pairs, strict=True)
    return ImageGridDisplay(images, titles=titles).plot(n_columns=4)


FIGURES = {
    "effects": draw_effects,
    "gap": draw_gap,
    "permutations": draw_permutations,
    "origins": draw_origins,
    "told apart": draw_told_apart,
    "mean difference": draw_mean_difference,
    "duplicates": draw_duplicates,
}

#: Caption and description of each figure.
CAPTIONS = {
    "effects": (
        "Accuracy lost by each cause, with 95 % intervals. Within the blue band a loss is "
        "practically nothing. For SUPPORTED an interval lies above the band and the p-value is "
        "small enough for all verdicts together; for NOT SUPPORTED it ends in the band or below.",
        "Effects with intervals.",
    ),
    "effect": (
        "What is lost, with its 95 % interval; within the blue band it is practically nothing.",
        "One effect with its interval.",
    ),
    "gap": (
        "From the validation score to the test score. Bars to the left are accuracy lost, hatched "
        "ones to the right accuracy gained; black lines are 95 % intervals. The steps add up to "
        "the gap.",
        "Waterfall of the accuracy from validation to test.",
    ),
    "permutations": (
        "Gaps that come about when patients change places between the two parts at random, and "
        "everything is fitted anew, against the observed gap.",
        "Histogram of permuted gaps with the observed one.",
    ),
    "origins": (
        "Accuracy by where the images come from. As given: the classifiers have learnt from train "
        "only. Pooled: they have learnt from both parts, divided by image or by patient. The mean "
        "over a pool would show neither.",
        "Accuracy by origin under three divisions.",
    ),
    "told apart": (
        "How well the two parts are told apart within each class, against parts of the training "
        "images alone. Parts that follow each other differ, too, where images were taken over "
        "years: that is the comparison that counts.",
        "Areas under the ROC curve with controls.",
    ),
    "mean difference": (
        "Mean images of each class, and where the second is brighter (orange) or darker (blue).",
        "Mean images and their differences.",
    ),
    "duplicates": (
        "Pairs of the same image in both parts, side by side.",
        "Pairs of duplicate images.",
    ),
}
