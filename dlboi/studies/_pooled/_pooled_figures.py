"""Figures of a study of pooled images."""

import numpy as np

from dlboi.plotting import OriginAccuracyDisplay, StudyCurvesDisplay
from dlboi.plotting._style import plain
from dlboi.studies._pooled._origins import ALL, FROM_TEST, FROM_TRAIN, origin_names


def draw_origins(result, ax=None) -> OriginAccuracyDisplay:
    """Draw the test accuracy of each division by origin of the images.

    Parameters
    ----------
    result : PooledShuffleResult
        The study.
    ax : matplotlib.axes.Axes, default=None
        None makes a figure.

    Returns
    -------
    OriginAccuracyDisplay
    """
    table = result.table
    values = [
        np.transpose([table[f"{images}{bound}"] for images in (FROM_TRAIN, FROM_TEST)])
        for bound in ("", "_low", "_high")
    ]
    parts = result.settings["training part"], result.settings["test part"]
    return OriginAccuracyDisplay(result.names, parts, *values).plot(ax)


def draw_pooled_curves(result, axes=None) -> StudyCurvesDisplay:
    """Draw the accuracy of each set of images against the epoch, a panel for each division.

    Parameters
    ----------
    result : PooledShuffleResult
        The study.
    axes : sequence of matplotlib.axes.Axes, default=None
        None makes a figure.

    Returns
    -------
    StudyCurvesDisplay
    """
    of_train, of_test = origin_names(result)
    sets = {
        "training": "train",
        "validation": "validation",
        "test": ALL,
        f"test: {of_train}": FROM_TRAIN,
        f"test: {of_test}": FROM_TEST,
    }
    runs = [
        (name, history)
        for name, histories in result.histories.items()
        for history in histories
        if len(history.get("epoch", ()))
    ]
    if not runs:
        raise ValueError(
            "No division of this study has learning curves: only dlboi's classifiers record them. "
            "Use `plot()` for the accuracy by origin."
        )
    curves = {
        title: [
            {"epoch": history["epoch"], f"{name}_accuracy": history[f"{key}_accuracy"]}
            for name, history in runs
            if f"{key}_accuracy" in history
        ]
        for title, key in sets.items()
    }
    # Each division is a column of panels, where a study of levels has a set of images.
    display = StudyCurvesDisplay(curves, quantities=["accuracy"]).plot(axes)
    for ax, name in zip(display.axes_[0], dict.fromkeys(name for name, _ in runs), strict=True):
        plain(ax.set_title(name, fontsize=10))
    bounds = [ax.get_ylim() for ax in display.axes_[0]]
    for ax in display.axes_[0]:  # for divisions to be compared
        ax.set_ylim(min(low for low, _ in bounds), max(high for _, high in bounds))
    return display
