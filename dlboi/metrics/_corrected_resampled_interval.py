"""Mean over repeated splits of the same images."""

from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.metrics._mean_interval import MeanInterval
from dlboi.metrics._t_interval import t_interval


@validate_params(
    {
        "values": ["array-like"],
        "n_train": [Interval(Integral, 1, None, closed="left")],
        "n_test": [Interval(Integral, 1, None, closed="left")],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def corrected_resampled_interval(
    values: ArrayLike, *, n_train: int, n_test: int, confidence_level: float = 0.95
) -> MeanInterval:
    """Confidence interval of a mean over repeated splits of the same images.

    Parameters
    ----------
    values : array-like of shape (n_splits,)
        One value a split: a score on the test part, or the difference of the scores of two
        classifiers that were fitted and scored on the same parts. NaN, for a split without a
        result, does not count.

    n_train : int
        Number of images that a classifier is fitted on in a split. Where images of one patient
        stay together, the number of patients may be given instead, for both parts.

    n_test : int
        Number of images that it is scored on.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which the interval is to hold the true mean.

    Returns
    -------
    interval : MeanInterval
        Named tuple of the floats `estimate`, `low`, `high` and `p_value`, the latter that of a mean
        of zero. All but the estimate are NaN with fewer than two values. Values that are all zero
        have the bounds 0 and 0 and a p-value of 1; other values that are all the same have NaN.

    Raises
    ------
    ValueError
        Where `values` is not 1-D.

    See Also
    --------
    crossed_interval : For runs that are all scored on the same test set.

    Notes
    -----
    The parts of different splits overlap, so that their values are not independent, and the
    standard error s / √n_splits is too small. Nadeau and Bengio take the correlation between
    splits to be n_test / (n_train + n_test), which makes the variance of the mean
    (1 / n_splits + n_test / n_train) s² [1]_. More splits of the same images do not shrink it below
    the second term.

    Share of 2000 simulated sets in which a difference of two equally good classifiers was found at
    the level 0.05, over random splits that test a fifth of the images;
    ``python -m benchmarks.score_coverage resampled`` prints the table:

    ======  ======  =========  ============
    images  splits  corrected  plain t test
    ======  ======  =========  ============
    50      5       0.050      0.144
    50      10      0.047      0.246
    50      30      0.049      0.481
    200     5       0.059      0.145
    200     10      0.046      0.241
    200     30      0.059      0.476
    ======  ======  =========  ============

    References
    ----------
    .. [1] Nadeau, C., and Bengio, Y. (2003). Inference for the generalization error. Machine
       Learning 52, 239-281.

    Examples
    --------
    >>> from dlboi.metrics import corrected_resampled_interval
    >>> differences = [0.02, 0.05, 0.03, 0.00, 0.04]
    >>> found = corrected_resampled_interval(differences, n_train=320, n_test=80)
    >>> [round(value, 3) for value in found]
    [0.028, -0.008, 0.064, 0.096]
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1:
        raise ValueError(
            "The 'values' parameter of corrected_resampled_interval must be a 1-D array with one"
            f" value a split. Got shape {values.shape} instead."
        )
    values = values[~np.isnan(values)]
    if values.size == 0:
        return MeanInterval(np.nan, np.nan, np.nan, np.nan)
    if values.size == 1:
        return t_interval(values[0], np.nan, 0, confidence_level)
    if not values.any():
        return MeanInterval(0.0, 0.0, 0.0, 1.0)
    if np.ptp(values) == 0:  # its standard deviation may be off zero by rounding
        return t_interval(values[0], 0.0, values.size - 1, confidence_level)
    variance = (1 / values.size + n_test / n_train) * values.var(ddof=1)
    return t_interval(values.mean(), np.sqrt(variance), values.size - 1, confidence_level)
