"""Read a set of images once: equal ones, blank ones, and thumbnails of the rest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from dlboi.bias._duplicates._reader import ImageReader
from dlboi.bias._duplicates._thumbnails import MIDDLE_SIDE, Thumbnails, make_thumbnails
from dlboi.bias._duplicates._verify import Views

_SIDES = 32, 128  # of the largest version that is compared, in pixels


class Scan(NamedTuple):
    """What one pass over the images gives.

    Attributes
    ----------
    equal_to : ndarray of int of shape (n,)
        The first image with the same pixels, the image itself where it is that.
    is_blank : ndarray of bool of shape (n,)
        Whether all pixels are the same.
    index : ndarray of int of shape (m,)
        Images to compare: neither blank nor equal to an earlier one.
    views : Views
        Of the images `index`.
    side : int
        Pixels a side of the largest version that is compared.
    """

    equal_to: np.ndarray
    is_blank: np.ndarray
    index: np.ndarray
    views: Views
    side: int


def scan(reader: ImageReader) -> Scan:
    """Read all images."""
    first_of, equal_to, is_blank, parts = {}, [], [], []
    for images in reader.blocks():
        new = []
        for image in images:
            here = len(equal_to)
            equal_to.append(first_of.setdefault(reader.key(image), here))
            is_blank.append(bool(np.float32(image.min()) == np.float32(image.max())))
            if equal_to[-1] == here and not is_blank[-1]:
                new.append(image)
        if new:
            parts.append(make_thumbnails(reader.grey(new, MIDDLE_SIDE)))
    equal_to, is_blank = np.array(equal_to), np.array(is_blank)
    index = np.flatnonzero((equal_to == np.arange(len(equal_to))) & ~is_blank)
    side = int(np.clip(reader.smallest_side(), *_SIDES))
    empty = torch.empty(0, 32, 32)
    thumbnails = (
        Thumbnails(*map(torch.cat, zip(*parts, strict=True)))
        if parts
        else Thumbnails(empty, empty, torch.empty(0, 64, 64))
    )

    def fine(positions):
        return reader.grey(reader.images(index[positions.numpy()]), side)

    return Scan(equal_to, is_blank, index, Views(thumbnails, fine), side)
