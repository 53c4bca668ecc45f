"""Figures of a study."""

import numpy as np

from dlboi.plotting import StudyCurvesDisplay, StudyDisplay


def draw_levels(result, ax=None):
    """Draw the levels of a StudyResult with intervals and single runs.

    Parameters
    ----------
    result : StudyResult
        The study.
    ax : matplotlib.axes.Axes, default=None
        None makes a figure.

    Returns
    -------
    StudyDisplay
    """
    part = result.scored[-1]
    table = result.table
    runs = [result.runs[f"{part}_{result.metric}"][result.done(name)] for name in result.names]
    display = StudyDisplay(
        result.names,
        table[part],
        table[f"{part}_low"],
        table[f"{part}_high"],
        runs=runs,
        reference=result.reference,
        label=f"{part.capitalize()} {result.metric.replace('_', ' ')}",
    )
    return display.plot(ax)


def has_curves(result) -> bool:
    """Whether every level has runs with a history of more than one epoch."""
    histories = result.histories.values()
    return all(histories) and all(len(h.get("epoch", ())) > 1 for hs in histories for h in hs)


def draw_curves(result, axes=None):
    """Draw the learning curves of a StudyResult, levels overlaid.

    Parameters
    ----------
    result : StudyResult
        The study.
    axes : sequence of matplotlib.axes.Axes, default=None
        None makes a figure.

    Returns
    -------
    StudyCurvesDisplay
    """
    with_history = {
        name: histories
        for name, histories in result.histories.items()
        if histories and all(len(history.get("epoch", ())) for history in histories)
    }
    if not with_history:
        raise ValueError(
            "No level of this study has learning curves: only dlboi's classifiers record them. "
            "Use `plot()` for the levels."
        )
    return StudyCurvesDisplay(with_history).plot(axes)


def run_values(result, column: str) -> dict[str, np.ndarray]:
    """Return a column of the runs of each level."""
    return {name: result.runs[column][result.done(name)] for name in result.names}
