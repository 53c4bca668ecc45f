"""The words for labels and predictions in a figure."""

import numpy as np


def labels_of(images, y, name, caller):
    """Return the labels `y` as an array, one for each image."""
    y = np.asarray(y)
    if y.shape != (len(images),) or len(y) == 0:
        raise ValueError(
            f"The '{name}' parameter of {caller} must have one label for each of the"
            f" {len(images)} images, of which there must be at least one. Got shape {y.shape}"
            " instead."
        )
    return y


def label_names(found, labels, display_labels, caller):
    """Return a dict from each label to the name to show.

    Parameters
    ----------
    found : ndarray
        Labels that occur.

    labels : array-like of shape (n_classes,) or None
        All labels; None takes the sorted labels that occur.

    display_labels : sequence of str of length n_classes or None
        Their names; None takes the labels themselves.

    caller : str
        What an error names.
    """
    found = np.unique(found).tolist()
    labels = found if labels is None else np.asarray(labels).tolist()
    unknown = [label for label in found if label not in labels]
    if unknown:
        raise ValueError(
            f"The 'labels' parameter of {caller} must hold all labels. Got {labels} instead,"
            f" without {unknown}."
        )
    names = labels if display_labels is None else list(display_labels)
    if len(names) != len(labels):
        raise ValueError(
            f"The 'display_labels' parameter of {caller} must have one name for each of the labels"
            f" {labels}. Got {names} instead."
        )
    return {label: str(name) for label, name in zip(labels, names, strict=True)}


def confidence_of(y_pred, proba, labels, caller):
    """Return the probability of the predicted class of each image, or None where there is none.

    Parameters
    ----------
    y_pred : ndarray of shape (n,)
        Predicted labels.

    proba : array-like of shape (n,) or (n, n_classes) or None
        Probability of the predicted class, or of each class.

    labels : list of length n_classes
        Labels of the columns of `proba`.

    caller : str
        What an error names.
    """
    if proba is None:
        return None
    proba, n = np.asarray(proba, dtype=float), len(y_pred)
    if proba.shape == (n, len(labels)):
        return proba[np.arange(n), [labels.index(label) for label in y_pred.tolist()]]
    if proba.shape != (n,):
        raise ValueError(
            f"The 'proba' parameter of {caller} must have shape ({n},), or ({n}, {len(labels)})"
            f" with a column for each of the labels {labels}. Got shape {proba.shape} instead."
        )
    return proba


def with_probability(text, probability):
    """Return e.g. "NORMAL (0.97)"; the text alone where there is no probability."""
    return text if probability is None else f"{text} ({probability:.2f})"
