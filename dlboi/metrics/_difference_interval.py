"""Difference of the accuracies on two image sets."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from sklearn.utils._param_validation import Interval, validate_params

from dlboi._validation import group_codes
from dlboi.metrics._design_effect import design_effect
from dlboi.metrics._mean_interval import MeanInterval
from dlboi.metrics._p_value_of_zero import p_value_of_zero
from dlboi.metrics._wilson import wilson_bounds


@validate_params(
    {
        "first": ["array-like"],
        "second": ["array-like"],
        "groups_first": ["array-like", None],
        "groups_second": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def difference_interval(
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups_first: ArrayLike | None = None,
    groups_second: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> MeanInterval:
    """Confidence interval of the difference of two accuracies, of independent image sets.

    Parameters
    ----------
    first : array-like of shape (n_samples_first,)
        One value an image of the first set: 1 where the prediction is right and 0 where it is
        wrong, or the mean of this over several runs of a classifier, such as those of folds.

    second : array-like of shape (n_samples_second,)
        The same for the second set, which holds images of other patients.

    groups_first : array-like of shape (n_samples_first,), default=None
        The patient (or slide) of each image of the first set. None takes the images to be
        independent.

    groups_second : array-like of shape (n_samples_second,), default=None
        The same for the second set.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which the interval is to hold the true difference.

    Returns
    -------
    interval : MeanInterval
        Named tuple of the floats `estimate`, the mean of `first` less that of `second`, `low`,
        `high` and `p_value`, that of a difference of zero. All but the estimate are NaN where one
        of the sets has groups, but of one patient only.

    Raises
    ------
    ValueError
        Where a set is not 1-D, is empty or holds anything but numbers from 0 to 1; where groups do
        not name a group for every image of their set.

    See Also
    --------
    crossed_interval : Difference of two classifiers on the images of one set.
    patient_jackknife_interval : Difference of other scores.
    proportion_interval : Accuracy on one set.

    Notes
    -----
    Each accuracy p has the bounds l and u of :func:`proportion_interval`. The difference d of the
    first and the second has the bounds d − √((p1 − l1)² + (u2 − p2)²) and
    d + √((u1 − p1)² + (p2 − l2)²), which are not symmetric and stay between −1 and 1 [1]_ [2]_.
    Where all images of a set are right its own interval is not certain, and nor is this one.

    The two-sided p-value is the p at which the interval with the level 1 − p ends at 0. That of the
    one-sided hypothesis that `first` is not better is half of it where the estimate is positive,
    else 1 less half of it.

    Means over runs are taken to vary as single answers do, or more, as the design effect is never
    below 1: runs do not add patients. The interval is for the runs that were made, not for new
    ones.

    Share of 2000 simulated pairs of sets (1000 with 400 patients) whose 95 % interval held the true
    difference, by number of patients in each set, and in brackets its mean width over that of the
    ideal interval: 2 × 1.96 standard deviations of the estimate, which only a simulation knows.
    Patients' own accuracies follow a beta distribution with the given correlation within patients;
    their numbers of images a geometric one with mean 3.3. Where the accuracies are equal, one
    less the share is the share of pairs with a p-value below 0.05.
    ``python -m benchmarks.score_coverage differences`` prints the table:

    =====  ======  ===========  ============  ============  ============  ============
    first  second  correlation  10            20            40            400
    =====  ======  ===========  ============  ============  ============  ============
    0.8    0.8     0            1.000 (1.66)  0.997 (1.37)  0.991 (1.28)  0.958 (1.04)
    0.8    0.8     0.3          0.997 (1.32)  0.988 (1.22)  0.961 (1.07)  0.958 (1.01)
    0.95   0.95    0            1.000 (3.47)  1.000 (2.54)  1.000 (1.85)  0.974 (1.10)
    0.95   0.95    0.3          1.000 (2.49)  1.000 (1.99)  0.998 (1.53)  0.958 (1.08)
    0.95   0.8     0            1.000 (2.15)  1.000 (1.70)  0.995 (1.42)  0.967 (1.05)
    0.95   0.8     0.3          0.999 (1.66)  0.998 (1.42)  0.985 (1.24)  0.951 (1.02)
    =====  ======  ===========  ============  ============  ============  ============

    References
    ----------
    .. [1] Newcombe, R. G. (1998). Interval estimation for the difference between independent
       proportions: comparison of eleven methods. Statistics in Medicine 17, 873-890.
    .. [2] Zou, G. Y., and Donner, A. (2008). Construction of confidence limits about effect
       measures: a general approach. Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    Six patients with two images each in the first set, five in the second:

    >>> from dlboi.metrics import difference_interval
    >>> validation = [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1]
    >>> test = [1, 0, 0, 0, 1, 1, 0, 1, 0, 0]
    >>> found = difference_interval(
    ...     validation,
    ...     test,
    ...     groups_first=list("aabbccddeeff"),
    ...     groups_second=list("gghhiijjkk"),
    ... )
    >>> [round(value, 3) for value in found]
    [0.517, -0.12, 0.839, 0.102]
    """
    parts = []
    for name, values, groups in (("first", first, groups_first), ("second", second, groups_second)):
        values = _check_values(values, name)
        codes = None
        if groups is not None:
            codes = group_codes(groups, values.size, caller=f"difference_interval ({name} set)")
        parts.append((values, codes))
    means = np.array([values.mean() for values, _ in parts])
    estimate = float(means[0] - means[1])
    if any(codes is not None and codes.max() == 0 for _, codes in parts):
        return MeanInterval(estimate, np.nan, np.nan, np.nan)
    effective, dfs = np.transpose([_size(values, codes) for values, codes in parts])
    to_low, to_high = _half_widths(means, effective, dfs, 1 - confidence_level)
    towards_zero = 0 if estimate > 0 else 1
    p_value = p_value_of_zero(
        lambda p: _half_widths(means, effective, dfs, p)[towards_zero], abs(estimate)
    )
    return MeanInterval(estimate, estimate - to_low, estimate + to_high, p_value)


def _size(values, codes):
    """Effective number of images, and degrees of freedom of the quantile."""
    if codes is None:
        return values.size, np.inf  # Student's t distribution is the normal one then
    return values.size / design_effect(values, codes), codes.max()


def _half_widths(means, effective, dfs, p):
    """Distances of the lower and the upper bound from the estimate, for the level 1 - p."""
    quantiles = -special.stdtrit(dfs, p / 2)  # stats.t does the same, but takes most of the time
    low, high = wilson_bounds(means, effective, quantiles)
    below, above = means - low, high - means
    return float(np.hypot(below[0], above[1])), float(np.hypot(above[0], below[1]))


def _check_values(values, name):
    values = np.asarray(values, dtype=float)
    wanted = f"The '{name}' parameter of difference_interval must"
    if values.ndim != 1 or values.size == 0:
        raise ValueError(
            f"{wanted} be a 1-D array with one value an image, not empty. Got shape"
            f" {values.shape} instead; average the runs of a classifier first."
        )
    odd = values[~((values >= 0) & (values <= 1))]
    if odd.size:
        raise ValueError(f"{wanted} hold numbers from 0 to 1. Got {odd[0]:g} in it instead.")
    return values
