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
from dlboi.studies._bias._origins import origin_accuracies

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
    found = origin_accuracies(report)
    if found is None:
        return None
    names, values = found
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
