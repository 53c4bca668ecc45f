"""Scores of what a classifier predicts and of its probabilities, which may disagree."""

import numpy as np

from dlboi.metrics import ScoreInterval, per_class_table, proportion_interval, score_intervals

_OF_LABELS = ("accuracy", "balanced_accuracy", "sensitivity", "specificity")


def predicted_scores(y_true, y_pred, y_proba, classes, *, groups, confidence_level) -> dict:
    """Return all scores with their intervals.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_samples,)
        Labels.
    y_proba : ndarray of shape (n_samples, n_classes) or None
        Probabilities; without them their scores are NaN.
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    groups : ndarray of shape (n_samples,) or None
        Patients.
    confidence_level : float
        Confidence level of the intervals.

    Returns
    -------
    dict of str to ScoreInterval
        As :func:`dlboi.metrics.score_intervals` returns it.
    """
    options = {"classes": classes, "groups": groups, "confidence_level": confidence_level}
    of_labels = score_intervals(y_true, one_hot(y_pred, classes), **options)
    of_proba = dict.fromkeys(of_labels, ScoreInterval(np.nan, np.nan, np.nan))
    if y_proba is not None:
        of_proba = score_intervals(y_true, y_proba, **options)
    return {name: (of_labels if name in _OF_LABELS else of_proba)[name] for name in of_labels}


def class_scores(y_true, y_pred, classes, *, groups, confidence_level) -> dict:
    """Return recall, precision and F1 of each class, the intervals over patients.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_samples,)
        Labels.
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    groups : ndarray of shape (n_samples,) or None
        Patients.
    confidence_level : float
        Confidence level of the intervals.

    Returns
    -------
    dict of str to ndarray of shape (n_classes,)
        As :func:`dlboi.metrics.per_class_table` returns it, and with groups `n_patients`.
    """
    table = per_class_table(y_true, y_pred, classes=classes, confidence_level=confidence_level)
    if groups is None:
        return table
    table["n_patients"] = np.zeros(len(classes), dtype=int)
    for row, label in enumerate(classes):
        of_class = y_true == label
        patients = groups[of_class]
        table["n_patients"][row] = n_patients = len(np.unique(patients))
        bounds = np.nan, np.nan  # one patient says nothing of how patients differ
        if n_patients > 1:
            bounds = proportion_interval(
                y_pred[of_class] == label, groups=patients, confidence_level=confidence_level
            )[1:]
        table["recall_low"][row], table["recall_high"][row] = bounds
    return table


def one_hot(labels, classes) -> np.ndarray:
    """Return labels as probabilities of 0 and 1, one column a class."""
    return (labels[:, None] == classes).astype(float)
