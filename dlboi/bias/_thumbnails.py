"""Small versions of images."""

import numpy as np
from torch.nn.functional import interpolate

from dlboi._validation import image_layout
from dlboi.training import ImageArray, ImageFiles, scale_pixels

_BATCH = 256


def thumbnails(X: np.ndarray, side: int) -> np.ndarray:
    """Shrink images to a square, with antialiasing; smaller ones keep their size.

    Parameters
    ----------
    X : ndarray of shape (n_images, ...)
        Images, or paths of files.
    side : int
        Height and width in pixels, at most.

    Returns
    -------
    thumbnails : ndarray of float32 of shape (n_images, n_channels, height, width)
        Unsigned integers are scaled to 0 to 1, other numbers stay as they are.
    """
    if X.dtype.kind in "biuf":
        images = ImageArray(X, image_layout(X.shape, None))
        height, width = images.image_shape[1:]
    else:
        images = ImageFiles(X, (1, side, side), resize=True)
        height = width = side
    size = (min(height, side), min(width, side))
    small = [
        interpolate(scale_pixels(images.take(index)), size, mode="bilinear", antialias=True).numpy()
        for index in np.split(np.arange(len(X)), range(_BATCH, len(X), _BATCH))
    ]
    return np.concatenate(small).astype(np.float32)
