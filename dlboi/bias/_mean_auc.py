"""Area under the ROC curve, mean over classifiers, for many weightings of the images."""

from collections.abc import Callable

import numpy as np

# Pairs of images that are held at once.
_PAIRS = 4_000_000


def mean_auc(proba: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from weights to the mean area under the ROC curve.

    The area is the share of pairs of a positive and a negative image that are ranked right, and
    the mean over classifiers that of the pairs' shares of classifiers: the pairs are looked at
    once, whatever the number of weightings.

    Parameters
    ----------
    proba : ndarray of shape (n_runs, n_images, n_classes)
        Probabilities by each classifier. With two classes the second is the positive one, with
        more each is compared to the rest and the areas are averaged.
    y : ndarray of int of shape (n_images,)
        Codes of the classes.

    Returns
    -------
    statistic : callable
        From weights of shape (n_weightings, n_images) to areas of shape (n_weightings,), NaN where
        a class has no weight.
    """
    n_classes = proba.shape[2]
    columns = range(1, 2) if n_classes == 2 else range(n_classes)

    def statistic(weights):
        return np.mean([_areas(proba[..., c], y == c, weights) for c in columns], axis=0)

    return statistic


def _areas(scores, positive, weights):
    of_positive, of_negative = weights[:, positive], weights[:, ~positive]
    high, low = scores[:, positive], scores[:, ~positive]
    right = np.zeros(len(weights))
    size = max(1, _PAIRS // max(1, low.shape[1]))
    for start in range(0, high.shape[1], size):
        part = slice(start, start + size)
        shares = sum(_ranked_right(*run) for run in zip(high[:, part], low, strict=True))
        right += np.sum((of_positive[:, part] @ shares) * of_negative, axis=1) / len(scores)
    total = of_positive.sum(axis=1) * of_negative.sum(axis=1)
    return np.divide(right, total, out=np.full(len(total), np.nan), where=total > 0)


def _ranked_right(high, low):
    """Return 1 for a pair in the right order, 1/2 for a tie."""
    above = high[:, None] > low
    return above + 0.5 * (high[:, None] == low)
