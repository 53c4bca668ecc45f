"""How a classifier does on a test set: confusion matrix, ROC curves and reliability."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from dlboi.plotting._evaluation_panels import (
    NAME_WIDTH,
    draw_confusion,
    draw_legend,
    draw_reliability,
    draw_roc,
)
from dlboi.plotting._labels import label_names, labels_of
from dlboi.plotting._style import WIDTH, given_axes, wrapped

# With more classes, or longer names, the confusion matrix takes the width of the figure.
_MAX_BESIDE, _SHORT = 3, 12


class EvaluationDisplay:
    """Confusion matrix, ROC curves with their bands, and reliability curve of a test set.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_proba : array-like of shape (n_samples, n_classes)
        Predicted probabilities. The class of the largest one is taken as predicted.

    classes : array-like of shape (n_classes,), default=None
        Sorted labels, one a column of `y_proba`; with two, the second is the positive one. None
        takes the labels that occur in `y_true`.

    groups : array-like of shape (n_samples,), default=None
        The patient (or slide) of each image. Bands and intervals are then over patients; None
        takes the images to be independent.

    display_labels : sequence of str of length n_classes, default=None
        Name to show for each of `classes`.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which each interval is to hold the true value.

    Attributes
    ----------
    axes_ : ndarray of shape (3,) of matplotlib.axes.Axes
        Axes of the confusion matrix, the ROC curves and the reliability curve.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    See Also
    --------
    dlboi.metrics.roc_band : The band of a ROC curve.
    dlboi.metrics.proportion_interval : The intervals of the reliability curve.

    Notes
    -----
    Each cell of the confusion matrix has the share of the images of its true class, and their
    number. With two classes the ROC curve and the reliability curve are those of the positive
    class. With more there is a ROC curve of each class against the rest, with a band for up to
    three classes and the interval of its area in the legend, and the reliability curve is that of
    the predicted class. The points of the reliability curve stand for up to ten bins of equal
    numbers of images; bars behind them show where the probabilities lie.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from dlboi.plotting import EvaluationDisplay
    >>> rng = np.random.default_rng(0)
    >>> y_true = rng.integers(0, 2, 60)
    >>> score = 1 / (1 + np.exp(-rng.normal(2 * y_true - 1)))
    >>> y_proba = np.stack([1 - score, score], axis=1)
    >>> display = EvaluationDisplay(y_true, y_proba, display_labels=["well", "ill"]).plot()
    >>> [ax.get_ylabel() for ax in display.axes_]
    ['True class', 'Sensitivity (ill)', 'Share that is ill']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        display_labels: Sequence[str] | None = None,
        confidence_level: float = 0.95,
    ):
        self.y_true = y_true
        self.y_proba = y_proba
        self.classes = classes
        self.groups = groups
        self.display_labels = display_labels
        self.confidence_level = confidence_level

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X: ArrayLike | Sequence,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        display_labels: Sequence[str] | None = None,
        confidence_level: float = 0.95,
        axes=None,
    ):
        """Draw how a classifier does on images.

        Parameters
        ----------
        estimator : object
            Fitted classifier with `predict_proba` and `classes_`.

        X : array-like
            Images, in any layout that the classifier takes.

        y : array-like of shape (n_samples,)
            True labels.

        groups : array-like of shape (n_samples,), default=None
            The patient (or slide) of each image.

        display_labels : sequence of str of length n_classes, default=None
            Name to show for each of the classifier's `classes_`.

        confidence_level : float, default=0.95
            Confidence level of the intervals.

        axes : sequence of three matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : EvaluationDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Where the classifier is not fitted.
        """
        if not hasattr(estimator, "classes_"):
            check_is_fitted(estimator, "classes_")
        y = labels_of(X, y, "y", f"{cls.__name__}.from_estimator")
        return cls(
            y,
            estimator.predict_proba(X),
            classes=estimator.classes_,
            groups=groups,
            display_labels=display_labels,
            confidence_level=confidence_level,
        ).plot(axes)

    def plot(self, axes=None):
        """Draw the three panels.

        Parameters
        ----------
        axes : sequence of three matplotlib.axes.Axes, default=None
            Axes of the confusion matrix, the ROC curves and the reliability curve. None makes a
            figure.

        Returns
        -------
        display : EvaluationDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no image, `y_proba` does not hold a finite probability of each class for
            each image, `classes` lacks a label of `y_true`, or `groups` does not name the group of
            each image.
        """
        codes, proba, names = self._check()
        own_figure = axes is None
        axes = _new_axes(names) if own_figure else axes
        self.axes_ = given_axes(axes, 3, "EvaluationDisplay.plot")[:3]
        self.figure_ = self.axes_[0].figure
        options = {"groups": self.groups, "confidence_level": self.confidence_level}
        draw_confusion(self.axes_[0], codes, proba, names)
        draw_roc(self.axes_[1], codes, proba, names, **options)
        draw_reliability(self.axes_[2], codes, proba, names, **options)
        for position, title in ((1, "Area under the curve"), (2, None)):
            draw_legend(self.axes_[position], axes[position + 2] if own_figure else None, title)
        return self

    def _check(self):
        caller = type(self).__name__
        proba = np.asarray(self.y_proba, dtype=float)
        y_true = labels_of(proba, self.y_true, "y_true", caller)
        names = label_names(y_true, self.classes, self.display_labels, caller)
        shape = (len(y_true), len(names))
        if proba.shape != shape or len(names) < 2 or not np.isfinite(proba).all():
            raise ValueError(
                f"The 'y_proba' parameter of {caller} must hold a finite probability for each image"
                f" and each of the classes {list(names)}, of which there must be at least two. Got"
                f" shape {proba.shape} instead{'' if np.isfinite(proba).all() else ', with NaN'}."
                " Name all columns with 'classes'."
            )
        codes = np.array([list(names).index(label) for label in y_true.tolist()])
        return codes, proba, list(names.values())


def _new_axes(names):
    """Return new axes, three for the panels and two for the legends of the curves.

    The panels stand in a row for few classes with short names, else the matrix above the curves.
    """
    import matplotlib.pyplot as plt

    longest = max(map(len, names))
    legend = 0.3 + 0.17 * max(6, len(names) * (1 + longest // 28))
    if len(names) <= _MAX_BESIDE and longest <= _SHORT:
        layout, heights, width = [["matrix", "roc", "bins"], [".", "l1", "l2"]], [2.9], WIDTH * 1.25
    else:
        n_lines = max(wrapped(f"12: {name}", NAME_WIDTH).count("\n") + 1 for name in names)
        heights, width = [0.9 + len(names) * max(0.38, 0.08 + 0.17 * n_lines), 3.6], WIDTH
        layout = [["matrix", "matrix"], ["roc", "bins"], ["l1", "l2"]]
    heights = [*heights, legend]
    figure = plt.figure(figsize=(width, sum(heights)), layout="constrained")
    axes = figure.subplot_mosaic(layout, gridspec_kw={"height_ratios": heights})
    for name in ("l1", "l2"):
        axes[name].set_axis_off()
    return [axes[name] for name in ("matrix", "roc", "bins", "l1", "l2")]
