"""Images of any layout and type, made ready to be shown."""

import os

import numpy as np

from dlboi._validation import image_layout


def take_images(images, indices=None):
    """Return some of the images, or all, as a list of arrays of shape (h, w) or (h, w, 3).

    Parameters
    ----------
    images : array-like
        Images of shape (n, h, w), (n, h, w, c) or (n, c, h, w), flat rows, a sequence of images
        that may differ in size, or paths of image files.

    indices : sequence of int, default=None
        Which images to take; only their files are decoded. None takes all.

    Returns
    -------
    list of ndarray
    """
    if not isinstance(images, list | tuple):
        images = np.asarray(images)
    indices = range(len(images)) if indices is None else indices
    return [_as_image(images[index]) for index in indices]


def _as_image(image):
    if isinstance(image, str | os.PathLike):
        from dlboi.datasets._image_files import read_image

        image = read_image(image)
    image = np.asarray(image)
    order, image_shape = image_layout((1, *image.shape))
    image = image.reshape(image_shape if order in ("flat", "first") else (*image_shape[1:], -1))
    image = image if order in ("grey", "last") else np.moveaxis(image, 0, 2)
    return image[..., 0] if image.shape[2] == 1 else image


def unflattened(X, estimator):
    """Return flat rows as images of shape (n, h, w, c), as the classifier reads them."""
    image_shape = getattr(estimator, "image_shape_", None)
    if image_shape is None or np.ndim(X) != 2:
        return X
    return np.moveaxis(np.reshape(X, (-1, *image_shape)), 1, 3)


def display_range(images):
    """Return the pixel values to show as black and as white, the same for all `images`.

    uint8 has its own range, floats within [0, 1] have theirs. Others, such as the 16-bit images
    of cameras with 12 bits, are shown from their smallest to their largest value.
    """
    if all(image.dtype == np.uint8 for image in images):
        return 0.0, 255.0
    low = min(float(np.min(image)) for image in images)
    high = max(float(np.max(image)) for image in images)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    return low, high if high > low else low + 1.0


def show_image(ax, image, value_range):
    """Draw an image, without ticks, and return the artist."""
    low, high = value_range
    scaled = np.clip((image.astype(np.float32) - low) / (high - low), 0, 1)
    artist = ax.imshow(scaled, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    return artist
