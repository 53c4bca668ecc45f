"""Slopes of loss curves."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from dlboi.metrics import loss_slope
from dlboi.plotting._style import WIDTH, curve_style, epoch_axis, new_axes, plain, wrapped


class LossSlopeDisplay:
    """Loss curves over the last epochs, with fitted lines and their slopes.

    Each seed has a pale curve. The line has the mean slope of the seeds, which the legend gives
    with its interval over them.

    Parameters
    ----------
    epochs : array-like of shape (n_epochs,)
        Numbers of the epochs that the lines are fitted to.

    losses : mapping of str to array-like of shape (n_seeds, n_epochs)
        Losses in nats, one curve a seed, by what they are of.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which each interval is to hold the mean slope.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the curves.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    legend_ : matplotlib.legend.Legend
        Names and slopes.

    lines_ : dict of str to matplotlib.lines.Line2D
        The fitted lines.

    slopes_ : dict of str to dlboi.metrics.MeanInterval
        Slopes in nats an epoch.

    See Also
    --------
    dlboi.metrics.loss_slope : The slopes and their intervals.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import LossSlopeDisplay
    >>> losses = {"train": [[0.2, 0.1, 0.1], [0.3, 0.2, 0.1]], "validation": [[0.2, 0.3, 0.3]]}
    >>> display = LossSlopeDisplay([31, 32, 33], losses).plot()
    >>> for text in display.legend_.get_texts():
    ...     print(text.get_text())
    train: −75.0 (−392.7 to 242.7)
    validation: 50.0 (one seed, no interval)
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        epochs: ArrayLike,
        losses: Mapping[str, ArrayLike],
        *,
        confidence_level: float = 0.95,
    ):
        self.epochs = epochs
        self.losses = losses
        self.confidence_level = confidence_level

    def plot(self, ax=None):
        """Draw curves and lines.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : LossSlopeDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there are fewer than two epochs, no losses, or losses that are not finite or
            have not one column an epoch.
        """
        epochs, losses = self._check()
        self.slopes_ = {
            name: loss_slope(curves, epochs=epochs, confidence_level=self.confidence_level)
            for name, curves in losses.items()
        }
        entries = _entries(self.slopes_)
        own_figure = ax is None
        if own_figure:
            n_lines = sum(entry.count("\n") + 1 for entry in entries)
            ax = new_axes(figsize=(WIDTH * 0.8, 3.6 + 0.2 * n_lines))[0, 0]
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, {}
        for position, (name, curves) in enumerate(losses.items()):
            style = {**curve_style(position), "markersize": 6, "linewidth": 2}
            pale = {"color": style["color"], "alpha": 0.3, "linewidth": 0.8}
            ax.plot(epochs, curves.T, **pale)
            fitted = curves.mean() + self.slopes_[name].estimate * (epochs - epochs.mean())
            (self.lines_[name],) = ax.plot(
                epochs, fitted, markevery=(position % len(epochs), len(epochs)), **style
            )
        ax.set_ylabel("Cross-entropy loss (nats)")
        epoch_axis(ax, epochs)
        self._draw_legend(entries, own_figure)
        return self

    def _draw_legend(self, entries, own_figure):
        level = f"{100 * self.confidence_level:g} % interval over seeds"
        title = f"Slope in thousandths of a nat an epoch ({level})"
        if own_figure:
            owner, where = self.figure_, {"loc": "outside lower center"}
        else:
            owner, where = self.ax_, {"loc": "best", "fontsize": 8, "title_fontsize": 8}
        self.legend_ = owner.legend(
            self.lines_.values(), entries, title=title, handlelength=3, **where
        )
        plain(*self.legend_.get_texts())

    def _check(self):
        epochs = np.asarray(self.epochs, dtype=float)
        if epochs.ndim != 1 or epochs.size < 2:
            raise ValueError(
                "The 'epochs' parameter of LossSlopeDisplay must be 1-D, with at least two epochs."
                f" Got shape {epochs.shape} instead."
            )
        if not self.losses:
            raise ValueError(
                "The 'losses' parameter of LossSlopeDisplay must hold at least one array of curves."
                " Got none instead."
            )
        losses = {name: np.asarray(curves, dtype=float) for name, curves in self.losses.items()}
        for name, curves in losses.items():
            shape = curves.shape
            if len(shape) != 2 or not shape[0] or shape[1] != epochs.size:
                got = f"shape {shape}"
            elif not np.isfinite(curves).all():
                got = "NaN or infinity"
            else:
                continue
            raise ValueError(
                "The 'losses' parameter of LossSlopeDisplay must hold finite losses of shape"
                f" (n_seeds, {epochs.size}). Got {got} at {name!r} instead."
            )
        return epochs, losses


def _entries(slopes):
    """Return for each slope its name, estimate and interval in thousandths."""
    largest = max((abs(s.estimate) for s in slopes.values()), default=0) * 1000
    decimals = int(np.clip(2 - np.floor(np.log10(largest)), 0, 4)) if largest > 0 else 0
    entries = []
    for name, slope in slopes.items():
        estimate, low, high = (f"{1000 * v:.{decimals}f}".replace("-", "−") for v in slope[:3])
        interval = "one seed, no interval" if np.isnan(slope.low) else f"{low} to {high}"
        entry = f"{name}: {estimate} ({interval})"
        # Numbers are not broken.
        short = len(entry) <= 64
        entries.append(entry if short else f"{wrapped(name, 64)}:\n{estimate} ({interval})")
    return entries
