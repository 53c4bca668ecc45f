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

    Raises
    ------
    ValueError
        Where `y_true` is empty or holds a label that is not in `classes`, `y_proba` has not one row
        an image and one column a class, or does not hold probabilities that sum to 1, or `classes`
        is not sorted.

    See Also
    --------
    score_intervals : The scores with their confidence intervals.
    per_class_table : Recall and precision of each class.

    Notes
    -----
    The predicted class is that of the largest probability. With more than two classes the area
    under the ROC curve and the average precision are the means of those of each class against the
    rest. The Brier score is the mean squared error of the probabilities, summed over the classes
    and, with two classes, halved, as in scikit-learn.

    The expected calibration error is the mean distance, over bins, between the confidence (the
    largest probability) and the accuracy. It has ten bins of equal numbers of images, fewer where
    they would hold less than ten images: equal numbers have less bias than equal widths [1]_. The
    plain estimate is biased upward, as chance alone moves the accuracy of a bin away from its
    confidence. Its expectation if the distances were the true ones, with normal errors, tells by
    how much, and this is taken off [2]_, down to 0. Part of the bias remains where the classifier
    is nearly calibrated or images are few or of few patients: compare classifiers on the same
    images, and read :func:`score_intervals`.

    References
    ----------
    .. [1] Roelofs, R., Cain, N., Shlens, J., and Mozer, M. C. (2022). Mitigating bias in
       calibration error estimation. Proceedings of AISTATS, PMLR 151, 4036-4054.
    .. [2] Kumar, A., Liang, P., and Ma, T. (2019). Verified uncertainty calibration. Advances in
       Neural Information Processing Systems 32.

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
