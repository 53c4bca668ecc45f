"""Which class is said of the images of each class, for many weightings of the images at once."""

import numpy as np


def said_shares(proba: np.ndarray) -> np.ndarray:
    """Return in which share of the runs each image is said to be of each class.

    Parameters
    ----------
    proba : ndarray of shape (n_runs, n_images, n_classes)
        Probabilities; the largest decides.

    Returns
    -------
    said : ndarray of shape (n_images, n_classes)
    """
    classes = np.arange(proba.shape[2])
    return (proba.argmax(axis=2)[..., None] == classes).mean(axis=0)


def class_rates(weights: np.ndarray, y: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return how often each class is said of the images of each class.

    Parameters
    ----------
    weights : ndarray of shape (n_weightings, n_images)
        Weights of the images.
    y : ndarray of int of shape (n_images,)
        Classes.
    said : ndarray of shape (n_images, n_classes)
        See :func:`said_shares`.

    Returns
    -------
    rates : ndarray of shape (n_weightings, n_classes, n_classes)
        True classes along the second axis; NaN where a class has no weight.
    """
    n_classes = said.shape[1]
    rates = np.full((len(weights), n_classes, n_classes), np.nan)
    for code in range(n_classes):
        of_class = weights[:, y == code]
        total = of_class.sum(axis=1, keepdims=True)
        np.divide(of_class @ said[y == code], total, out=rates[:, code], where=total > 0)
    return rates


def recalls_of(
    weights: np.ndarray, y: np.ndarray, n_right: np.ndarray, n_asked=1.0, *, n_classes: int
) -> np.ndarray:
    """Return the share of correct answers by class.

    Parameters
    ----------
    weights : ndarray of shape (n_weightings, n_images)
        Weights of the images.
    y : ndarray of int of shape (n_images,)
        Classes.
    n_right : ndarray of shape (n_images,)
        In how many runs each image is classified correctly.
    n_asked : ndarray of shape (n_images,) or float, default=1.0
        In how many runs it is classified; 1 where `n_right` are shares.
    n_classes : int
        Number of classes.

    Returns
    -------
    recalls : ndarray of shape (n_weightings, n_classes)
        NaN where a class has no weight.
    """
    of_class = y == np.arange(n_classes)[:, None]
    total = weights @ (of_class * n_asked).T
    recalls = np.full(total.shape, np.nan)
    return np.divide(weights @ (of_class * n_right).T, total, out=recalls, where=total > 0)


def prevalence_of(weights: np.ndarray, y: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the weighted shares of the classes, (n_weightings, n_classes)."""
    of_class = y == np.arange(n_classes)[:, None]
    return weights @ of_class.T / weights.sum(axis=1, keepdims=True)


def reweighted(recalls: np.ndarray, prevalence: np.ndarray) -> np.ndarray:
    """Return the accuracy with given recalls at a prevalence, (n_weightings,).

    A class without images in the prevalence does not count, whether or not its recall is known.
    """
    return np.where(prevalence > 0, prevalence * recalls, 0).sum(axis=1)
