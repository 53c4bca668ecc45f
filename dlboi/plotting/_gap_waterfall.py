"""Where accuracy is lost between validation and test."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._interval_rows import beside, label_rows, row_arrays, row_names
from dlboi.plotting._style import PALETTE, WIDTH, new_axes


class GapWaterfallDisplay:
    """From the accuracy in validation to that on the test set, one step a row.

    Each bar goes from the accuracy before a step to that after it: to the left and plain where
    accuracy is lost, to the right and hatched where it is gained. The line through its end is the
    interval of the step, and the numbers beside it are what the step costs.

    Parameters
    ----------
    names : sequence of str
        Names of the steps.

    estimates : array-like of shape (n_steps,)
        Accuracy that each step costs, as a fraction; negative where it is gained.

    lows : array-like of shape (n_steps,)
        Lower bounds of the intervals; NaN where there is none.

    highs : array-like of shape (n_steps,)
        Upper bounds of the intervals.

    start : float
        Accuracy before the first step, as a fraction.

    start_name : str, default="validation"
        What it is the accuracy of.

    end_name : str, default="test"
        What the accuracy after the last step is of.

    confidence_level : float, default=0.95
        Confidence level of the intervals, for the heading of the numbers.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the steps.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    bars_ : list of matplotlib.patches.Rectangle
        The bars, one a step.

    See Also
    --------
    dlboi.studies.dataset_bias_study : Measures the steps.

    Notes
    -----
    The accuracy after the last step is the first one less the sum of the estimates.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import GapWaterfallDisplay
    >>> display = GapWaterfallDisplay(
    ...     ["leakage", "ranking"], [0.05, 0.10], [0.03, 0.06], [0.07, 0.14], start=0.95
    ... ).plot()
    >>> [text.get_text() for text in display.ax_.get_yticklabels()]
    ['validation', 'leakage', 'ranking', 'test']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        names: Sequence[str],
        estimates: ArrayLike,
        lows: ArrayLike,
        highs: ArrayLike,
        start: float,
        *,
        start_name: str = "validation",
        end_name: str = "test",
        confidence_level: float = 0.95,
    ):
        self.names = names
        self.estimates = estimates
        self.lows = lows
        self.highs = highs
        self.start = start
        self.start_name = start_name
        self.end_name = end_name
        self.confidence_level = confidence_level

    def plot(self, ax=None):
        """Draw the steps.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : GapWaterfallDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no step, two have the same name, the arrays are not as long as `names`,
            or an estimate is not finite.
        """
        names, estimates, lows, highs = self._check()
        if ax is None:
            ax = new_axes(figsize=(WIDTH, 1.2 + 0.42 * (len(names) + 2)))[0, 0]
        self.ax_, self.figure_ = ax, ax.figure
        label_rows(ax, [self.start_name, *names, self.end_name])
        accuracy = 100 * (self.start - np.concatenate([[0], np.cumsum(estimates)]))
        places = np.arange(1, len(names) + 1)
        self.bars_ = self._draw_bars(places, accuracy)
        known = np.isfinite(lows) & np.isfinite(highs)
        ends = [(accuracy[:-1] - 100 * bounds)[known] for bounds in (highs, lows)]
        ax.hlines(places[known], *ends, color="black", lw=1.5)
        for end in ends:
            ax.plot(end, places[known], "|", color="black", ms=8, mew=1.5)
        # Each level is carried on to the next row.
        rows = np.arange(len(accuracy))
        ax.vlines(accuracy, rows, rows + 1, color="0.35", lw=1, ls=(0, (2, 2)))
        for row, value in ((0, accuracy[0]), (len(names) + 1, accuracy[-1])):
            ax.plot([value], [row], "D", color=PALETTE["black"], ms=7)
            beside(ax, row, f"{value:.1f} %", fontweight="bold")
        for place, values in zip(places, zip(estimates, lows, highs, strict=True), strict=True):
            beside(ax, place, _cost(*values), fontsize=9)
        level = f"{100 * self.confidence_level:g} % interval"
        beside(ax, -0.75, f"points lost\n({level})", fontsize=8, color="0.35")
        ax.use_sticky_edges = False  # bars would hold the limits to their ends
        ax.margins(x=0.08)
        ax.set_xlabel("Accuracy (%)")
        return self

    def _draw_bars(self, places, accuracy):
        bars = []
        for place, before, after in zip(places, accuracy[:-1], accuracy[1:], strict=True):
            is_loss = after <= before
            color = PALETTE["vermillion" if is_loss else "sky"]
            (bar,) = self.ax_.barh(
                place,
                after - before,
                left=before,
                height=0.5,
                color=color,
                alpha=0.75,
                hatch=None if is_loss else "////",
                edgecolor="white" if not is_loss else color,
            )
            bars.append(bar)
        return bars

    def _check(self):
        caller = "GapWaterfallDisplay"
        names = row_names(caller, self.names)
        estimates, lows, highs = row_arrays(
            caller, (len(names),), estimates=self.estimates, lows=self.lows, highs=self.highs
        )
        if not np.isfinite([*estimates, self.start]).all():
            raise ValueError(
                f"The 'estimates' and 'start' parameters of {caller} must be finite: a step that "
                f"is not known is left out. Got {estimates} and {self.start} instead."
            )
        return names, estimates, lows, highs


def _cost(estimate, low, high):
    """Return e.g. "3.1 (1.2 to 5.0)", in points."""
    bounds = f"{_points(low)} to {_points(high)}" if np.isfinite([low, high]).all() else "n/a"
    return f"{_points(estimate)} ({bounds})"


def _points(value):
    return f"{round(100 * float(value), 1) + 0.0:.1f}".replace("-", "−")  # no "−0.0"
