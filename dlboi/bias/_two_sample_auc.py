"""The area under the ROC curve of part against part, for many labellings at once."""

import numpy as np


def part_areas(
    scores: np.ndarray, labels: np.ndarray, patients: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how often a test image scores above a training image, patients counting the same.

    Parameters
    ----------
    scores : ndarray of shape (n_labellings, n_images)
        Scores of the images.
    labels : ndarray of bool of shape (n_labellings, n_images)
        Whether an image is of the test part.
    patients : ndarray of int of shape (n_images,)
        Patients 0, 1, …, in ascending order.

    Returns
    -------
    areas : ndarray of shape (n_labellings,)
        Probability that a random image of a random test patient scores above one of a training
        patient; equal scores count half.
    left_out : ndarray of shape (n_labellings, n_patients)
        The same with each patient left out in turn.
    """
    starts = np.flatnonzero(np.diff(patients, prepend=-1))
    weights = 1 / np.diff(starts, append=len(patients))[patients]
    is_test = labels[:, starts]
    n_test = is_test.sum(axis=1, keepdims=True)
    n_train = is_test.shape[1] - n_test
    test_below, train_below = _weight_below(scores, labels, weights)
    right = np.where(labels, train_below, n_test - test_below) * weights
    right = np.add.reduceat(right, starts, axis=1)
    pairs = (right * is_test).sum(axis=1, keepdims=True)
    n_left = (n_test - is_test) * (n_train - ~is_test)
    return (pairs / (n_test * n_train))[:, 0], (pairs - right) / n_left


def _weight_below(scores, labels, weights):
    """Return how many test and training patients score below each image, equal ones half."""
    order = np.argsort(scores, axis=1)
    ranked = np.take_along_axis(scores, order, axis=1)
    of_test = weights[order] * np.take_along_axis(labels, order, axis=1)
    starts = np.ones(scores.shape, dtype=bool)
    starts[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    found = []
    for weighted in (of_test, weights[order] - of_test):
        below = _mean_of_ends(np.cumsum(weighted, axis=1), weighted, starts)
        unsorted = np.empty_like(below)
        np.put_along_axis(unsorted, order, below, axis=1)
        found.append(unsorted)
    return found


def _mean_of_ends(upto, weighted, starts):
    """Return the mean of the weight below a run of equal scores and of that up to its end."""
    below = upto - weighted
    if not starts.all():
        below = np.maximum.accumulate(np.where(starts, below, 0), axis=1)
        ends = np.ones_like(starts)
        ends[:, :-1] = starts[:, 1:]
        upto = np.where(ends, upto, np.inf)[:, ::-1]
        upto = np.minimum.accumulate(upto, axis=1)[:, ::-1]
    return (below + upto) / 2
