"""Near duplicates planted into the user's own images, and how many of them are found."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from dlboi.bias._duplicates._filters import resize
from dlboi.bias._duplicates._plant import changed
from dlboi.bias._duplicates._reader import ImageReader
from dlboi.bias._duplicates._scan import Scan
from dlboi.bias._duplicates._search import trials_of
from dlboi.bias._duplicates._thumbnails import (
    MIDDLE_SIDE,
    make_thumbnails,
    similarities_by_symmetry,
)
from dlboi.bias._duplicates._verify import LEAST_COARSE, Trials, Views, detail_similarity


class Planted(NamedTuple):
    """Changed copies of some images.

    Attributes
    ----------
    kinds : list of str
        Names of the changes; each image has a copy of each kind, in this order.
    originals : Tensor of int of shape (n_copies,)
        Position of the image of which each is a copy.
    views : Views
        Of the copies.
    similarity, scale : Tensor of shape (n_copies, 8)
        As in :func:`similarities_by_symmetry`, of originals and copies.
    """

    kinds: list
    originals: torch.Tensor
    views: Views
    similarity: torch.Tensor
    scale: torch.Tensor


def plant(reader: ImageReader, scanned: Scan, positions, rng) -> Planted:
    """Make changed copies of images.

    Parameters
    ----------
    reader : ImageReader
        The images.
    scanned : Scan
        What is known of them.
    positions : ndarray of int
        Which of the images to compare get copies; at least one.
    rng : numpy.random.Generator
        Chooses the changes.

    Returns
    -------
    Planted
    """
    middle, fine, kinds = [], [], []
    for position in positions:
        (image,) = reader.images([scanned.index[position]])
        copies = changed(reader.eight_bits(image), rng)
        kinds = list(copies)
        for copy in copies.values():
            pixels = torch.from_numpy(copy.astype(np.float32))[None]
            middle.append(resize(pixels, MIDDLE_SIDE))
            fine.append(resize(pixels, scanned.side))
    views = Views(make_thumbnails(torch.cat(middle)), torch.cat(fine).__getitem__)
    originals = torch.from_numpy(np.repeat(positions, len(kinds)))
    similarity, scale = similarities_by_symmetry(
        scanned.views.thumbnails, originals, torch.arange(len(originals)), views.thumbnails
    )
    return Planted(kinds, originals, views, similarity, scale)


def greatest_by_kind(planted: Planted) -> np.ndarray:
    """Return how alike copies are as thumbnails, (n_images, n_kinds), in their best symmetry."""
    return planted.similarity.amax(dim=1).reshape(-1, len(planted.kinds)).numpy()


def found_copies(
    scanned: Scan, planted: Planted, candidate_threshold: float, threshold: float
) -> np.ndarray:
    """Return whether the search finds each copy, bool of shape (n_images, n_kinds)."""
    is_candidate = planted.similarity.amax(dim=1) >= candidate_threshold
    trials = trials_of(
        _pairs(planted)[is_candidate], planted.similarity[is_candidate], planted.scale[is_candidate]
    )
    least = min(LEAST_COARSE, threshold)
    similarity = detail_similarity(scanned.views, planted.views, trials, least)
    found = torch.zeros(len(planted.originals), dtype=torch.bool)
    found[trials.pairs[similarity >= threshold, 1]] = True
    return found.reshape(-1, len(planted.kinds)).numpy()


def copy_similarities(scanned: Scan, planted: Planted) -> np.ndarray:
    """Return the similarity of the fine detail of originals and copies, (n_copies,)."""
    codes = planted.similarity.argmax(dim=1)
    trials = Trials(_pairs(planted), codes, planted.scale[torch.arange(len(codes)), codes])
    return detail_similarity(scanned.views, planted.views, trials, least=-1.0).numpy()


def _pairs(planted):
    """Return the positions of each original and its copy, (n_copies, 2)."""
    return torch.stack([planted.originals, torch.arange(len(planted.originals))], dim=1)
