"""Mean images of two sets, and their difference."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._images import display_range, show_image
from dlboi.plotting._overlay import draw_map
from dlboi.plotting._style import WIDTH, given_axes, new_axes, plain, wrapped


class MeanDifferenceDisplay:
    """The mean image of each of two sets and, over the first, where the second differs.

    Orange is brighter in the second set, blue darker. Contours at half of the largest difference,
    solid where brighter and dashed where darker, keep the two apart in grey print.

    Parameters
    ----------
    first : array-like of shape (n, h, w)
        Mean grey images of the first set, such as one a class.

    second : array-like of shape (n, h, w)
        Those of the second set.

    names : sequence of str, default=None
        One name for each row.

    set_names : tuple of (str, str), default=("train", "test")
        Names of the two sets.

    Attributes
    ----------
    axes_ : ndarray of shape (n, 3) of matplotlib.axes.Axes
        For each row the axes of the two means and of the difference.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    colorbar_ : matplotlib.colorbar.Colorbar
        The scale that all differences share, symmetric about zero.

    See Also
    --------
    ActivationMapDisplay : Maps of single images.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from dlboi.plotting import MeanDifferenceDisplay
    >>> first = np.random.default_rng(0).random((1, 16, 16))
    >>> display = MeanDifferenceDisplay(first, first + 0.1, names=["NORMAL"]).plot()
    >>> display.colorbar_.ax.get_ylabel()
    'test − train, grey value'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        first: ArrayLike,
        second: ArrayLike,
        *,
        names: Sequence[str] | None = None,
        set_names: tuple[str, str] = ("train", "test"),
    ):
        self.first = first
        self.second = second
        self.names = names
        self.set_names = set_names

    def plot(self, axes=None):
        """Draw means and differences.

        Parameters
        ----------
        axes : array-like of matplotlib.axes.Axes, default=None
            Axes to draw in, three for each row. None makes a figure.

        Returns
        -------
        display : MeanDifferenceDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where the two sets differ in shape, hold no image or values that are not finite, or
            there is not one name for each image.
        """
        first, second = self._check()
        n_rows = len(first)
        if axes is None:
            cell = (WIDTH - 1) / 3
            height = cell * min(2, first.shape[1] / first.shape[2]) + 0.05
            axes = new_axes(n_rows, 3, figsize=(WIDTH, 0.3 + n_rows * height))
        axes = given_axes(axes, 3 * n_rows, "MeanDifferenceDisplay.plot")[: 3 * n_rows]
        self.axes_, self.figure_ = axes.reshape(n_rows, 3), axes[0].figure
        value_range = display_range([first, second])
        limit = float(np.abs(second - first).max()) or 1.0
        for row, (mean, other) in enumerate(zip(first, second, strict=True)):
            left, middle, right = self.axes_[row]
            for ax, image in ((left, mean), (middle, other), (right, mean)):
                show_image(ax, image, value_range)
            overlay = draw_map(right, other - mean, limit, mean.shape)
            if self.names is not None:
                plain(left.set_ylabel(wrapped(self.names[row], 24), fontsize=9))
        titles = (*(f"mean of {name}" for name in self.set_names), "difference")
        for ax, title in zip(self.axes_[0], titles, strict=True):
            plain(ax.set_title(wrapped(title, 26), fontsize=9))
        label = f"{self.set_names[1]} − {self.set_names[0]}, grey value"
        self.colorbar_ = self.figure_.colorbar(
            overlay, ax=list(axes), label=label, shrink=0.8, aspect=25
        )
        self.colorbar_.ax.axhline(limit / 2, color="black", linestyle="-")
        self.colorbar_.ax.axhline(-limit / 2, color="black", linestyle="--")
        return self

    def _check(self):
        first, second = (np.asarray(each, dtype=float) for each in (self.first, self.second))
        is_finite = np.isfinite(first).all() and np.isfinite(second).all()
        if first.ndim != 3 or len(first) == 0 or first.shape != second.shape or not is_finite:
            raise ValueError(
                "The 'first' and 'second' parameters of MeanDifferenceDisplay must hold finite "
                "images of shape (n, h, w), one at least, and as many as one another. Got shapes "
                f"{first.shape} and {second.shape}{'' if is_finite else ', with NaN'} instead."
            )
        if self.names is not None and len(self.names) != len(first):
            raise ValueError(
                "The 'names' parameter of MeanDifferenceDisplay must have one name for each of "
                f"the {len(first)} images. Got {len(self.names)} instead."
            )
        return first, second
