"""Learning rate against epoch."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from dlboi.plotting._style import CURVE_STYLES, WIDTH, epoch_axis, new_axes


class ScheduleDisplay:
    """Learning-rate schedule: learning rate against epoch.

    Parameters
    ----------
    epochs : array-like of shape (n_epochs,)
        Numbers of the epochs.

    lr : array-like of shape (n_epochs,)
        Learning rate during each epoch.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the curve.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    line_ : matplotlib.lines.Line2D
        The curve.

    See Also
    --------
    TrainingHistoryDisplay : Loss and accuracy against epoch.

    Notes
    -----
    The axis of the learning rate is logarithmic where the rates span two decades or more, a third
    of the epochs have a tenth of the largest or less, and none is zero.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import ScheduleDisplay
    >>> display = ScheduleDisplay([1, 2, 3, 4], [1e-3, 1e-3, 1e-4, 1e-4]).plot()
    >>> display.ax_.get_ylabel()
    'Learning rate'
    >>> plt.close(display.figure_)
    """

    def __init__(self, epochs: ArrayLike, lr: ArrayLike):
        self.epochs = epochs
        self.lr = lr

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, line_kw: dict | None = None):
        """Draw the learning rates that a classifier was trained with.

        Parameters
        ----------
        estimator : object
            Fitted classifier; its `history_` holds `epoch` and `lr`.

        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        line_kw : dict, default=None
            Properties of the curve, such as its label.

        Returns
        -------
        display : ScheduleDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Where the classifier is not fitted.
        """
        if not hasattr(estimator, "history_"):
            check_is_fitted(estimator, "history_")
        history = estimator.history_
        return cls(history["epoch"], history["lr"]).plot(ax, line_kw=line_kw)

    def plot(self, ax=None, *, line_kw: dict | None = None):
        """Draw the schedule.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        line_kw : dict, default=None
            Properties of the curve, such as its label.

        Returns
        -------
        display : ScheduleDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where `epochs` and `lr` are empty, not 1-D or of different lengths.
        """
        epochs, lr = np.asarray(self.epochs), np.asarray(self.lr, dtype=float)
        if epochs.ndim != 1 or epochs.size == 0 or epochs.shape != lr.shape:
            raise ValueError(
                "The 'epochs' and 'lr' parameters of ScheduleDisplay must be 1-D arrays of the"
                f" same length, at least 1. Got shapes {epochs.shape} and {lr.shape} instead."
            )
        if ax is None:
            ax = new_axes(figsize=(WIDTH * 0.66, 3.2))[0, 0]
        # One rate holds during a whole epoch, hence steps.
        style = {**CURVE_STYLES[0], "drawstyle": "steps-mid", "markersize": 4}
        style = {**style, "markevery": max(1, epochs.size // 50), **(line_kw or {})}
        (self.line_,) = ax.plot(epochs, lr, **style)
        if _spans_decades(lr):
            ax.set_yscale("log")
            ax.autoscale(axis="y")  # an earlier curve may have set limits below 0
        elif lr.min() >= 0 and ax.get_yscale() == "linear":
            ax.set_ylim(bottom=-0.03 * ax.get_ylim()[1])
        ax.set_ylabel("Learning rate")
        epoch_axis(ax, epochs)
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _spans_decades(lr):
    """Whether rates differ by two decades, and not for a few epochs at the end of a cosine only."""
    if lr.min() <= 0 or lr.max() / lr.min() < 100:
        return False
    return (lr <= lr.max() / 9).mean() >= 1 / 3
