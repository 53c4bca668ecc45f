"""Low-level statistics of images, which know nothing of their content."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import validate_params

from dlboi._validation import image_layout
from dlboi.bias._file_facts import file_facts
from dlboi.bias._pixel_statistics import pixel_statistics
from dlboi.datasets._image_files import read_image
from dlboi.training import ImageArray, scale_pixels

# Small enough for the images of a batch to stay in the processor's cache.
_PIXELS_A_BATCH = 300_000
_GREY_MODES = ("1", "L", "LA", "I", "I;16", "F")


class Statistics(NamedTuple):
    """Low-level statistics of images.

    Parameters
    ----------
    names : list of str
        Names of the statistics.

    values : ndarray of shape (n_images, n_statistics)
        Their values.

    See Also
    --------
    image_statistics : Computes them.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.bias import image_statistics
    >>> image_statistics(np.zeros((2, 8, 8), dtype="uint8")).values.shape
    (2, 11)
    """

    names: list
    values: np.ndarray


@validate_params(
    {"X": ["array-like"], "filenames": ["array-like", None]}, prefer_skip_nested_validation=True
)
def image_statistics(X: ArrayLike, filenames: ArrayLike | None = None) -> Statistics:
    """Low-level statistics of images: brightness, sharpness, borders, size of the file.

    What can be told from them alone can be told without looking at what an image shows.

    Parameters
    ----------
    X : array-like of shape (n_images, height, width[, n_channels]) or (n_images,)
        Images, with 1 or 3 channels in front or behind, or paths of files, which are decoded one by
        one at their own size. uint8 and uint16 are scaled to 0 to 1 by their type, other numbers
        that leave this range by the smallest and the largest of all.

    filenames : array-like of str of shape (n_images,), default=None
        The files that the images come from. Where all of them can be read, five statistics of the
        files as they are stored come last. Paths in `X` are files already.

    Returns
    -------
    statistics : Statistics
        Named tuple of `names` and `values`, an array of shape (n_images, n_statistics), finite.

    Raises
    ------
    ValueError
        Where `X` holds no images (rows of features have no pixels), or `filenames` has another
        length.
    ImageFileError
        Where a file in `X` cannot be decoded.

    Notes
    -----
    Of the grey image (the mean of the channels), with values from 0 to 1:

    - ``brightness`` and ``contrast``, mean and standard deviation;
    - ``sharpness``, variance of the Laplacian;
    - ``noise``, standard deviation of the noise after Immerkær [1]_;
    - ``border``, mean of a frame of a sixteenth of height and width, and ``border_minus_centre``,
      what it exceeds the middle half by;
    - ``nearly_black`` and ``nearly_white``, shares of pixels up to 0.02 and from 0.98;
    - ``entropy`` of its 64 levels of grey, in bits;
    - ``asymmetry``, mean distance from the mirrored image;
    - ``saturation``, mean distance of the largest from the smallest channel, 0 for grey.

    Of the files: ``file_height``, ``file_width``, ``file_aspect`` (width over height),
    ``file_bytes_per_pixel`` and ``file_is_colour``.

    References
    ----------
    .. [1] Immerkær, J. (1996). Fast noise variance estimation. Computer Vision and Image
       Understanding 64, 300-302.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.bias import image_statistics
    >>> X = np.stack([np.full((16, 16), 51), np.full((16, 16), 255)]).astype("uint8")
    >>> names, values = image_statistics(X)
    >>> names[:2], values[:, :2].round(2).tolist()
    (['brightness', 'contrast'], [[0.2, 0.0], [1.0, 0.0]])
    """
    X = np.asarray(X)
    if X.ndim == 2 or (X.ndim == 1 and X.dtype.kind not in "OU") or len(X) == 0:
        raise ValueError(
            "The 'X' parameter of image_statistics must hold images, (n, height, width) with or "
            f"without channels, or paths of files. Got an array of {X.dtype} of shape {X.shape} "
            "instead."
        )
    if filenames is not None and np.shape(filenames) != (len(X),):
        raise ValueError(
            f"The 'filenames' parameter of image_statistics must name the file of each of the "
            f"{len(X)} images. Got an array of shape {np.shape(filenames)} instead."
        )
    parts = [pixel_statistics(batch) for batch in _batches(X)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    files = X if X.ndim == 1 else filenames
    if files is not None:
        found |= _file_statistics(files)
    return Statistics(list(found), np.column_stack(list(found.values())).astype(float))


def _batches(X):
    """Yield images (n, c, h, w) with values from 0 to 1."""
    if X.ndim == 1:
        for path in X:
            pixels = read_image(path)
            pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
            yield scale_pixels(torch.from_numpy(np.ascontiguousarray(pixels[None])))
        return
    images = ImageArray(X, image_layout(X.shape))
    low, high = 0.0, 1.0
    if X.dtype.kind not in "u" or X.dtype.itemsize > 2:
        low, high = min(0.0, float(X.min())), max(1.0, float(X.max()))
    size = max(1, _PIXELS_A_BATCH // (X[0].size))
    for start in range(0, len(X), size):
        index = np.arange(start, min(start + size, len(X)))
        yield (scale_pixels(images.take(index)) - low) / (high - low)


def _file_statistics(filenames):
    facts = file_facts(filenames)
    if not facts.is_read.all():
        return {}
    return {
        "file_height": facts.height,
        "file_width": facts.width,
        "file_aspect": facts.aspect,
        "file_bytes_per_pixel": facts.bytes_per_pixel,
        "file_is_colour": ~np.isin(facts.mode, _GREY_MODES),
    }
