"""How well two sets of images are told apart, beside what one set alone gives."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._interval_rows import draw_estimates, label_rows, row_arrays, row_names
from dlboi.plotting._style import PALETTE, WIDTH, new_axes


class TwoSampleDisplay:
    """Classifier two-sample tests, one a row, beside their controls.

    A classifier is asked which of two sets an image comes from. The controls ask the same of parts
    of one set: drawn at random, and one after the other in the order of the images, as data that
    are collected over years drift even where nothing is wrong.

    Parameters
    ----------
    names : sequence of str
        What is told apart, such as the classes.

    estimates : array-like of shape (n_names,)
        Areas under the ROC curve; NaN where there is none.

    lows : array-like of shape (n_names,)
        Lower bounds of the intervals; NaN where there is none.

    highs : array-like of shape (n_names,)
        Upper bounds of the intervals.

    random : sequence of array-like of shape (n_controls,), default=None
        For each name the areas of parts that are drawn at random.

    ordered : sequence of array-like of shape (n_controls,), default=None
        For each name the areas of parts that follow each other.

    bounds : array-like of shape (n_names,), default=None
        Areas that parts which follow each other hardly exceed, drawn as bars; NaN where there is
        none.

    set_names : tuple of (str, str), default=("train", "test")
        Names of the two sets.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the areas.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    See Also
    --------
    dlboi.studies.dataset_bias_study : Measures the areas.

    Notes
    -----
    At 0.5, the line, the sets are not told apart. That they are told apart does not say that a
    classifier of diseases does worse on one of them [1]_.

    References
    ----------
    .. [1] Lopez-Paz, D. and Oquab, M. (2017). Revisiting classifier two-sample tests. ICLR.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import TwoSampleDisplay
    >>> display = TwoSampleDisplay(
    ...     ["NORMAL", "PNEUMONIA"],
    ...     [0.91, 0.62],
    ...     [0.88, 0.57],
    ...     [0.94, 0.67],
    ...     random=[[0.48, 0.52], [0.50, 0.51]],
    ...     ordered=[[0.58, 0.55], [0.60, 0.63]],
    ... ).plot()
    >>> [text.get_text() for text in display.ax_.get_yticklabels()]
    ['NORMAL', 'PNEUMONIA']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        names: Sequence[str],
        estimates: ArrayLike,
        lows: ArrayLike,
        highs: ArrayLike,
        *,
        random: Sequence[ArrayLike] | None = None,
        ordered: Sequence[ArrayLike] | None = None,
        bounds: ArrayLike | None = None,
        set_names: tuple[str, str] = ("train", "test"),
    ):
        self.names = names
        self.estimates = estimates
        self.lows = lows
        self.highs = highs
        self.random = random
        self.ordered = ordered
        self.bounds = bounds
        self.set_names = set_names

    def plot(self, ax=None):
        """Draw the areas.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : TwoSampleDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no name, two are the same, or there is not one estimate, bound and set
            of controls for each.
        """
        names, arrays, bounds, controls = self._check()
        own_figure = ax is None
        if own_figure:
            ax = new_axes(figsize=(WIDTH, 1.5 + 0.6 * len(names)))[0, 0]
        self.ax_, self.figure_ = ax, ax.figure
        label_rows(ax, names)
        first, second = self.set_names
        interval = " (95 % interval)" if np.isfinite(arrays[1:]).any() else ""
        ax.axvline(0.5, color="0.35", linestyle=(0, (2, 2)), lw=1, label="not told apart")
        draw_estimates(
            ax,
            np.arange(len(names)) - 0.22,
            *arrays,
            color=PALETTE["vermillion"],
            label=f"{second} told from {first}{interval}",
        )
        if np.isfinite(bounds).any():
            label = "what another such part hardly exceeds"
            where = np.arange(len(names)) + 0.25
            style = {"color": PALETTE["green"], "ms": 16, "mew": 2.5, "label": label}
            ax.plot(bounds, where, "|", **style)
        styles = (("o", PALETTE["blue"], f"random parts of {first}"),)
        styles += (("^", PALETTE["green"], f"parts of {first}, one after the other"),)
        for shift, values, (marker, color, label) in zip(
            (0.05, 0.25), controls, styles, strict=True
        ):
            if values is None:
                continue
            rows = np.repeat(np.arange(len(names)), [len(row) for row in values])
            style = {"color": color, "ms": 4.5, "alpha": 0.7, "mew": 0, "label": label}
            ax.plot(np.concatenate(values), rows + shift, marker, **style)
        ax.margins(x=0.06)
        ax.set_xlabel("Area under the ROC curve (1: always told apart)")
        self._draw_legend(own_figure)
        return self

    def _draw_legend(self, own_figure):
        handles, _ = self.ax_.get_legend_handles_labels()
        if own_figure:
            legend = self.figure_.legend(handles=handles, loc="outside lower center", ncols=2)
        else:
            where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
            legend = self.ax_.legend(handles=handles, fontsize=8, ncols=2, **where)
        for text in legend.get_texts():
            text.set_parse_math(False)

    def _check(self):
        names = row_names("TwoSampleDisplay", self.names)
        arrays = row_arrays(
            "TwoSampleDisplay",
            (len(names),),
            estimates=self.estimates,
            lows=self.lows,
            highs=self.highs,
        )
        nothing = np.full(len(names), np.nan)
        given = nothing if self.bounds is None else self.bounds
        (bounds,) = row_arrays("TwoSampleDisplay", (len(names),), bounds=given)
        controls = []
        for parameter in ("random", "ordered"):
            values = getattr(self, parameter)
            if values is not None and len(values) != len(names):
                raise ValueError(
                    f"The '{parameter}' parameter of TwoSampleDisplay must have the areas of each "
                    f"of the {len(names)} names. Got those of {len(values)} instead."
                )
            controls.append(
                None if values is None else [np.asarray(v, dtype=float).ravel() for v in values]
            )
        return names, arrays, bounds, controls
