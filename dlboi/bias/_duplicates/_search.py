"""Pairs that are alike as thumbnails, and which of them are the same image."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from dlboi.bias._duplicates._clusters import Clusters
from dlboi.bias._duplicates._thumbnails import (
    Thumbnails,
    similar_pairs,
    similarities_by_symmetry,
)
from dlboi.bias._duplicates._verify import LEAST_COARSE, Trials, Views, detail_similarity

#: Within a set of more duplicates than this, pairs are listed only until it hangs together.
LARGE_CLUSTER = 50
_MOST_OF_ONE, _BATCH = 100, 2048
_SYMMETRY_MARGIN = 0.05


class Candidates(NamedTuple):
    """Pairs to look at closely, in each symmetry in which they are alike, most similar first.

    Attributes
    ----------
    trials : Trials
        Positions of the pairs, symmetries and scales.
    n_pairs : int
        Number of pairs.
    """

    trials: Trials
    n_pairs: int


class Found(NamedTuple):
    """Pairs that are the same image; one entry a pair.

    Attributes
    ----------
    pairs : ndarray of int of shape (n, 2)
    similarity : ndarray of float of shape (n,)
    codes : ndarray of int of shape (n,)
        Symmetry of the second image.
    """

    pairs: np.ndarray
    similarity: np.ndarray
    codes: np.ndarray


def candidates(thumbnails: Thumbnails, threshold: float) -> Candidates:
    """Return the pairs of thumbnails whose similarity reaches the threshold."""
    pairs = similar_pairs(thumbnails, threshold, _MOST_OF_ONE)
    similarity, scale = similarities_by_symmetry(thumbnails, pairs[:, 0], pairs[:, 1])
    return Candidates(trials_of(pairs, similarity, scale), len(pairs))


def trials_of(pairs: torch.Tensor, similarity: torch.Tensor, scale: torch.Tensor) -> Trials:
    """Return candidates in each symmetry in which they are alike, most similar first.

    Parameters
    ----------
    pairs : Tensor of int of shape (n, 2)
        Candidates.
    similarity, scale : Tensor of shape (n, 8)
        As in :func:`similarities_by_symmetry`.

    Returns
    -------
    Trials
    """
    # Chest images look much like their mirror images: the best symmetry need not be the right one.
    best = similarity.amax(dim=1, keepdim=True)
    position, codes = (similarity >= best - _SYMMETRY_MARGIN).nonzero().T
    order = similarity[position, codes].argsort(descending=True, stable=True)
    position, codes = position[order], codes[order]
    return Trials(pairs[position], codes, scale[position, codes])


def verify(views: Views, trials: Trials, threshold: float) -> Found:
    """Return the pairs whose fine detail is the same.

    Parameters
    ----------
    views : Views
        Of the images.
    trials : Trials
        Candidates, most similar first.
    threshold : float
        Least similarity of fine detail.

    Returns
    -------
    Found
    """
    clusters = Clusters(len(views.thumbnails.whole))
    best = {}
    for start in range(0, len(trials.codes), _BATCH):
        batch = trials.take(slice(start, start + _BATCH))
        is_open = [clusters.size_of_common(i, j) <= LARGE_CLUSTER for i, j in batch.pairs.tolist()]
        batch = batch.take(torch.tensor(is_open))
        similarity = detail_similarity(views, views, batch, min(LEAST_COARSE, threshold))
        good = similarity >= threshold
        for pair, code, value in zip(
            batch.pairs[good].tolist(),
            batch.codes[good].tolist(),
            similarity[good].tolist(),
            strict=True,
        ):
            clusters.join(*pair)
            best[tuple(pair)] = max(best.get(tuple(pair), (-1.0, 0)), (value, code))
    pairs = np.array(list(best), dtype=int).reshape(-1, 2)
    values = np.array(list(best.values())).reshape(-1, 2)
    return Found(pairs, np.minimum(values[:, 0], 1.0), values[:, 1].astype(int))


def first_of_each_pair(trials: Trials) -> Trials:
    """Return, of each pair, the symmetry in which its thumbnails are most alike."""
    _, first = np.unique(trials.pairs.numpy(), axis=0, return_index=True)
    return trials.take(torch.from_numpy(np.sort(first)))
