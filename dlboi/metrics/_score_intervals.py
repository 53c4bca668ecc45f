"""Confidence intervals of the scores of a classifier."""

from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.metrics._calibration_error import calibration_bounds
from dlboi.metrics._evaluation_scores import check_predictions, evaluation_scores
from dlboi.metrics._group_codes import group_codes
from dlboi.metrics._jackknife_bounds import jackknife_bounds
from dlboi.metrics._proportion_interval import proportion_interval
from dlboi.metrics._weighted_scores import weighted_scores

# More patients than these are left out in blocks, which bounds the time and the memory.
_N_BLOCKS = 400


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
    correct = y_proba.argmax(axis=1) == codes
    of_class = {"accuracy": codes >= 0, "sensitivity": codes == 1, "specificity": codes == 0}
    bounds = {
        name: _proportion_bounds(correct[chosen], groups, chosen, confidence_level)
        for name, chosen in of_class.items()
        if name in estimates
    }
    bounds |= _jackknifed(codes, y_proba, patients, estimates, confidence_level)
    bounds["expected_calibration_error"] = calibration_bounds(
        codes, y_proba, patients, confidence_level
    )
    return {name: ScoreInterval(score, *bounds[name]) for name, score in estimates.items()}


def _proportion_bounds(correct, groups, chosen, confidence_level):
    if groups is not None:
        groups = np.asarray(groups)[chosen]
    if correct.size == 0 or (groups is not None and np.unique(groups).size < 2):
        return np.nan, np.nan
    return proportion_interval(correct, groups=groups, confidence_level=confidence_level)[1:]


def _jackknifed(codes, y_proba, patients, estimates, confidence_level):
    n_classes, n_patients = y_proba.shape[1], patients.max() + 1
    blocks = patients % _N_BLOCKS
    n_blocks = blocks.max() + 1
    left_out = weighted_scores(
        codes, y_proba, (blocks != np.arange(n_blocks)[:, None]).astype(float)
    )
    holders = [np.unique(patients[codes == column]).size for column in range(n_classes)]
    n_scarce = max(1, min(holders))
    n_seen = min(n_patients, n_classes * n_scarce)
    bounds = {}
    for name, patients_seen in (
        ("balanced_accuracy", n_seen),
        ("roc_auc", n_seen),
        ("average_precision", n_seen),
        ("brier_score", n_patients),
    ):
        largest = 2 if name == "brier_score" and n_classes > 2 else 1
        low, high = jackknife_bounds(
            estimates[name] / largest,
            left_out[name] / largest,
            n_scarce=n_patients / 2 if name == "brier_score" else n_scarce,
            n_seen=patients_seen,
            confidence_level=confidence_level,
        )
        bounds[name] = low * largest, high * largest
    return bounds
