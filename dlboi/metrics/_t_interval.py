"""Student's t interval of a mean with a known standard error and degrees of freedom."""

import numpy as np
from scipy import stats

from dlboi.metrics._mean_interval import MeanInterval


def t_interval(estimate, standard_error, df, confidence_level):
    """Return a MeanInterval; bounds and p-value are NaN where the standard error or `df` is 0.

    Parameters
    ----------
    estimate : float
        The mean.

    standard_error : float
        Standard error of the mean; NaN or 0 where the values do not tell it.

    df : float
        Degrees of freedom of the standard error.

    confidence_level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    interval : MeanInterval
    """
    estimate = float(estimate)
    if not (standard_error > 0 and df > 0):
        return MeanInterval(estimate, np.nan, np.nan, np.nan)
    half = stats.t.ppf((1 + confidence_level) / 2, df) * standard_error
    p_value = 2 * stats.t.sf(abs(estimate) / standard_error, df)
    return MeanInterval(
        estimate, float(estimate - half), float(estimate + half), float(min(1.0, p_value))
    )
