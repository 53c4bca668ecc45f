"""A statistic among what chance gives."""

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._style import PALETTE, WIDTH, new_axes, plain


class PermutationDisplay:
    """What a statistic is under permutations, as a histogram, and what was observed, as a line.

    Parameters
    ----------
    null : array-like of shape (n_permutations,)
        The statistic after each permutation.

    observed : float
        The statistic as it was observed.

    label : str, default="Statistic"
        What the statistic is, with its unit.

    p_value : float, default=None
        P-value to show. None counts the permutations that reach what was observed, as
        (1 + their number) / (1 + n_permutations) [1]_.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the histogram.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    p_value_ : float
        P-value that is shown.

    See Also
    --------
    sklearn.model_selection.permutation_test_score : Permutes labels of images.

    References
    ----------
    .. [1] Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero.
       Statistical Applications in Genetics and Molecular Biology 9, article 39.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from dlboi.plotting import PermutationDisplay
    >>> null = np.random.default_rng(0).normal(size=99)
    >>> display = PermutationDisplay(null, 5.0, label="Gap (points)").plot()
    >>> display.p_value_
    0.01
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        null: ArrayLike,
        observed: float,
        *,
        label: str = "Statistic",
        p_value: float | None = None,
    ):
        self.null = null
        self.observed = observed
        self.label = label
        self.p_value = p_value

    def plot(self, ax=None):
        """Draw histogram and line.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : PermutationDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no permutation, or a statistic is not finite.
        """
        null = np.asarray(self.null, dtype=float)
        if null.ndim != 1 or not null.size or not np.isfinite([*null, self.observed]).all():
            raise ValueError(
                "The 'null' and 'observed' parameters of PermutationDisplay must hold finite "
                f"numbers, one permutation at least. Got {null.size} permutations and "
                f"{self.observed} instead."
            )
        own_figure = ax is None
        if own_figure:
            ax = new_axes(figsize=(WIDTH * 0.8, 3.2))[0, 0]
        self.ax_, self.figure_ = ax, ax.figure
        self.p_value_ = self.p_value
        if self.p_value is None:
            n_reached = np.count_nonzero(null >= self.observed)
            self.p_value_ = float((1 + n_reached) / (1 + len(null)))
        n_bins = int(np.clip(np.sqrt(len(null)), 5, 40))
        ax.hist(null, n_bins, color="0.7", edgecolor="white", label=f"{len(null):,} permutations")
        label = f"observed: {self.observed:.3g}, p = {self.p_value_:.2g}".replace("-", "−")
        ax.axvline(self.observed, color=PALETTE["vermillion"], lw=2.5, label=label)
        ax.margins(x=0.06)
        ax.set_ylabel("Permutations")
        plain(ax.set_xlabel(self.label))
        if own_figure:
            self.figure_.legend(loc="outside lower center", ncols=2)
        else:
            ax.legend(fontsize=8)
        return self
