"""Scores of a classifier on a test set."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import validate_params

from dlboi.metrics._calibration_error import calibration_error
from dlboi.metrics._weighted_scores import weighted_scores


@validate_params(
    {"y_true": ["array-like"], "y_proba": ["array-like"], "classes": ["array-like", None]},
    prefer_skip_nested_validation=True,
)
def evaluation_scores(
    y_true: ArrayLike, y_proba: ArrayLike, *, classes: ArrayLike | None = None
) -> dict[str, float]:
    """Scores of a classifier, from its predicted probabilities.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_proba : array-like of shape (n_samples, n_classes)
        Predicted probabilities.

    classes : array-like of shape (n_classes,), default=None
        Sorted labels, one a column of `y_proba`; with two, the second is the positive one. None
        takes the labels that occur in `y_true`.

    Returns
    -------
    scores : dict of str to float
        `accuracy`, `balanced_accuracy`, with two classes `sensitivity` and `specificity`,
        `roc_auc`, `average_precision`, `brier_score`, `expected_calibration_error`. NaN where a
        score is not defined, as a class does not occur.

    Examples
    --------
    >>> from dlboi.metrics import evaluation_scores
    >>> y_proba = [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]]
    >>> scores = evaluation_scores(["ill", "ill", "well", "well"], y_proba)
    >>> scores["accuracy"], scores["roc_auc"]
    (0.75, 0.75)
    """
    codes, y_proba = check_predictions(y_true, y_proba, classes, caller="evaluation_scores")
    found = weighted_scores(codes, y_proba, np.ones((1, codes.size)))
    scores = {name: float(values[0]) for name, values in found.items()}
    return scores | {"expected_calibration_error": calibration_error(codes, y_proba)}


def check_predictions(y_true, y_proba, classes, *, caller):
    """Return the true classes as columns of `y_proba`, and `y_proba`, or say what is wrong.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_proba : array-like of shape (n_samples, n_classes)
        Predicted probabilities.

    classes : array-like of shape (n_classes,) or None
        Sorted labels.

    caller : str
        Name of the public function, for the messages.

    Returns
    -------
    codes : ndarray of int of shape (n_samples,)

    y_proba : ndarray of float of shape (n_samples, n_classes)
    """
    y_true, y_proba = np.asarray(y_true), np.asarray(y_proba, dtype=float)
    if y_true.ndim != 1 or y_true.size == 0 or y_proba.shape[:1] != y_true.shape:
        raise ValueError(
            f"The 'y_true' and 'y_proba' parameters of {caller} must have one entry and one row an"
            f" image, at least 1. Got shapes {y_true.shape} and {y_proba.shape} instead."
        )
    found = np.unique(y_true)
    classes = found if classes is None else np.asarray(classes)
    if y_proba.ndim != 2 or y_proba.shape[1] != classes.size or classes.size < 2:
        raise ValueError(
            f"The 'y_proba' parameter of {caller} must have one column for each of the"
            f" {classes.size} classes, at least 2. Got shape {y_proba.shape} instead: name the"
            " labels of all columns in 'classes' if some do not occur in 'y_true'."
        )
    if np.any(classes[1:] <= classes[:-1]) or np.setdiff1d(found, classes).size:
        raise ValueError(
            f"The 'classes' parameter of {caller} must be sorted and hold every label of 'y_true',"
            f" {found.tolist()}. Got {classes.tolist()} instead."
        )
    sums_to_1 = np.abs(y_proba.sum(axis=1) - 1) < 1e-3
    if not (np.all((y_proba >= 0) & (y_proba <= 1)) and sums_to_1.all()):
        raise ValueError(
            f"The 'y_proba' parameter of {caller} must hold probabilities, from 0 to 1, whose rows"
            " sum to 1. Got others instead: pass what predict_proba returns."
        )
    return np.searchsorted(classes, y_true), y_proba
