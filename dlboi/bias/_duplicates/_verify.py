"""Look closely at pairs that are alike as thumbnails."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from dlboi.bias._duplicates._align import align, start_of
from dlboi.bias._duplicates._filters import blur
from dlboi.bias._duplicates._symmetries import transform
from dlboi.bias._duplicates._thumbnails import Thumbnails

_BATCH = 256
_FINE_BATCH = 32
#: Pairs that align worse than this at 32 or at 64 pixels are not looked at any closer.
LEAST_COARSE = 0.8
#: Blur that is taken off before, in pixels, to leave detail that different patients do not share.
_SIGMA = {"whole": 4.0, "middle": 2.0}
_STEPS = {"whole": 6, "middle": 4, "fine": 3}


class Views(NamedTuple):
    """Images at the sizes that are compared.

    Attributes
    ----------
    thumbnails : Thumbnails
        The small sizes.
    fine : callable
        Gives the images of an index as grey ones at the largest size compared.
    """

    thumbnails: Thumbnails
    fine: Callable[[torch.Tensor], torch.Tensor]


class Trials(NamedTuple):
    """Pairs, each in one symmetry.

    Attributes
    ----------
    pairs : Tensor of int of shape (n, 2)
        Positions of the images.
    codes : Tensor of int of shape (n,)
        Symmetry of the second image.
    scale : Tensor of shape (n,)
        Scale from which to align.
    """

    pairs: torch.Tensor
    codes: torch.Tensor
    scale: torch.Tensor

    def take(self, index) -> Trials:
        """Return the trials `index`."""
        return Trials(*(part[index] for part in self))


def detail_similarity(
    first: Views, second: Views, trials: Trials, least: float = LEAST_COARSE
) -> torch.Tensor:
    """Return the correlation of the fine detail of pairs of images, after alignment.

    Parameters
    ----------
    first, second : Views
        Where the first and the second images of the pairs are.
    trials : Trials
        The pairs.
    least : float, default=0.8
        Pairs whose coarse detail correlates less are given up; -1 gives up none.

    Returns
    -------
    Tensor of shape (n,)
        -1 where a pair was given up.
    """
    result = torch.full((len(trials.codes),), -1.0)
    for start in range(0, len(result), _BATCH):
        batch = trials.take(slice(start, start + _BATCH))
        kept, alignment = _coarse(first, second, batch, least)
        for first_kept in range(0, len(kept), _FINE_BATCH):
            part = slice(first_kept, first_kept + _FINE_BATCH)
            similarity = _fine(first, second, batch.take(kept[part]), alignment[part])
            result[start + kept[part]] = similarity
    return result


def _coarse(first, second, trials, least):
    """Align at 32 and at 64 pixels; return which pairs are left, and their alignments."""
    kept, alignment = torch.arange(len(trials.codes)), start_of(trials.scale)
    for name in ("whole", "middle"):
        pairs = trials.pairs[kept]
        fixed = getattr(first.thumbnails, name)[pairs[:, 0]].float()
        moving = getattr(second.thumbnails, name)[pairs[:, 1]].float()
        alignment, similarity = align(
            fixed - blur(fixed, _SIGMA[name]),
            transform(moving - blur(moving, _SIGMA[name]), trials.codes[kept]),
            alignment,
            _STEPS[name],
        )
        good = similarity >= least
        kept, alignment = kept[good], alignment[good]
    return kept, alignment


def _fine(first, second, trials, alignment):
    """Align at the largest size; return the similarity of the detail there."""
    fixed = _detail(first.fine(trials.pairs[:, 0]))
    moving = transform(_detail(second.fine(trials.pairs[:, 1])), trials.codes)
    _, similarity = align(fixed, moving, alignment, _STEPS["fine"])
    return similarity


def _detail(images):
    """Return what is about two to eight pixels wide: finer than anatomy, coarser than noise."""
    return blur(images, 1.0) - blur(images, 2.0)
