"""Class activation maps on their images."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import check_is_fitted

from dlboi.plotting._images import display_range, show_image, take_images, unflattened
from dlboi.plotting._labels import label_names, labels_of, with_probability
from dlboi.plotting._overlay import draw_map
from dlboi.plotting._style import (
    WIDTH,
    draw_title,
    given_axes,
    new_axes,
    plain,
    title_height,
    wrapped,
)


class ActivationMapDisplay:
    """Images, each above the same image under its class activation map.

    Orange speaks for the class, blue against it, and where the map is near zero the image shows
    through. Contours at half of the largest value, solid for and dashed against the class, keep
    the two apart in grey print.

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, h, w, c) or (n, c, h, w)
        Grey or colour images, or paths of image files.

    maps : array-like of shape (n, h', w')
        The map of each image: contributions to the logit of one class. It is stretched to the
        image.

    titles : sequence of str, default=None
        One title for each image.

    title : str, default=None
        Title of a new figure.

    Attributes
    ----------
    axes_ : ndarray of shape (n, 2) of matplotlib.axes.Axes
        For each image the axes of the image and of the map.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    colorbar_ : matplotlib.colorbar.Colorbar
        The scale that all maps share, symmetric about zero.

    Notes
    -----
    The maps of dlboi's classifiers are scaled so that the mean over a map, plus the bias of the
    last layer, is the logit [1]_.

    References
    ----------
    .. [1] Zhou, B., Khosla, A., Lapedriza, A., Oliva, A., and Torralba, A. (2016). Learning deep
       features for discriminative localization. CVPR, 2921-2929.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from dlboi.plotting import ActivationMapDisplay
    >>> rng = np.random.default_rng(0)
    >>> images, maps = rng.random((2, 16, 16)), rng.normal(size=(2, 16, 16))
    >>> display = ActivationMapDisplay(images, maps, titles=["ill", "well"]).plot()
    >>> display.colorbar_.ax.get_ylabel()
    'Contribution to the logit'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        images: ArrayLike | Sequence,
        maps: ArrayLike,
        *,
        titles: Sequence[str] | None = None,
        title: str | None = None,
    ):
        self.images = images
        self.maps = maps
        self.titles = titles
        self.title = title

    @classmethod
    @validate_params(
        {"n_images": [Interval(Integral, 1, None, closed="left")]},
        prefer_skip_nested_validation=True,
    )
    def from_estimator(
        cls,
        estimator,
        X: ArrayLike | Sequence,
        y: ArrayLike | None = None,
        *,
        n_images: int = 8,
        display_labels: Sequence[str] | None = None,
        axes=None,
    ):
        """Draw the maps of a classifier.

        Parameters
        ----------
        estimator : object
            Fitted classifier with `class_activation_map(X, y)`, `predict_proba` and `classes_`.

        X : array-like
            Images, in any layout that the classifier takes.

        y : array-like of shape (n,), default=None
            The class whose map is drawn, for each image. None takes the predicted class.

        n_images : int, default=8
            Largest number of images; the first ones of `X` are drawn.

        display_labels : sequence of str of length n_classes, default=None
            Name to show for each of the classifier's `classes_`.

        axes : array-like of matplotlib.axes.Axes, default=None
            Axes to draw in, two for each image. None makes a figure.

        Returns
        -------
        display : ActivationMapDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Where the classifier is not fitted.
        """
        if not hasattr(estimator, "classes_"):
            check_is_fitted(estimator, "classes_")
        shown = X[:n_images]
        classes = np.asarray(estimator.classes_)
        proba = np.asarray(estimator.predict_proba(shown))
        if y is None:
            y = classes[proba.argmax(axis=1)]
        else:
            y = labels_of(X, y, "y", f"{cls.__name__}.from_estimator")[:n_images]
        names = label_names(y, classes, display_labels, f"{cls.__name__}.from_estimator")
        columns = [list(names).index(label) for label in y.tolist()]
        titles = [
            with_probability(names[label], row[column])
            for label, row, column in zip(y.tolist(), proba, columns, strict=True)
        ]
        title = "Class of the map (probability)"
        if len(shown) < len(X):
            title += f", {len(shown)} of {len(X):,} images"
        maps = estimator.class_activation_map(shown, y)
        return cls(unflattened(shown, estimator), maps, titles=titles, title=title).plot(axes)

    def plot(self, axes=None, *, n_columns: int = 4):
        """Draw images and maps.

        Parameters
        ----------
        axes : array-like of matplotlib.axes.Axes, default=None
            Axes to draw in, two for each image: its own and its map's. None makes a figure.

        n_columns : int, default=4
            Number of columns of a new figure.

        Returns
        -------
        display : ActivationMapDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no image, not one map and title for each, or a map is not finite.
        """
        images, maps = self._check()
        n_columns = max(1, min(n_columns, len(images)))
        width = 80 // max(n_columns, 3)
        if axes is None:
            n_rows = -(-len(images) // n_columns)
            height = min(2, max(image.shape[0] / image.shape[1] for image in images))
            cell = (WIDTH - 0.8) / max(n_columns, 3)
            row = 2 * cell * height + 0.05 + title_height(self.titles, width)
            figsize = (cell * n_columns + 0.8, n_rows * row + title_height([self.title], 60, 11))
            grid = new_axes(2 * n_rows, n_columns, figsize=figsize)
            pairs = np.stack([grid[0::2].ravel(), grid[1::2].ravel()], axis=1)
            if self.title:
                draw_title(grid[0, 0].figure, self.title)
        else:
            pairs = given_axes(axes, 2 * len(images), "ActivationMapDisplay.plot")
            pairs = pairs[: 2 * len(images)].reshape(-1, 2)
        value_range, limit = display_range(images), float(np.abs(maps).max()) or 1.0
        for position, (image, map_) in enumerate(zip(images, maps, strict=True)):
            for ax in pairs[position]:
                show_image(ax, image, value_range)
            overlay = draw_map(pairs[position, 1], map_, limit, image.shape)
            if self.titles is not None:
                title = wrapped(self.titles[position], width)
                plain(pairs[position, 0].set_title(title, fontsize=9))
        for ax in pairs[len(images) :].ravel():
            ax.set_axis_off()
        self.axes_, self.figure_ = pairs[: len(images)], pairs[0, 0].figure
        self.colorbar_ = self.figure_.colorbar(
            overlay,
            ax=list(pairs.ravel()),
            label="Contribution to the logit",
            shrink=0.8,
            aspect=30,
        )
        self.colorbar_.ax.axhline(limit / 2, color="black", linestyle="-")
        self.colorbar_.ax.axhline(-limit / 2, color="black", linestyle="--")
        return self

    def _check(self):
        images, maps = take_images(self.images), np.asarray(self.maps, dtype=float)
        if not images or maps.ndim != 3 or len(maps) != len(images) or not np.isfinite(maps).all():
            raise ValueError(
                "The 'maps' parameter of ActivationMapDisplay must hold one finite map (h, w) for"
                f" each of the {len(images)} images, of which there must be at least one."
                f" Got shape {maps.shape} instead{'' if np.isfinite(maps).all() else ', with NaN'}."
            )
        if self.titles is not None and len(self.titles) != len(images):
            raise ValueError(
                "The 'titles' parameter of ActivationMapDisplay must have one title for each of"
                f" the {len(images)} images. Got {len(self.titles)} instead."
            )
        return images, maps
