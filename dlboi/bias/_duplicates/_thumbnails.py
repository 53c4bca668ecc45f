"""Normalised cross-correlation of all pairs of thumbnails, in eight symmetries at once."""

from __future__ import annotations

from typing import NamedTuple

import torch

from dlboi.bias._duplicates._filters import resize, zoom
from dlboi.bias._duplicates._symmetries import NAMES, turned

SIDE = 32
MIDDLE_SIDE = 64
#: Central part that is compared as well, so that a crop finds its original.
ZOOM = 0.96
_ROWS, _COLUMNS, _PAIRS = 256, 2048, 512
_HALF = SIDE // 2


class Thumbnails(NamedTuple):
    """Small versions of images, of mean 0 and norm 1.

    Attributes
    ----------
    whole, zoomed : Tensor of float32 of shape (n, 32, 32)
        The whole image, and its central part.
    middle : Tensor of float16 of shape (n, 64, 64)
        The whole image with more pixels, of standard deviation 1.
    """

    whole: torch.Tensor
    zoomed: torch.Tensor
    middle: torch.Tensor

    def take(self, index) -> Thumbnails:
        """Return the thumbnails `index`."""
        return Thumbnails(*(part[index] for part in self))


def make_thumbnails(middle: torch.Tensor) -> Thumbnails:
    """Return the thumbnails of grey images (n, 64, 64) that are not constant."""
    middle = standardise(middle) * MIDDLE_SIDE
    whole, zoomed = resize(middle, SIDE), zoom(middle, SIDE, ZOOM)
    return Thumbnails(standardise(whole), standardise(zoomed), middle.to(torch.float16))


def standardise(images: torch.Tensor) -> torch.Tensor:
    """Return images (n, h, w) with mean 0 and norm 1; constant ones become 0."""
    images = images - images.mean(dim=(1, 2), keepdim=True)
    return images / images.norm(dim=(1, 2), keepdim=True).clamp(min=1e-12)


class ParityParts(NamedTuple):
    """Thumbnails split into parts that are even or odd in either direction.

    Of two images, a flip changes the signs of the correlations of the odd parts alone. So one
    matrix product, of the parts, gives the correlations of four symmetries, and a second one, of
    the transposed parts, those of the other four.

    Attributes
    ----------
    upright, transposed : Tensor of shape (4, n, 256)
        Parts that are even-even, even-odd, odd-even and odd-odd (rows, columns).
    """

    upright: torch.Tensor
    transposed: torch.Tensor


def parity_parts(thumbnails: torch.Tensor) -> ParityParts:
    """Split thumbnails (n, 32, 32)."""
    top, bottom = thumbnails[:, :_HALF], thumbnails[:, _HALF:].flip(1)
    parts = []
    for rows in (top + bottom, top - bottom):
        left, right = rows[..., :_HALF], rows[..., _HALF:].flip(2)
        parts += [(left + right) / 2, (left - right) / 2]
    even, even_odd, odd_even, odd = parts
    swapped = (part.transpose(1, 2) for part in (even, odd_even, even_odd, odd))
    return ParityParts(_stacked(parts), _stacked(swapped))


def _stacked(parts):
    return torch.stack([part.flatten(1) for part in parts])


def greatest_similarities(whole: ParityParts, zoomed: ParityParts, rows, columns) -> torch.Tensor:
    """Return the largest correlation over symmetries and crops of each pair of two slices."""
    best = None
    for first, second in ((whole, whole), (whole, zoomed), (zoomed, whole)):
        for other in second:
            parts = first.upright[:, rows] @ other[:, columns].transpose(1, 2)
            same = parts[0] + parts[3] + (parts[1] + parts[2]).abs_()
            mirrored = (parts[0] - parts[3]) + (parts[1] - parts[2]).abs_()
            greatest = torch.maximum(same, mirrored)
            best = greatest if best is None else torch.maximum(best, greatest)
    return best


def similar_pairs(thumbnails: Thumbnails, threshold: float, most_of_one: int) -> torch.Tensor:
    """Return the pairs of thumbnails whose similarity reaches a threshold.

    Parameters
    ----------
    thumbnails : Thumbnails
        Of n images.
    threshold : float
        Least similarity.
    most_of_one : int
        How many pairs of one image with later ones, the most similar, are kept of a block.

    Returns
    -------
    Tensor of int of shape (n_pairs, 2)
        Each pair once, the lower index first.
    """
    whole, zoomed = parity_parts(thumbnails.whole), parity_parts(thumbnails.zoomed)
    n, found = len(thumbnails.whole), [torch.empty(0, 2, dtype=torch.int64)]
    for row in range(0, n, _ROWS):
        for column in range(row, n, _COLUMNS):
            rows, columns = slice(row, row + _ROWS), slice(column, column + _COLUMNS)
            block = greatest_similarities(whole, zoomed, rows, columns)
            if column < row + _ROWS:
                block = block.triu(diagonal=row - column + 1).sub_(
                    torch.ones_like(block).tril(diagonal=row - column)
                )
            if block.shape[1] > most_of_one:
                block = _only_the_best(block, most_of_one, threshold)
            found.append((block >= threshold).nonzero() + torch.tensor([row, column]))
    return torch.cat(found)


def _only_the_best(block, most, threshold):
    crowded = ((block >= threshold).sum(dim=1) > most).nonzero()[:, 0]
    for i in crowded:
        order = block[i].argsort(descending=True)
        block[i, order[most:]] = -2
    return block


def similarities_by_symmetry(
    thumbnails: Thumbnails, first, second, others: Thumbnails | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the correlation of given pairs in each symmetry, and the scale that it suggests.

    Parameters
    ----------
    thumbnails : Thumbnails
        Of the first image of each pair.
    first, second : Tensor of int of shape (n_pairs,)
        The pairs.
    others : Thumbnails, default=None
        Of the second image of each pair; None: the same set.

    Returns
    -------
    similarity : Tensor of shape (n_pairs, 8)
    scale : Tensor of shape (n_pairs, 8)
        Scale from which to align the second image: below 1 where the first is a crop of it.
    """
    others = thumbnails if others is None else others
    similarity = torch.empty(len(first), len(NAMES))
    scale = torch.empty(len(first), len(NAMES))
    # Whole with whole, whole with zoomed, zoomed with whole.
    scales = torch.tensor([1.0, ZOOM, 1 / ZOOM])
    for start in range(0, len(first), _PAIRS):
        part = slice(start, start + _PAIRS)
        fixed = torch.stack([thumbnails.whole[first[part]], thumbnails.zoomed[first[part]]], dim=1)
        moving = torch.cat([others.whole[second[part]], others.zoomed[second[part]]])
        for code in range(len(NAMES)):
            partners = turned(moving, code).reshape(2, -1, SIDE * SIDE).permute(1, 2, 0)
            products = (fixed.flatten(2) @ partners).flatten(1)
            best = products[:, :3].max(dim=1)
            similarity[part, code] = best.values
            scale[part, code] = scales[best.indices]
    return similarity, scale
