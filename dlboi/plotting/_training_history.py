"""Loss and accuracy against epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from dlboi.plotting._style import CURVE_STYLES, WIDTH, epoch_axis, given_axes, new_axes, plain

_PANELS = (("loss", "Cross-entropy loss (nats)", 1), ("accuracy", "Accuracy (%)", 100))


class TrainingHistoryDisplay:
    """Learning curves: loss and accuracy against epoch.

    Parameters
    ----------
    history : mapping of str to array-like of shape (n_epochs,)
        `epoch`, counted from 1, `train_loss`, `train_accuracy`, where there was validation data
        `validation_loss` and `validation_accuracy`, and for each monitor set M `M_loss` and
        `M_accuracy`. Accuracies lie in [0, 1]. Other entries are left alone.

    best_epoch : int, default=None
        Epoch to mark, the one whose weights the classifier kept. None marks none.

    monitor_names : sequence of str, default=None
        Monitor sets to draw. None draws all in `history`.

    Attributes
    ----------
    axes_ : ndarray of shape (2,) of matplotlib.axes.Axes
        Axes of the loss and of the accuracy.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    See Also
    --------
    ScheduleDisplay : Learning rate against epoch.

    Notes
    -----
    The losses and accuracies of the training images are means over the epoch, taken while the
    weights move; those of the other sets are taken at its end. In early epochs the training
    images may therefore look worse than the others.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import TrainingHistoryDisplay
    >>> history = {
    ...     "epoch": [1, 2, 3],
    ...     "train_loss": [0.69, 0.41, 0.22],
    ...     "train_accuracy": [0.52, 0.83, 0.94],
    ...     "validation_loss": [0.66, 0.45, 0.47],
    ...     "validation_accuracy": [0.60, 0.81, 0.80],
    ... }
    >>> display = TrainingHistoryDisplay(history, best_epoch=2).plot()
    >>> [ax.get_ylabel() for ax in display.axes_]
    ['Cross-entropy loss (nats)', 'Accuracy (%)']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        history: Mapping[str, ArrayLike],
        *,
        best_epoch: int | None = None,
        monitor_names: Sequence[str] | None = None,
    ):
        self.history = history
        self.best_epoch = best_epoch
        self.monitor_names = monitor_names

    @classmethod
    def from_estimator(cls, estimator, *, axes=None, monitor_names: Sequence[str] | None = None):
        """Draw the learning curves of a classifier.

        Parameters
        ----------
        estimator : object
            Fitted classifier with `history_` and `best_epoch_`.

        axes : sequence of two matplotlib.axes.Axes, default=None
            Axes for the loss and the accuracy. None makes a figure.

        monitor_names : sequence of str, default=None
            Monitor sets to draw. None draws all.

        Returns
        -------
        display : TrainingHistoryDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Where the classifier is not fitted.
        """
        if not hasattr(estimator, "history_"):
            check_is_fitted(estimator, "history_")
        display = cls(
            estimator.history_,
            best_epoch=getattr(estimator, "best_epoch_", None),
            monitor_names=monitor_names,
        )
        return display.plot(axes)

    def plot(self, axes=None):
        """Draw the curves.

        Parameters
        ----------
        axes : sequence of two matplotlib.axes.Axes, default=None
            Axes for the loss and the accuracy. None makes a figure.

        Returns
        -------
        display : TrainingHistoryDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where an entry of `history` is missing or not as long as the others, `monitor_names`
            holds a set that is not there, or `best_epoch` is not among the epochs.
        """
        names, columns = self._check()
        epochs = columns["epoch"]
        own_figure = axes is None
        axes = (
            new_axes(1, 2, figsize=(WIDTH, 3.2))[0]
            if own_figure
            else given_axes(axes, 2, "TrainingHistoryDisplay.plot")[:2]
        )
        for ax, (quantity, label, factor) in zip(axes, _PANELS, strict=True):
            handles = []
            for position, name in enumerate(names):
                handles += ax.plot(
                    epochs,
                    factor * columns[f"{name}_{quantity}"],
                    label=_label(name),
                    markersize=4,
                    # Markers that touch hide the dashes; curves start at different ones.
                    markevery=(position % _stride(epochs), _stride(epochs)),
                    **CURVE_STYLES[position % len(CURVE_STYLES)],
                )
            if self.best_epoch is not None:
                label_of_best = f"best epoch ({self.best_epoch})"
                handles.append(
                    ax.axvline(
                        self.best_epoch, color="0.35", linestyle=(0, (2, 2)), label=label_of_best
                    )
                )
            ax.set_ylabel(label)
            epoch_axis(ax, epochs)
        self.axes_, self.figure_ = axes, axes[0].figure
        widest = max(len(handle.get_label()) for handle in handles)
        n_columns = max(1, min(len(handles), int(WIDTH / (0.6 + 0.085 * widest))))
        if own_figure:
            where = {"loc": "outside lower center", "ncols": n_columns}
            n_rows = -(-len(handles) // n_columns)
            self.figure_.set_figheight(self.figure_.get_figheight() + 0.22 * n_rows)
        else:
            where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.02), "ncols": 2}
        legend = (self.figure_ if own_figure else axes[0]).legend(handles=handles, **where)
        plain(*legend.get_texts())
        return self

    def _check(self):
        columns = {name: np.asarray(column) for name, column in self.history.items()}
        names = ["train"]
        if {"validation_loss", "validation_accuracy"} <= columns.keys():
            names.append("validation")
        names += self._monitors(columns)
        needed = ["epoch", *(f"{name}_{panel[0]}" for name in names for panel in _PANELS)]
        missing = [name for name in needed if name not in columns]
        if missing:
            raise ValueError(
                "The 'history' parameter of TrainingHistoryDisplay must hold 'epoch' and the loss"
                f" and accuracy of each set. Got none for {missing} instead."
            )
        shape = columns["epoch"].shape
        if len(shape) != 1 or shape[0] == 0 or any(columns[n].shape != shape for n in needed):
            shapes = {name: columns[name].shape for name in needed}
            raise ValueError(
                "The 'history' parameter of TrainingHistoryDisplay must hold 1-D arrays of the same"
                f" length, at least 1. Got the shapes {shapes} instead."
            )
        if self.best_epoch is not None and self.best_epoch not in columns["epoch"]:
            raise ValueError(
                "The 'best_epoch' parameter of TrainingHistoryDisplay must be one of the epochs"
                f" {columns['epoch'].min()} to {columns['epoch'].max()}. Got {self.best_epoch!r}"
                " instead."
            )
        return names, columns

    def _monitors(self, columns):
        if self.monitor_names is not None:
            return list(self.monitor_names)
        names = [name.removesuffix("_loss") for name in columns if name.endswith("_loss")]
        return [name for name in names if name not in ("train", "validation")]


def _label(name):
    return name if name in ("train", "validation") else f"{name} (monitor)"


def _stride(epochs):
    return max(1, len(epochs) // 10)
