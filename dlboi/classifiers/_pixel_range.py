"""Pixels whose scale is not the one that a network expects or has learnt on."""

import warnings

import numpy as np

from dlboi.exceptions import PixelRangeWarning
from dlboi.training import ImageArray

# The largest value of 12-bit cameras and detectors.
_TWELVE_BITS = 4095


def pixel_max(images) -> float:
    """Return the largest magnitude of a pixel, after the scaling that its type asks for."""
    if not isinstance(images, ImageArray) or _is_scaled(images.array.dtype):
        return 1.0
    return float(np.abs([images.array.min(), images.array.max()]).max())


def warn_of_pixel_range(images, *, stacklevel: int) -> None:
    """Warn of pixels to be learnt from that are not scaled, or scaled to nearly nothing."""
    if not isinstance(images, ImageArray) or images.order == "flat":
        return
    dtype = images.array.dtype
    has_two_bytes = dtype.kind == "u" and dtype.itemsize == 2
    if has_two_bytes and 0 < images.array.max() <= _TWELVE_BITS:
        warnings.warn(
            f"X is of type uint16 and its largest pixel is {images.array.max()} of 65535, so the "
            "images are nearly black. If they have 12 bits, multiply them by 16.",
            PixelRangeWarning,
            stacklevel=stacklevel + 1,
        )
    if not _is_scaled(dtype) and pixel_max(images) > 2:
        warnings.warn(
            f"X is of type {dtype} and its largest pixel is {pixel_max(images):g}: only uint8 and "
            "uint16 are scaled. Pass uint8 images, or divide by their largest value.",
            PixelRangeWarning,
            stacklevel=stacklevel + 1,
        )


def warn_of_other_range(images, fitted_max: float, *, name: str = "X", stacklevel: int) -> None:
    """Warn of pixels on another scale than those that a classifier was fitted on.

    Parameters
    ----------
    images : ImageArray or ImageFiles
        Images to predict or to score.
    fitted_max : float
        What :func:`pixel_max` said of the training images.
    name : str, default="X"
        What the message calls the images.
    stacklevel : int
        As in :func:`warnings.warn`, from the caller's point of view.
    """
    largest = pixel_max(images)
    limit = 10 * fitted_max if fitted_max > 2 or images_are_flat(images) else 2.0
    if largest > max(limit, 2.0) or (largest <= 1 and fitted_max > 10):
        warnings.warn(
            f"The largest pixel of {name} is {largest:g}, but that of the training images was "
            f"{fitted_max:g} (uint8 and uint16 count as scaled to [0, 1]): predictions mean "
            "nothing on another scale. Pass images of the type and scale that fit was given.",
            PixelRangeWarning,
            stacklevel=stacklevel + 1,
        )


def images_are_flat(images) -> bool:
    """Whether images are rows of values, which may have any scale."""
    return isinstance(images, ImageArray) and images.order == "flat"


def _is_scaled(dtype):
    return dtype.kind == "b" or (dtype.kind == "u" and dtype.itemsize <= 2)
