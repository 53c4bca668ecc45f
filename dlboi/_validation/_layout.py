"""How the pixels of an image lie in an array."""

import math
from typing import NamedTuple


class ImageLayout(NamedTuple):
    """Where an array of images has its channels, and the shape of one image.

    Attributes
    ----------
    order : {"flat", "grey", "last", "first"}
        Rows of pixels (n, c·h·w), grey images (n, h, w), channels last (n, h, w, c) or channels
        first (n, c, h, w).
    image_shape : tuple of (int, int, int)
        Channels, height and width.
    """

    order: str
    image_shape: tuple[int, int, int]


def image_layout(shape: tuple[int, ...], row_shape: tuple[int, ...] | None = None) -> ImageLayout:
    """Read the layout off the shape of an array of images.

    Parameters
    ----------
    shape : tuple of int
        Shape of X: (n, pixels), (n, h, w), (n, h, w, c) or (n, c, h, w) with 1 or 3 channels;
        channels last where both would do.
    row_shape : tuple of (int, int, int), default=None
        Channels, height and width that a flat row holds. None reads a row as a square grey image
        if its length is a square number, else as a strip of height 1.

    Returns
    -------
    ImageLayout

    Raises
    ------
    ValueError
        The shape is none of these, an image has no pixel, or a row is not of `row_shape`.
    """
    n_pixels = math.prod(shape[1:])
    if len(shape) > 1 and n_pixels == 0:
        raise ValueError(
            f"X must hold images of at least one pixel. Got 0 feature(s) (shape={tuple(shape)}) "
            "while a minimum of 1 is required."
        )
    if len(shape) == 2:
        layout = ImageLayout("flat", tuple(row_shape or _shape_of_row(n_pixels)))
    elif len(shape) == 3:
        layout = ImageLayout("grey", (1, *shape[1:]))
    elif len(shape) == 4 and shape[3] in (1, 3):
        layout = ImageLayout("last", (shape[3], shape[1], shape[2]))
    elif len(shape) == 4 and shape[1] in (1, 3):
        layout = ImageLayout("first", tuple(shape[1:]))
    else:
        raise ValueError(
            "X must have shape (n, h, w), (n, h, w, c) or (n, c, h, w) with c = 1 or 3 channels, "
            "be flat, (n, pixels), or name image files, one string an image. Got shape "
            f"{tuple(shape)} instead."
        )
    if math.prod(layout.image_shape) != n_pixels:
        raise ValueError(
            f"The 'image_shape' parameter, {layout.image_shape}, holds "
            f"{math.prod(layout.image_shape)} pixels, but the rows of X have {n_pixels}."
        )
    return layout


def _shape_of_row(n_pixels):
    side = math.isqrt(n_pixels)
    return (1, side, side) if side * side == n_pixels else (1, 1, n_pixels)
