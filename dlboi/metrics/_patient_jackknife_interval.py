"""Any smooth statistic of one or several image sets, over patients."""

from collections.abc import Callable, Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi._validation import group_codes
from dlboi.metrics._mean_interval import MeanInterval
from dlboi.metrics._patient_influence import left_out_weights, variance_and_df
from dlboi.metrics._t_interval import t_interval


@validate_params(
    {
        "statistic": [callable],
        "groups": [list, tuple],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def patient_jackknife_interval(
    statistic: Callable[..., np.ndarray],
    groups: Sequence[ArrayLike],
    *,
    confidence_level: float = 0.95,
) -> MeanInterval:
    """Confidence interval of a difference of scores, over the patients of image sets.

    Parameters
    ----------
    statistic : callable
        Takes one array of weights for each image set, of shape (n_weightings, n_samples_of_set), 0
        for images that are left out and 1 for the others; returns an array of shape
        (n_weightings,). The statistic is smooth in the weights and a difference of scores that lie
        between 0 and 1, such as areas under the ROC curve or class-weighted accuracies. NaN where
        it is not defined.

    groups : list of array-like of shape (n_samples_of_set,)
        For each image set, the patient (or slide) of each image. The sets are independent: they
        hold images of different patients. ``np.arange(n_samples)`` takes images to be independent.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which the interval is to hold the true value.

    Returns
    -------
    interval : MeanInterval
        Named tuple of the floats `estimate`, `low`, `high` and `p_value`, that of a value of zero.
        All but the estimate are NaN where a set has images of only one patient, and where the
        statistic is not defined without one of the patients, as where a class has images of only
        one.

    Raises
    ------
    ValueError
        Where `groups` does not name a group for every image of a set, or `statistic` returns an
        array of another shape or a value outside [-1, 1].

    See Also
    --------
    crossed_interval : Mean of differences of two classifiers on the images of one set.
    difference_interval : Difference of the accuracies on two sets.
    score_intervals : Intervals of scores on one set.

    Notes
    -----
    The patients of a set are left out in turn, the jackknife [1]_, in 400 random blocks where there
    are more. The squared changes of the statistic add up to its variance over the patients of the
    set, and the variances of the sets to that of the statistic, whose degrees of freedom for
    Student's t distribution are Satterthwaite's [2]_.

    An error that no patient of a small set has shown may still exist. So the variance of each set
    holds one more patient, who has an average share s of the images (s² is the mean of the squared
    shares) and adds s² / (2 + k), where k is the number of patients that matter:
    (Σ v)² / Σ v² over the squared changes v. It is k where k of the patients have the same
    influence and the others have none, and is taken as 0 where nobody has any: the classifier that
    makes no error is not certain. A set has 2 k degrees of freedom, with the unseen patient
    counted in k, and not more than patients less one, as a variance that stands on few patients may
    be small by luck.

    The bounds are cut off at −1 and 1. The p-value of the one-sided hypothesis that the value is
    not positive is half of the two-sided one where the estimate is positive, else 1 less half of
    it.

    Share of 1000 simulated pairs of sets whose 95 % interval held the true value, among those with
    an interval, by number of patients in each set, and in brackets its mean width over that of the
    ideal interval: 2 × 1.96 standard deviations of the estimate, which only a simulation knows.
    Images of one patient are all of one class, their values have the given correlation, their
    numbers follow a geometric distribution with mean 3.3; `first` and `second` are the accuracies
    on the two sets at the best threshold. ``auc`` is the difference of the areas under the ROC
    curve; ``prevalence`` the accuracy on the first set, less that re-weighted to the prevalence of
    the second, Σ (π1 − π2) recall over the classes, where 75 % and 50 % of the patients are
    positive and the recalls differ. For ``auc`` with equal accuracies the true value is 0, and one
    less the share is the share of pairs with a p-value below 0.05.
    ``python -m benchmarks.score_coverage jackknife`` prints the table:

    ==========  =====  ======  ===========  ============  ============  ============  ============
    statistic   first  second  correlation  10            20            40            400
    ==========  =====  ======  ===========  ============  ============  ============  ============
    auc         0.8    0.8     0            0.998 (1.69)  0.987 (1.29)  0.967 (1.11)  0.952 (1.02)
    auc         0.8    0.8     0.3          0.995 (1.56)  0.989 (1.26)  0.979 (1.13)  0.941 (0.99)
    auc         0.95   0.95    0            1.000 (7.36)  1.000 (4.77)  1.000 (3.01)  0.977 (1.13)
    auc         0.95   0.95    0.3          1.000 (6.14)  1.000 (4.19)  1.000 (2.66)  0.973 (1.09)
    auc         0.95   0.8     0            0.999 (2.14)  0.996 (1.60)  0.971 (1.24)  0.949 (1.03)
    auc         0.95   0.8     0.3          1.000 (1.92)  0.994 (1.46)  0.952 (1.21)  0.948 (1.02)
    prevalence  0.8    0.8     0            0.999 (2.32)  0.987 (1.71)  0.985 (1.27)  0.953 (1.05)
    prevalence  0.8    0.8     0.3          0.996 (2.06)  0.990 (1.57)  0.983 (1.29)  0.959 (1.07)
    prevalence  0.95   0.95    0            1.000 (3.02)  0.999 (1.86)  0.997 (1.41)  0.948 (1.04)
    prevalence  0.95   0.95    0.3          1.000 (2.78)  1.000 (1.91)  0.997 (1.45)  0.940 (1.05)
    ==========  =====  ======  ===========  ============  ============  ============  ============

    With few patients the interval is wide, the more so the better the classifier, as the unseen
    patient may be wholly wrong.

    References
    ----------
    .. [1] Miller, R. G. (1974). The jackknife: a review. Biometrika 61, 1-15.
    .. [2] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance
       components. Biometrics Bulletin 2, 110-114.

    Examples
    --------
    Accuracy on a set, less what it would be if both of its classes were as frequent as in another:

    >>> import numpy as np
    >>> from dlboi.metrics import patient_jackknife_interval
    >>> y = np.repeat([1, 0], [48, 12])
    >>> correct = np.r_[np.arange(48) % 12 > 0, np.arange(12) % 3 > 0].astype(float)
    >>> y_other = np.repeat([1, 0], [20, 20])
    >>> def label_shift(weights, weights_other):
    ...     total = 0
    ...     for label in (0, 1):
    ...         of_class, of_other = weights * (y == label), weights_other * (y_other == label)
    ...         share = of_class.sum(axis=1) / weights.sum(axis=1)
    ...         share_other = of_other.sum(axis=1) / weights_other.sum(axis=1)
    ...         total += (share - share_other) * (of_class @ correct / of_class.sum(axis=1))
    ...     return total
    >>> patients = [np.arange(60) // 2, np.arange(40) // 2]
    >>> found = patient_jackknife_interval(label_shift, patients)
    >>> [round(value, 3) for value in found]
    [0.075, -0.044, 0.194, 0.196]
    """
    codes = _check_groups(groups)
    full = [np.ones((1, part.size)) for part in codes]
    estimate = float(_evaluate(statistic, full)[0])
    if not np.isfinite(estimate) or any(part.max() == 0 for part in codes):
        return MeanInterval(estimate, np.nan, np.nan, np.nan)
    found = []
    for index, part in enumerate(codes):
        kept = left_out_weights(part)
        weights = [np.ones((len(kept), other.size)) for other in codes]
        weights[index] = kept
        left_out = _evaluate(statistic, weights)
        if not np.isfinite(left_out).all():
            return MeanInterval(estimate, np.nan, np.nan, np.nan)
        found.append(variance_and_df(left_out, estimate, part))
    variances, dfs = np.transpose(found)
    df = variances.sum() ** 2 / np.sum(variances**2 / dfs)
    _, low, high, p_value = t_interval(estimate, np.sqrt(variances.sum()), df, confidence_level)
    return MeanInterval(estimate, max(-1.0, low), min(1.0, high), p_value)


def _check_groups(groups):
    if not groups or any(np.ndim(part) != 1 or len(part) == 0 for part in groups):
        raise ValueError(
            "The 'groups' parameter of patient_jackknife_interval must be a list with one 1-D array"
            f" of patients for each image set. Got shapes {[np.shape(part) for part in groups]}"
            " instead; with one set, write [patients]."
        )
    return [group_codes(part, len(part), caller="patient_jackknife_interval") for part in groups]


def _evaluate(statistic, weights):
    values = np.asarray(statistic(*weights), dtype=float)
    wanted = "The 'statistic' parameter of patient_jackknife_interval must return"
    if values.shape != (len(weights[0]),):
        raise ValueError(
            f"{wanted} one value for each of the {len(weights[0])} rows of weights. Got shape"
            f" {values.shape} instead."
        )
    outside = values[np.abs(values) > 1 + 1e-9]  # sums of shares may be off by rounding
    if outside.size:
        raise ValueError(
            f"{wanted} differences of scores from 0 to 1. Got {outside[0]:g} instead; divide it by"
            " its largest possible value."
        )
    return values
