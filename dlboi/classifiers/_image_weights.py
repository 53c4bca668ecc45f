"""Weights of images and of classes in the loss."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import _check_sample_weight


def check_weight(sample_weight, n_samples: int) -> np.ndarray:
    """Return weights with a largest of 1, as float32; those that vanish beside it are 0.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,)
        As ``fit`` is given it.
    n_samples : int
        Number of images.

    Returns
    -------
    ndarray of float32 of shape (n_samples,)
    """
    rows = np.empty((n_samples, 0))
    weight = _check_sample_weight(sample_weight, rows, dtype=np.float64, ensure_non_negative=True)
    return (weight / max(weight.max(), np.finfo(float).tiny)).astype(np.float32)


def class_weights(estimator, classes, target, weight) -> np.ndarray:
    """Return the weight of each class, the largest 1: the loss is a weighted mean.

    Parameters
    ----------
    estimator : ImageClassifier
        Its parameter `class_weight` says what is wanted.
    classes : ndarray
        The class labels, sorted.
    target : ndarray of int
        Class of each image, as a position in `classes`.
    weight : ndarray or None
        Weight of each image.

    Returns
    -------
    ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        A weight is not above 0.
    """
    asked = estimator.class_weight
    if asked is None:
        return np.ones(len(classes))
    if isinstance(asked, str):  # "balanced": all classes weigh the same, images' weights counted
        weights = 1 / np.bincount(target, weights=weight, minlength=len(classes))
    else:
        weights = compute_class_weight(asked, classes=classes, y=classes[target])
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError(
            f"The 'class_weight' parameter of {type(estimator).__name__} must be 'balanced' or a "
            f"dict of numbers above 0. Got {asked!r} instead."
        )
    return weights / weights.max()
