"""Wilson's score interval, which both public functions of this folder stand on."""

import numpy as np


def wilson_bounds(proportion, n, quantile):
    """Bounds of Wilson's score interval.

    Parameters
    ----------
    proportion : float or ndarray of shape (k,)
        Observed proportions.

    n : float or ndarray of shape (k,)
        Sample sizes; they need not be whole numbers.

    quantile : float
        Quantile of the standardised error, 1.96 for an interval of 95 %.

    Returns
    -------
    low, high : tuple of float or ndarray of shape (k,)
        The two proportions p that solve (proportion - p)² = quantile² p (1 - p) / n, in [0, 1].
    """
    spread = quantile**2 / n
    middle = (proportion + spread / 2) / (1 + spread)
    half = np.sqrt(spread * proportion * (1 - proportion) + spread**2 / 4) / (1 + spread)
    # At proportions of 0 and 1 one bound equals the proportion, up to rounding.
    low = np.clip(np.where(proportion == 0, 0.0, middle - half), 0.0, 1.0)
    high = np.clip(np.where(proportion == 1, 1.0, middle + half), 0.0, 1.0)
    return low, high
