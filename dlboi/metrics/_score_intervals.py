"""Confidence intervals of the scores of a classifier."""

from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi._validation import group_codes
from dlboi.metrics._calibration_error import calibration_bounds
from dlboi.metrics._evaluation_scores import check_predictions, evaluation_scores
from dlboi.metrics._score_bounds import bounds_of_proportions, jackknifed_bounds


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

    Returns
    -------
    intervals : dict of str to ScoreInterval
        Named tuples of the floats `estimate`, `low` and `high`, by the name of the score, as in
        :func:`evaluation_scores`.

    Raises
    ------
    ValueError
        Where :func:`evaluation_scores` would raise one, or `groups` does not name a group for every
        image.

    See Also
    --------
    evaluation_scores : The scores alone.
    proportion_interval : The interval of the accuracy.
    roc_band : The ROC curve with a band.

    Notes
    -----
    Bounds are NaN where the score is, where a class that the score needs has images of only one
    patient, and with one patient. Flawless answers of few patients give a wide interval, never a
    certain one.

    Accuracy, sensitivity and specificity have the interval of :func:`proportion_interval`; for the
    latter two over the images of the class.

    Balanced accuracy, area under the ROC curve, average precision and Brier score (over its largest
    value) have Student's t interval of their logit, with the standard error from leaving out
    patients in turn, the jackknife [1]_. More than 400 patients are left out in 400 blocks. As an
    error that no patient of a small set has shown may still exist, s (1 − s) / n² is added to the
    variance of the score s, which matters with few patients only; n is the number of patients, or
    the number with images of the rarest class times that of classes if this is less (except for the
    Brier score). The interval is never wider than Wilson's would be for as many independent answers
    as the rarest class has patients (the Brier score: half of all patients), or for the effective
    number if this is less; this is the interval where the score does not vary.

    The calibration error cannot be negative and is biased upward where it is small, the more the
    fewer images there are. Its interval is conservative: to both sides a t quantile times the
    standard error over patients, in which the sign of a bin's gap counts as much as it is sure,
    and to the lower side, too, the bias that a calibrated classifier would have. A lower bound
    above 0 shows that it is not calibrated.

    Share of 1000 simulated sets whose 95 % interval held the truth, among those with an interval,
    by number of patients. Images of one patient are correlated (0.3), their numbers follow a
    geometric distribution with mean 3.3. With two classes a patient has images of one of them, with
    six of all. ``python -m benchmarks.score_coverage scores`` prints the table:

    =======  ========  ==========================  =====  =====  =====  =====
    classes  accuracy  score                       10     20     40     400
    =======  ========  ==========================  =====  =====  =====  =====
    2        0.8       accuracy                    0.988  0.987  0.976  0.946
    2        0.8       balanced_accuracy           0.988  0.975  0.965  0.942
    2        0.8       sensitivity                 0.996  0.994  0.987  0.950
    2        0.8       roc_auc                     0.985  0.972  0.959  0.949
    2        0.8       average_precision           0.991  0.985  0.982  0.976
    2        0.8       brier_score                 0.980  0.972  0.962  0.949
    2        0.8       expected_calibration_error  1.000  1.000  1.000  0.974
    2        0.95      accuracy                    0.992  0.994  0.989  0.960
    2        0.95      balanced_accuracy           0.981  0.988  0.981  0.953
    2        0.95      sensitivity                 0.997  0.992  0.989  0.960
    2        0.95      roc_auc                     0.984  0.990  0.983  0.946
    2        0.95      average_precision           0.991  0.992  0.990  0.958
    2        0.95      brier_score                 0.982  0.960  0.966  0.948
    2        0.95      expected_calibration_error  1.000  1.000  1.000  0.979
    6        0.8       accuracy                    0.999  0.993  0.984  0.947
    6        0.8       balanced_accuracy           0.984  0.980  0.960  0.945
    6        0.8       roc_auc                     0.993  0.990  0.969  0.932
    6        0.8       average_precision           0.989  0.985  0.965  0.932
    6        0.8       brier_score                 0.989  0.977  0.967  0.936
    6        0.8       expected_calibration_error  1.000  1.000  1.000  0.966
    6        0.95      accuracy                    0.995  0.995  0.988  0.964
    6        0.95      balanced_accuracy           0.992  0.974  0.970  0.943
    6        0.95      roc_auc                     0.997  0.992  0.987  0.939
    6        0.95      average_precision           0.996  0.987  0.979  0.937
    6        0.95      brier_score                 0.989  0.971  0.959  0.937
    6        0.95      expected_calibration_error  1.000  1.000  1.000  0.959
    =======  ========  ==========================  =====  =====  =====  =====

    The standard error of a share is 0.007 at 0.95. The interval of the calibration error held the
    truth in 0.998 of the sets or more, at each number of patients, for a calibrated classifier with
    two classes and an accuracy of 0.8; the command prints that, too.

    References
    ----------
    .. [1] Miller, R. G. (1974). The jackknife: a review. Biometrika 61, 1-15.

    Examples
    --------
    Two images each of ten patients, and the probability of the second class:

    >>> import numpy as np
    >>> from dlboi.metrics import score_intervals
    >>> y_true = np.repeat(["ill", "well"], 10)
    >>> well = [1, 2, 2, 6, 3, 1, 4, 7, 2, 3, 8, 9, 6, 4, 9, 7, 8, 8, 5.5, 9]
    >>> y_proba = np.transpose([1 - np.array(well) / 10, np.array(well) / 10])
    >>> patients = np.repeat(np.arange(10), 2)
    >>> for name, found in score_intervals(y_true, y_proba, groups=patients).items():
    ...     print(name, [round(value, 2) for value in found])
    accuracy [0.85, 0.56, 0.96]
    balanced_accuracy [0.85, 0.53, 0.97]
    sensitivity [0.9, 0.36, 0.99]
    specificity [0.8, 0.31, 0.97]
    roc_auc [0.94, 0.56, 0.99]
    average_precision [0.93, 0.43, 1.0]
    brier_score [0.11, 0.04, 0.27]
    expected_calibration_error [0.05, 0.0, 0.32]
    """
    codes, y_proba = check_predictions(y_true, y_proba, classes, caller="score_intervals")
    patients = group_codes(groups, codes.size, caller="score_intervals")
    estimates = evaluation_scores(codes, y_proba, classes=np.arange(y_proba.shape[1]))
    units = None if groups is None else patients
    bounds = bounds_of_proportions(codes, y_proba, units, confidence_level)
    bounds |= jackknifed_bounds(codes, y_proba, patients, estimates, confidence_level)
    bounds["expected_calibration_error"] = calibration_bounds(
        codes, y_proba, patients, confidence_level
    )
    return {name: ScoreInterval(score, *bounds[name]) for name, score in estimates.items()}
