"""A grid of images: samples, or the most confident errors."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.multiclass import unique_labels

from dlboi.plotting._choice import confident_errors, samples_by_class
from dlboi.plotting._images import display_range, show_image, take_images, unflattened
from dlboi.plotting._labels import confidence_of, label_names, labels_of, with_probability
from dlboi.plotting._style import (
    WIDTH,
    draw_title,
    given_axes,
    new_axes,
    plain,
    title_height,
    wrapped,
)


class ImageGridDisplay:
    """Images in a grid, each with a title.

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, h, w, c) or (n, c, h, w)
        Grey or colour images with 1 or 3 channels. Also a sequence of images of different sizes,
        or of paths of image files. It may be empty: the figure then shows `title` alone.

    titles : sequence of str, default=None
        One title for each image.

    title : str, default=None
        Title of a new figure.

    Attributes
    ----------
    axes_ : ndarray of shape (n,) of matplotlib.axes.Axes
        Axes of the images; one without an image where there are none.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    Notes
    -----
    All images share one grey scale, so that their brightness can be compared: 0 to 255 for uint8,
    0 to 1 for floats within it, and from the smallest to the largest value shown for other types.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from dlboi.plotting import ImageGridDisplay
    >>> images = np.random.default_rng(0).random((6, 16, 16))
    >>> y_true = ["well", "ill", "ill", "well", "ill", "well"]
    >>> y_pred = ["well", "well", "ill", "ill", "ill", "well"]
    >>> proba = [0.9, 0.6, 0.7, 0.8, 0.9, 0.9]
    >>> display = ImageGridDisplay.from_predictions(images, y_true, y_pred, proba)
    >>> [ax.get_title() for ax in display.axes_]
    ['well → ill (0.80)', 'ill → well (0.60)']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        images: ArrayLike | Sequence,
        *,
        titles: Sequence[str] | None = None,
        title: str | None = None,
    ):
        self.images = images
        self.titles = titles
        self.title = title

    @classmethod
    @validate_params(
        {"n_images": [Interval(Integral, 1, None, closed="left")]},
        prefer_skip_nested_validation=True,
    )
    def from_labels(
        cls,
        images: ArrayLike | Sequence,
        y: ArrayLike,
        *,
        n_images: int = 16,
        labels: ArrayLike | None = None,
        display_labels: Sequence[str] | None = None,
        axes=None,
    ):
        """Draw samples of each class.

        Parameters
        ----------
        images : array-like
            Images, as in the constructor.

        y : array-like of shape (n,)
            Label of each image.

        n_images : int, default=16
            Largest number of images to draw. The classes get the same share, spread evenly over
            the images of a class in their order.

        labels : array-like of shape (n_classes,), default=None
            All labels. None takes the sorted labels that occur.

        display_labels : sequence of str of length n_classes, default=None
            Name to show for each of `labels`.

        axes : sequence of matplotlib.axes.Axes, default=None
            Axes to draw in, one for each image. None makes a figure.

        Returns
        -------
        display : ImageGridDisplay
        """
        caller = f"{cls.__name__}.from_labels"
        y = labels_of(images, y, "y", caller)
        names = label_names(y, labels, display_labels, caller)
        chosen, title = samples_by_class(y, n_images)
        titles = [names[label] for label in y[chosen].tolist()]
        return cls(take_images(images, chosen), titles=titles, title=title).plot(axes)

    @classmethod
    @validate_params(
        {
            "which": [StrOptions({"errors", "samples"})],
            "n_images": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=True,
    )
    def from_predictions(
        cls,
        images: ArrayLike | Sequence,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        proba: ArrayLike | None = None,
        *,
        which: str = "errors",
        n_images: int = 16,
        labels: ArrayLike | None = None,
        display_labels: Sequence[str] | None = None,
        axes=None,
    ):
        """Draw the most confident errors, or samples, titled "true → predicted (probability)".

        Parameters
        ----------
        images : array-like
            Images, as in the constructor.

        y_true : array-like of shape (n,)
            True label of each image.

        y_pred : array-like of shape (n,)
            Predicted label of each image.

        proba : array-like of shape (n,) or (n, n_classes), default=None
            Probability of the predicted class, or of each of `labels`. Without it, the errors
            come in the order of `images`.

        which : {"errors", "samples"}, default="errors"
            Wrong predictions, the most confident first, or samples of each class.

        n_images : int, default=16
            Largest number of images to draw.

        labels : array-like of shape (n_classes,), default=None
            All labels. None takes the sorted labels that occur.

        display_labels : sequence of str of length n_classes, default=None
            Name to show for each of `labels`.

        axes : sequence of matplotlib.axes.Axes, default=None
            Axes to draw in, one for each image. None makes a figure.

        Returns
        -------
        display : ImageGridDisplay
        """
        caller = f"{cls.__name__}.from_predictions"
        y_true = labels_of(images, y_true, "y_true", caller)
        y_pred = labels_of(images, y_pred, "y_pred", caller)
        names = label_names(unique_labels(y_true, y_pred), labels, display_labels, caller)
        confidence = confidence_of(y_pred, proba, list(names), caller)
        if which == "errors":
            chosen, title = confident_errors(y_true, y_pred, confidence, n_images)
        else:
            chosen, title = samples_by_class(y_true, n_images)
        if len(chosen):
            title += "\ntrue → predicted" + ("" if confidence is None else " (probability)")
        titles = [
            with_probability(f"{names[true]} → {names[predicted]}", probability)
            for true, predicted, probability in zip(
                y_true[chosen].tolist(),
                y_pred[chosen].tolist(),
                [None] * len(chosen) if confidence is None else confidence[chosen],
                strict=True,
            )
        ]
        return cls(take_images(images, chosen), titles=titles, title=title).plot(axes)

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X: ArrayLike | Sequence,
        y: ArrayLike,
        *,
        which: str = "errors",
        n_images: int = 16,
        labels: ArrayLike | None = None,
        display_labels: Sequence[str] | None = None,
        axes=None,
    ):
        """Draw the most confident errors of a classifier, or samples with its predictions.

        Parameters
        ----------
        estimator : object
            Fitted classifier with `predict_proba` and `classes_`.

        X : array-like
            Images, in any layout that the classifier takes.

        y : array-like of shape (n,)
            True label of each image.

        which : {"errors", "samples"}, default="errors"
            Wrong predictions, the most confident first, or samples of each class.

        n_images : int, default=16
            Largest number of images to draw.

        labels : array-like of shape (n_classes,), default=None
            All labels. None takes the sorted labels that occur.

        display_labels : sequence of str of length n_classes, default=None
            Name to show for each of `labels`.

        axes : sequence of matplotlib.axes.Axes, default=None
            Axes to draw in, one for each image. None makes a figure.

        Returns
        -------
        display : ImageGridDisplay
        """
        proba = np.asarray(estimator.predict_proba(X))
        return cls.from_predictions(
            unflattened(X, estimator),
            y,
            np.asarray(estimator.classes_)[proba.argmax(axis=1)],
            proba.max(axis=1),
            which=which,
            n_images=n_images,
            labels=labels,
            display_labels=display_labels,
            axes=axes,
        )

    def plot(self, axes=None, *, n_columns: int = 4):
        """Draw the grid.

        Parameters
        ----------
        axes : sequence of matplotlib.axes.Axes, default=None
            Axes to draw in, one for each image; those left over are blanked. None makes a figure.

        n_columns : int, default=4
            Number of columns of a new figure.

        Returns
        -------
        display : ImageGridDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there are not as many `titles` as images, or too few `axes`.
        """
        images = take_images(self.images)
        if self.titles is not None and len(self.titles) != len(images):
            raise ValueError(
                "The 'titles' parameter of ImageGridDisplay must have one title for each of the"
                f" {len(images)} images. Got {len(self.titles)} instead."
            )
        own_figure = axes is None
        n_columns = max(1, min(n_columns, len(images)))
        width = 88 // max(n_columns, 3)
        if own_figure:
            axes = self._new_axes(images, n_columns, width)
        axes = given_axes(axes, max(1, len(images)), "ImageGridDisplay.plot")
        value_range = display_range(images) if images else None
        for position, ax in enumerate(axes):
            if position >= len(images):
                ax.set_axis_off()
                continue
            show_image(ax, images[position], value_range)
            if self.titles is not None:
                plain(ax.set_title(wrapped(self.titles[position], width), fontsize=9))
        self.axes_, self.figure_ = axes[: max(1, len(images))], axes[0].figure
        if not images:
            message = wrapped(self.title or "No images", 60)
            # Left out of the layout, which would else give the text all the room.
            text = axes[0].text(0.5, 0.5, message, ha="center", va="center", in_layout=False)
            plain(text)
        elif own_figure and self.title:
            draw_title(self.figure_, self.title)
        return self

    def _new_axes(self, images, n_columns, width):
        """Return the axes of a new figure with room for titles of `width` characters a line."""
        if not images:
            return new_axes(1, 1, figsize=(WIDTH, 1.2))
        n_rows = -(-len(images) // n_columns)
        height = max([0.4, *(image.shape[0] / image.shape[1] for image in images)])
        cell = WIDTH / max(n_columns, 3)
        row = cell * min(height, 2) + title_height(self.titles, width)
        title = title_height([self.title], 60, 11)
        return new_axes(n_rows, n_columns, figsize=(cell * n_columns, n_rows * row + title))
