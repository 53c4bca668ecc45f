"""Accuracy by where images come from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._interval_rows import draw_estimates, label_rows, row_arrays, row_names
from dlboi.plotting._style import CURVE_STYLES, WIDTH, new_axes, plain


class OriginAccuracyDisplay:
    """Accuracy under several divisions, separately for the images of each origin.

    Rows are divisions; in each, every origin has its own colour, marker and line. Where images
    are pooled and divided anew, this shows what their common mean hides.

    Parameters
    ----------
    names : sequence of str
        Names of the divisions.

    origins : sequence of str
        Names of the origins, such as train and test.

    estimates : array-like of shape (n_divisions, n_origins)
        Accuracies as fractions; NaN where there is none.

    lows : array-like of shape (n_divisions, n_origins)
        Lower bounds of the intervals; NaN where there is none.

    highs : array-like of shape (n_divisions, n_origins)
        Upper bounds of the intervals.

    confidence_level : float, default=0.95
        Confidence level of the intervals, for the label of the axis.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the accuracies.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    See Also
    --------
    dlboi.studies.dataset_bias_study : Measures the accuracies.

    Notes
    -----
    An accuracy without an interval is drawn hollow.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import OriginAccuracyDisplay
    >>> display = OriginAccuracyDisplay(
    ...     ["as given", "pooled, by image"],
    ...     ["train", "test"],
    ...     [[0.95, 0.80], [0.96, 0.86]],
    ...     [[0.93, 0.74], [0.95, 0.80]],
    ...     [[0.97, 0.86], [0.97, 0.92]],
    ... ).plot()
    >>> display.ax_.get_xlabel()
    'Accuracy (%), 95 % intervals'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        names: Sequence[str],
        origins: Sequence[str],
        estimates: ArrayLike,
        lows: ArrayLike,
        highs: ArrayLike,
        *,
        confidence_level: float = 0.95,
    ):
        self.names = names
        self.origins = origins
        self.estimates = estimates
        self.lows = lows
        self.highs = highs
        self.confidence_level = confidence_level

    def plot(self, ax=None):
        """Draw the accuracies.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : OriginAccuracyDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no division, two have the same name, or the arrays have not one row a
            division and one column an origin.
        """
        names = row_names("OriginAccuracyDisplay", self.names)
        shape = (len(names), len(self.origins))
        estimates, lows, highs = row_arrays(
            "OriginAccuracyDisplay",
            shape,
            estimates=self.estimates,
            lows=self.lows,
            highs=self.highs,
        )
        own_figure = ax is None
        if own_figure:
            ax = new_axes(figsize=(WIDTH, 1.3 + len(names) * (0.3 + 0.17 * shape[1])))[0, 0]
        self.ax_, self.figure_ = ax, ax.figure
        label_rows(ax, names)
        for column, origin in enumerate(self.origins):
            shift = 0.22 * (column - (shape[1] - 1) / 2)
            style = CURVE_STYLES[column % len(CURVE_STYLES)]
            draw_estimates(
                ax,
                np.arange(len(names)) + shift,
                *(100 * values[:, column] for values in (estimates, lows, highs)),
                color=style["color"],
                marker=style["marker"],
                label=f"images of {origin}",
            )
        for row, column in np.argwhere(np.isnan(estimates)):
            shift = 0.22 * (column - (shape[1] - 1) / 2)
            ax.text(
                0.5,
                row + shift,
                f"{self.origins[column]}: n/a",
                transform=ax.get_yaxis_transform(),
                fontsize=8,
                color="0.35",
                ha="center",
                va="center",
            )
        ax.margins(x=0.06)
        ax.set_xlabel(f"Accuracy (%), {100 * self.confidence_level:g} % intervals")
        self._draw_legend(own_figure)
        return self

    def _draw_legend(self, own_figure):
        handles, _ = self.ax_.get_legend_handles_labels()
        if not handles:
            return
        if own_figure:
            legend = self.figure_.legend(handles=handles, loc="outside lower center", ncols=4)
        else:
            where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
            legend = self.ax_.legend(handles=handles, fontsize=8, ncols=2, **where)
        plain(*legend.get_texts())
