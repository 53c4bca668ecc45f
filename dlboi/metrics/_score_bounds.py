"""Bounds of the scores of a classifier over patients."""

import numpy as np

from dlboi.metrics._jackknife_bounds import jackknife_bounds
from dlboi.metrics._proportion_interval import proportion_interval
from dlboi.metrics._weighted_scores import weighted_scores

# More patients than these are left out in blocks, which bounds the time and the memory.
_N_BLOCKS = 400


def bounds_of_proportions(codes, y_proba, patients, confidence_level):
    """Return the bounds of the scores that are proportions.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Column of `y_proba` of the true class.

    y_proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    patients : ndarray of int of shape (n_samples,) or None
        Patients 0, 1, …; None takes the images to be independent.

    confidence_level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    bounds : dict of str to tuple of (float, float)
        By the name of the score; NaN where there are none.
    """
    correct = y_proba.argmax(axis=1) == codes
    parts = {"accuracy": codes >= 0, "sensitivity": codes == 1, "specificity": codes == 0}
    bounds = dict.fromkeys(parts, (np.nan, np.nan))
    for name, part in parts.items():
        groups = None if patients is None else patients[part]
        if part.any() and (groups is None or np.ptp(groups) > 0):
            bounds[name] = proportion_interval(
                correct[part], groups=groups, confidence_level=confidence_level
            )[1:]
    return bounds


def jackknifed_bounds(codes, y_proba, patients, estimates, confidence_level):
    """Return the bounds of the other scores, but for the calibration error.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Column of `y_proba` of the true class.

    y_proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    patients : ndarray of int of shape (n_samples,)
        Patients 0, 1, ….

    estimates : dict of str to float
        The scores.

    confidence_level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    bounds : dict of str to tuple of (float, float)
        By the name of the score; NaN where there are none.
    """
    n_classes, n_patients = y_proba.shape[1], patients.max() + 1
    blocks = patients % _N_BLOCKS
    kept = (blocks != np.arange(blocks.max() + 1)[:, None]).astype(float)
    left_out = weighted_scores(codes, y_proba, kept)
    holders = [np.unique(patients[codes == column]).size for column in range(n_classes)]
    n_scarce = max(1, min(holders))
    n_seen = min(n_patients, n_classes * n_scarce)
    bounds = {
        name: jackknife_bounds(
            estimates[name],
            left_out[name],
            n_scarce=n_scarce,
            n_seen=n_seen,
            confidence_level=confidence_level,
        )
        for name in ("balanced_accuracy", "roc_auc", "average_precision")
    }
    # All images count in the Brier score, whichever their class.
    largest = 2 if n_classes > 2 else 1
    low, high = jackknife_bounds(
        estimates["brier_score"] / largest,
        left_out["brier_score"] / largest,
        n_scarce=n_patients / 2,
        n_seen=n_patients,
        confidence_level=confidence_level,
    )
    bounds["brier_score"] = low * largest, high * largest
    return bounds
