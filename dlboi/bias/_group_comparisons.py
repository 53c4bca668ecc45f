"""Which images are compared to test a patient key."""

from itertools import combinations

import numpy as np

from dlboi.bias._likeness import Comparison
from dlboi.bias._similarity import similarity

_MAX_IMAGES = 1500  # of a class and part
_MAX_IMAGES_OF_AN_ID = 20


def sampled(strata: np.ndarray, ids: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the images that are compared: all, unless there are very many.

    Parameters
    ----------
    strata : ndarray of int of shape (n_images,)
        Class and part of each image.
    ids : ndarray of int of shape (n_images,)
        Id of each image.
    rng : Generator
        Draws them.

    Returns
    -------
    ndarray of int
        Sorted indices: of each class and part at most 1500 images, of whole ids drawn at random,
        those with several images first, and of an id there at most 20.
    """
    taken = []
    for stratum in np.unique(strata):
        index = rng.permutation(np.flatnonzero(strata == stratum))
        index = index[_occurrence(ids[index]) < _MAX_IMAGES_OF_AN_ID]
        if len(index) > _MAX_IMAGES:
            codes, sizes = np.unique(ids[index], return_inverse=True, return_counts=True)[1:]
            order = rng.random(len(sizes)) + (sizes == 1)
            index = index[np.argsort(order[codes], kind="stable")][:_MAX_IMAGES]
        taken.append(index)
    return np.sort(np.concatenate(taken))


def same_part(blocks: list, strata: np.ndarray, ids: np.ndarray) -> list[Comparison]:
    """Compare images within each class and part.

    Parameters
    ----------
    blocks : list of ndarray
        Those of :func:`similarity_blocks`.
    strata, ids : ndarray of int of shape (n_images,)
        Class and part, and id, of each image.

    Returns
    -------
    list of Comparison
    """
    found = []
    for stratum in np.unique(strata):
        index = np.flatnonzero(strata == stratum)
        if len(index) > 2:
            found.append(Comparison(similarity(blocks, index), ids[index], ids[index], True))
    return found


def across_parts(
    blocks: list, y: np.ndarray, parts: np.ndarray, ids: np.ndarray
) -> list[Comparison]:
    """Compare ids between parts, class by class, by the mean similarity of their images.

    Images of one id in one part are alike, so that ids are what can be permuted, not images.

    Parameters
    ----------
    blocks : list of ndarray
        Those of :func:`similarity_blocks`.
    y, parts, ids : ndarray of int of shape (n_images,)
        Class, part and id of each image.

    Returns
    -------
    list of Comparison
        Only where some id has images of a class in both parts.
    """
    found = []
    for label in np.unique(y):
        for first, second in combinations(np.unique(parts), 2):
            index = [np.flatnonzero((y == label) & (parts == part)) for part in (second, first)]
            if len(np.intersect1d(*(ids[each] for each in index))):
                (rows, row_ids), (columns, column_ids) = (_means(ids[each]) for each in index)
                likeness = rows @ similarity(blocks, *index) @ columns.T
                found.append(Comparison(likeness, row_ids, column_ids, False))
    return found


def of_means(
    comparisons: list[Comparison], nested: list[np.ndarray], parents: np.ndarray
) -> list[Comparison]:
    """Compare nested ids (slides) by the mean similarity of their images.

    Parameters
    ----------
    comparisons : list of Comparison
        Of images.
    nested : list of ndarray of int
        Nested id of each image of each comparison.
    parents : ndarray of int
        Id (patient) of each nested id.

    Returns
    -------
    list of Comparison
    """
    found = []
    for comparison, of_images in zip(comparisons, nested, strict=True):
        mean, names = _means(of_images)
        ids = parents[names]
        found.append(Comparison(mean @ comparison.similarity @ mean.T, ids, ids, True))
    return found


def _means(ids):
    """Return weights that average over the images of each id, (n_ids, n_images), and the ids."""
    names, codes, sizes = np.unique(ids, return_inverse=True, return_counts=True)
    weights = np.zeros((len(names), len(codes)))
    weights[codes, np.arange(len(codes))] = 1 / sizes[codes]
    return weights, names


def _occurrence(ids):
    """Return how often each entry has occurred before it."""
    order = np.argsort(ids, kind="stable")
    starts = np.unique(ids[order], return_index=True)[1]
    lengths = np.diff(np.append(starts, len(ids)))
    found = np.empty(len(ids), dtype=np.int64)
    found[order] = np.arange(len(ids)) - np.repeat(starts, lengths)
    return found
