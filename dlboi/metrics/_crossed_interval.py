"""Mean over the images of one test set and the runs of a fit."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.metrics._group_codes import group_codes
from dlboi.metrics._mean_interval import MeanInterval
from dlboi.metrics._t_interval import t_interval


@validate_params(
    {
        "values": ["array-like"],
        "groups": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def crossed_interval(
    values: ArrayLike, *, groups: ArrayLike | None = None, confidence_level: float = 0.95
) -> MeanInterval:
    """Confidence interval of a mean, for new patients and new runs.

    Parameters
    ----------
    values : array-like of shape (n_runs, n_samples) or (n_samples,)
        One value for each run of a classifier (another seed) and image of one test set: 1 where
        the run is right and 0 where it is wrong, or the difference of these of two classifiers
        (−1, 0 or 1).

    groups : array-like of shape (n_samples,), default=None
        The patient (or slide) of each image. None takes the images to be independent.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which the interval is to hold the true mean.

    Returns
    -------
    interval : MeanInterval
        Named tuple of the floats `estimate`, `low`, `high` and `p_value`, that of a mean of zero.

    Examples
    --------
    >>> from dlboi.metrics import crossed_interval
    >>> [round(value, 3) for value in crossed_interval([[0, 0, 0, 0], [0, 0, 0, 0]])]
    [0.0, 0.0, 0.0, 1.0]
    """
    values = np.atleast_2d(np.asarray(values, dtype=float))
    n_runs, n_samples = values.shape
    codes = group_codes(groups, n_samples, caller="crossed_interval")
    n_groups = codes.max() + 1
    if not values.any():
        return MeanInterval(0.0, 0.0, 0.0, 1.0)
    mean = values.mean()
    if n_groups == 1:
        return t_interval(mean, np.nan, 0, confidence_level)
    parts = np.bincount(codes, weights=values.mean(axis=0) - mean) / n_samples
    variances = [n_groups / (n_groups - 1) * np.sum(parts**2)]
    dfs = [n_groups - 1]
    if n_runs > 1:
        variances.append(values.mean(axis=1).var(ddof=1) / n_runs)
        dfs.append(n_runs - 1)
    variances, dfs = np.array(variances), np.array(dfs)
    total = variances.sum()
    df = total**2 / np.sum(variances**2 / dfs) if total > 0 else 0
    return t_interval(mean, np.sqrt(total), df, confidence_level)
