"""Bounds of a score between 0 and 1, from its values with patients left out in turn."""

import numpy as np
from scipy import stats
from scipy.special import expit, logit

from dlboi.metrics._wilson import wilson_bounds


def jackknife_bounds(estimate, left_out, *, n_scarce, n_seen, confidence_level):
    """Return the bounds that the Notes of score_intervals describe, NaN where there are none.

    Parameters
    ----------
    estimate : float
        The score, from 0 to 1.

    left_out : ndarray of shape (n_blocks,)
        The score with each patient (or block of patients) left out.

    n_scarce : int
        Number of patients with images of the rarest class.

    n_seen : int
        Number of patients that an unseen kind of error is to be reckoned with.

    confidence_level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : tuple of float
    """
    n_blocks = left_out.size
    if n_blocks < 2 or not np.isfinite([estimate, *left_out]).all():
        return np.nan, np.nan
    quantile = stats.t.ppf((1 + confidence_level) / 2, n_blocks - 1)
    variance = (n_blocks - 1) / n_blocks * np.sum((left_out - estimate) ** 2)
    spread = estimate * (1 - estimate)  # variance of a single yes or no
    n_least = min(n_scarce, spread / variance) if variance > 0 else n_scarce
    widest = wilson_bounds(estimate, max(1.0, n_least), quantile)
    if variance < 1e-18 or spread < 1e-12:
        return float(widest[0]), float(widest[1])
    half = quantile * np.sqrt(variance + spread / n_seen**2) / spread
    low, high = expit(logit(estimate) - half), expit(logit(estimate) + half)
    return float(max(low, widest[0])), float(min(high, widest[1]))
