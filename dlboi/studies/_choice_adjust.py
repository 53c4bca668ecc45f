"""p-values of differences to a level that was chosen as the best of several."""

import numpy as np
from numpy.typing import ArrayLike


def choice_adjust(p_values: ArrayLike, n_candidates: int) -> np.ndarray:
    """Adjust p-values of differences to the best of several levels for the choice of it.

    Parameters
    ----------
    p_values : array-like of float
        Of the differences, not adjusted. NaN where there is none.
    n_candidates : int
        Number of levels that the best was chosen of.

    Returns
    -------
    ndarray of float
        The adjusted p-values; NaN stays NaN.

    Notes
    -----
    The best of equally good levels owes its place to chance, so that Holm's adjustment for the
    comparisons with it finds too much. Which pairs are compared is known only after the choice:
    each p-value is multiplied by the number of all pairs, as by Bonferroni, up to 1.
    """
    n_pairs = n_candidates * (n_candidates - 1) // 2
    return np.minimum(1.0, n_pairs * np.asarray(p_values, dtype=float))
