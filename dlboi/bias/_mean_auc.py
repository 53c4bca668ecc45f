"""Area under the ROC curve, mean over classifiers, for many weightings of the images."""

import functools
from collections.abc import Callable

import numpy as np

# Pairs of images that are held at once.
_PAIRS = 4_000_000
# Runs whose pairs a byte can count, two each.
_RUNS = 127


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
    areas = [_areas_of(proba[..., c], y == c) for c in columns]

    def statistic(weights):
        return np.mean([of_class(weights) for of_class in areas], axis=0)

    return statistic


def _areas_of(scores, positive):
    high, low = scores[:, positive], scores[:, ~positive]
    size = max(1, _PAIRS // max(1, low.shape[1]))

    @functools.lru_cache(maxsize=1)  # where one part has all pairs, they are looked at once
    def halves_right(start):
        return _halves_right(high[:, start : start + size], low)

    def areas(weights):
        of_positive, of_negative = weights[:, positive], weights[:, ~positive]
        right = np.zeros(len(weights))
        for start in range(0, high.shape[1], size):
            right_of_negative = of_positive[:, start : start + size] @ halves_right(start)
            right += np.sum(right_of_negative * of_negative, axis=1) / (2 * len(scores))
        total = of_positive.sum(axis=1) * of_negative.sum(axis=1)
        return np.divide(right, total, out=np.full(len(total), np.nan), where=total > 0)

    return areas


def _halves_right(high, low):
    """Count over runs 2 for each pair in the right order and 1 for a tie."""
    halves = np.zeros((high.shape[1], low.shape[1]))
    for start in range(0, len(high), _RUNS):
        counted = np.zeros(halves.shape, dtype=np.uint8)
        runs = slice(start, start + _RUNS)
        for of_high, of_low in zip(high[runs], low[runs], strict=True):
            counted += (of_high[:, None] > of_low).view(np.uint8)
            counted += (of_high[:, None] >= of_low).view(np.uint8)
        halves += counted
    return halves
