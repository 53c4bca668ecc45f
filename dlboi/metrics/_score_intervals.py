"""Confidence intervals of the scores of a classifier."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.metrics._evaluation_scores import check_predictions, evaluation_scores
from dlboi.metrics._group_codes import group_codes
from dlboi.metrics._weighted_scores import weighted_scores
from dlboi.metrics._wilson import wilson_bounds


class ScoreInterval(NamedTuple):
    """A score and its confidence interval.

    Parameters
    ----------
    estimate : float
        Observed score; NaN where it is not defined.

    low : float
        Lower bound; NaN where it is not defined.

    high : float
        Upper bound; NaN where it is not defined.
    """

    estimate: float
    low: float
    high: float


@validate_params(
    {
        "y_true": ["array-like"],
        "y_proba": ["array-like"],
        "classes": ["array-like", None],
        "groups": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "n_resamples": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def score_intervals(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 999,
    random_state: int | np.random.RandomState | None = 0,
) -> dict[str, ScoreInterval]:
    """Confidence intervals of the scores of a classifier, over patients.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_proba : array-like of shape (n_samples, n_classes)
        Predicted probabilities.

    classes : array-like of shape (n_classes,), default=None
        Sorted labels, one a column of `y_proba`; with two, the second is the positive one. None
        takes the labels that occur in `y_true`.

    groups : array-like of shape (n_samples,), default=None
        The patient (or slide) of each image. None takes the images to be independent.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which each interval is to hold the true score.

    n_resamples : int, default=999
        Number of bootstrap samples of patients.

    random_state : int, RandomState instance or None, default=0
        Seed of the bootstrap.

    Returns
    -------
    intervals : dict of str to ScoreInterval
        Named tuples of the floats `estimate`, `low` and `high`, by the name of the score, as in
        :func:`evaluation_scores`.

    Examples
    --------
    >>> from dlboi.metrics import score_intervals
    >>> y_proba = [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]]
    >>> intervals = score_intervals(["ill", "ill", "well", "well"], y_proba)
    >>> intervals["accuracy"].estimate
    0.75
    """
    codes, y_proba = check_predictions(y_true, y_proba, classes, caller="score_intervals")
    patients = group_codes(groups, codes.size, caller="score_intervals")
    estimates = evaluation_scores(codes, y_proba, classes=np.arange(y_proba.shape[1]))
    n_groups = patients.max() + 1
    left_out = weighted_scores(codes, y_proba, patients != np.arange(n_groups)[:, None])
    quantile = stats.t.ppf((1 + confidence_level) / 2, max(1, n_groups - 1))
    intervals = {}
    for name, estimate in estimates.items():
        replicates = left_out.get(name, np.array([np.nan]))
        variance = (n_groups - 1) / n_groups * np.sum((replicates - estimate) ** 2)
        effective = n_groups
        if variance > 0:
            effective = max(1.0, estimate * (1 - estimate) / variance)
        low, high = wilson_bounds(estimate, effective, quantile)
        if np.isnan(variance) or n_groups == 1:
            low = high = np.nan
        intervals[name] = ScoreInterval(estimate, float(low), float(high))
    return intervals
