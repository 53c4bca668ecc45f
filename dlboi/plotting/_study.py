"""Levels of a study with their intervals."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._style import CURVE_STYLES, WIDTH, new_axes, plain, wrapped

_NAME_WIDTH = 30


class StudyDisplay:
    """Levels of a study: the estimate of each with its interval, and the single runs as dots.

    Levels stand below each other, in their order, so that there is room for long names.

    Parameters
    ----------
    names : sequence of str
        Names of the levels.

    estimates : array-like of shape (n_levels,)
        Estimate of each level; NaN where there is none, as all of its runs failed.

    lows : array-like of shape (n_levels,)
        Lower bounds of the intervals; NaN where there is none, as for a single run.

    highs : array-like of shape (n_levels,)
        Upper bounds of the intervals.

    runs : sequence of array-like of shape (n_runs,), default=None
        Values of the single runs of each level, in the order of `names`. NaN are left out.

    reference : str, default=None
        Level that the others are compared with: a line marks its estimate.

    label : str, default="Accuracy"
        What is estimated, with its unit.

    confidence_level : float, default=0.95
        Confidence level of the intervals, for the legend.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the levels.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    See Also
    --------
    StudyCurvesDisplay : Learning curves of the levels.

    Notes
    -----
    An estimate without an interval is drawn hollow. Intervals of two levels may overlap though
    their difference is clear, as a difference within the same runs varies less.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import StudyDisplay
    >>> display = StudyDisplay(
    ...     ["ANN", "CNN"],
    ...     [0.827, 0.920],
    ...     [0.789, 0.895],
    ...     [0.865, 0.945],
    ...     runs=[[0.81, 0.84, 0.83], [0.92, 0.93, 0.91]],
    ...     reference="ANN",
    ... ).plot()
    >>> [text.get_text().split() for text in display.ax_.get_yticklabels()]
    [['ANN', '(reference)'], ['CNN']]
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        names: Sequence[str],
        estimates: ArrayLike,
        lows: ArrayLike,
        highs: ArrayLike,
        *,
        runs: Sequence[ArrayLike] | None = None,
        reference: str | None = None,
        label: str = "Accuracy",
        confidence_level: float = 0.95,
    ):
        self.names = names
        self.estimates = estimates
        self.lows = lows
        self.highs = highs
        self.runs = runs
        self.reference = reference
        self.label = label
        self.confidence_level = confidence_level

    def plot(self, ax=None):
        """Draw the levels.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : StudyDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no level, two have the same name, the arrays are not as long as
            `names`, a bound lies on the wrong side, or `reference` is not one
            of the levels.
        """
        names, estimates, lows, highs = self._check()
        labels = [wrapped(name, _NAME_WIDTH) or " " for name in names]
        if self.reference is not None:
            labels[names.index(self.reference)] += "\n(reference)"
        lines = np.array([label.count("\n") + 1 for label in labels])
        # Each level takes the height of its name.
        heights = np.maximum(1, 0.55 * lines)
        places = np.cumsum(heights) - heights / 2
        own_figure = ax is None
        if own_figure:
            ax = new_axes(figsize=(WIDTH, 1.15 + 0.36 * heights.sum()))[0, 0]
        self.ax_, self.figure_ = ax, ax.figure
        self._draw_runs(places)
        self._draw_levels(places, estimates, lows, highs)
        if self.reference is not None:
            reference = estimates[names.index(self.reference)]
            ax.axvline(reference, color="0.35", linestyle=(0, (2, 2)), lw=1, zorder=1)
        ax.set_yticks(places, labels)
        ax.set_ylim(heights.sum(), 0)
        ax.tick_params(axis="y", length=0)
        ax.margins(x=0.06)
        ax.grid(axis="x", alpha=0.3)
        plain(ax.set_xlabel(self.label), *ax.get_yticklabels())
        self._draw_legend(own_figure)
        return self

    def _draw_runs(self, places):
        if self.runs is None:
            return
        xs, ys = [], []
        for run, place in zip(self.runs, places, strict=True):
            values = np.sort(np.asarray(run, dtype=float).ravel())
            values = values[np.isfinite(values)]
            xs.append(values)
            # Runs of nearly the same value lie below each other.
            ys.append(place + 0.26 + 0.09 * (np.arange(len(values)) % 3))
        style = {"color": "0.35", "alpha": 0.7, "ms": 3.5, "mew": 0, "label": "single runs"}
        self.ax_.plot(np.concatenate(xs), np.concatenate(ys), "o", **style)

    def _draw_levels(self, places, estimates, lows, highs):
        ax, color = self.ax_, CURVE_STYLES[0]["color"]
        shown = np.isfinite(lows) & np.isfinite(highs) & np.isfinite(estimates)
        level = f"estimate, {100 * self.confidence_level:g} % interval"
        if shown.any():
            ax.hlines(places[shown], lows[shown], highs[shown], color=color, lw=2)
            for bounds in (lows, highs):
                ax.plot(bounds[shown], places[shown], "|", color=color, ms=10, mew=2)
            ax.plot(estimates[shown], places[shown], "D", color=color, ms=6, label=level)
        bare = ~shown & np.isfinite(estimates)
        if bare.any():
            style = {"color": color, "ms": 6, "mfc": "white", "label": "estimate, no interval"}
            ax.plot(estimates[bare], places[bare], "D", **style)
        for place in places[np.isnan(estimates)]:
            position = {"transform": ax.get_yaxis_transform(), "ha": "center", "va": "center"}
            ax.text(0.5, place, "n/a", color="0.35", **position)

    def _draw_legend(self, own_figure):
        handles, _ = self.ax_.get_legend_handles_labels()
        if not handles:
            return
        if own_figure:
            self.figure_.legend(handles=handles, loc="outside lower center", ncols=3)
        else:
            where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
            self.ax_.legend(handles=handles, fontsize=8, ncols=2, **where)

    def _check(self):
        names = [str(name) for name in self.names]
        if not names or len(set(names)) != len(names):
            raise ValueError(
                "The 'names' parameter of StudyDisplay must hold the name of at least one level,"
                f" each once. Got {names} instead."
            )
        arrays = []
        for parameter in ("estimates", "lows", "highs"):
            array = np.asarray(getattr(self, parameter), dtype=float)
            if array.shape != (len(names),):
                raise ValueError(
                    f"The '{parameter}' parameter of StudyDisplay must have one value for each of"
                    f" the {len(names)} levels. Got shape {array.shape} instead."
                )
            arrays.append(array)
        _, lows, highs = arrays
        crossed = np.flatnonzero(lows > highs)
        if crossed.size:
            k = crossed[0]
            raise ValueError(
                "The 'lows' parameter of StudyDisplay must not be above 'highs'. Got"
                f" {lows[k]:g} above {highs[k]:g} at {names[k]!r} instead."
            )
        if self.runs is not None and len(self.runs) != len(names):
            raise ValueError(
                "The 'runs' parameter of StudyDisplay must have the values of each of the"
                f" {len(names)} levels. Got those of {len(self.runs)} instead."
            )
        if self.reference is not None and self.reference not in names:
            raise ValueError(
                "The 'reference' parameter of StudyDisplay must be one of the levels"
                f" {names}. Got {self.reference!r} instead."
            )
        return names, *arrays
