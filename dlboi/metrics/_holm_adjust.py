"""Holm's correction for several tests."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import validate_params


@validate_params({"p_values": ["array-like"]}, prefer_skip_nested_validation=True)
def holm_adjust(p_values: ArrayLike) -> np.ndarray:
    """Adjust p-values for the number of tests, after Holm.

    Calling significant what has an adjusted p-value below 0.05 makes the probability of one or more
    false findings at most 0.05, whatever the dependence between the tests.

    Parameters
    ----------
    p_values : array-like of shape (n_tests,)
        P-values, in any order. NaN, for a test that was not made, stays NaN and does not count.

    Returns
    -------
    adjusted : ndarray of shape (n_tests,)
        Adjusted p-values, in the order of `p_values`.

    Raises
    ------
    ValueError
        Where `p_values` is not 1-D or holds a value outside [0, 1].

    Notes
    -----
    The smallest of m p-values is multiplied by m, the next by m - 1, and so on; none is made
    smaller than the one before it, or larger than 1 [1]_.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
       Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> from dlboi.metrics import holm_adjust
    >>> holm_adjust([0.04, 0.01, float("nan"), 0.03]).round(3).tolist()
    [0.06, 0.03, nan, 0.06]
    """
    p_values = np.asarray(p_values, dtype=float)
    if p_values.ndim != 1:
        raise ValueError(
            "The 'p_values' parameter of holm_adjust must be a 1-D array. Got shape"
            f" {p_values.shape} instead."
        )
    outside = p_values[(p_values < 0) | (p_values > 1)]
    if outside.size:
        raise ValueError(
            "The 'p_values' parameter of holm_adjust must hold values from 0 to 1 (or NaN). Got"
            f" {outside[0]:g} in it instead."
        )
    adjusted = np.full(p_values.shape, np.nan)
    made = np.flatnonzero(~np.isnan(p_values))
    order = made[np.argsort(p_values[made], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p_values[order]))
    return adjusted
