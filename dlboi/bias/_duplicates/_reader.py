"""Images in any form that dlboi takes, as grey images of one size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from joblib import effective_n_jobs
from sklearn.utils import check_array

from dlboi._validation import image_layout, refuse_missing_paths, refuse_what_is_no_set
from dlboi.bias._duplicates._filters import resize
from dlboi.datasets._image_files import read_image
from dlboi.evaluation._image_digest import image_digest

_BLOCK = 64
_LUMINANCE = torch.tensor([0.299, 0.587, 0.114])


class ImageReader:
    """Gives the images of a set, a block at a time.

    Parameters
    ----------
    X : array-like
        Images, flat rows, or paths of files, which may differ in size.
    n_jobs : int or None
        Number of threads that decode files.

    Raises
    ------
    ValueError
        X is no set of images, or holds NaN or infinity.
    """

    def __init__(self, X, n_jobs: int | None):
        refuse_what_is_no_set(X)
        self.paths = _as_paths(X)
        self._n_threads = effective_n_jobs(n_jobs)
        if self.paths is None:
            self._array = _as_array(X)
            self._layout = image_layout(self._array.shape)

    def __len__(self) -> int:
        return len(self._array if self.paths is None else self.paths)

    def key(self, image: np.ndarray) -> tuple:
        """Return what is equal for images of the same pixels only."""
        return image.shape, image.dtype.str, image_digest(image)

    def images(self, index) -> list[np.ndarray]:
        """Return images as they are, those of files decoded."""
        if self.paths is None:
            return [self._array[i] for i in index]
        names = [self.paths[i] for i in index]
        if self._n_threads == 1:
            return [read_image(name) for name in names]
        with ThreadPoolExecutor(self._n_threads) as pool:
            return list(pool.map(read_image, names))

    def blocks(self) -> Iterator[list[np.ndarray]]:
        """Yield all images in their order."""
        for start in range(0, len(self), _BLOCK):
            yield self.images(range(start, min(start + _BLOCK, len(self))))

    def grey(self, images: list[np.ndarray], size: int) -> torch.Tensor:
        """Return images as grey ones of shape (n, size, size), with antialiasing."""
        if len({image.shape for image in images}) == 1:
            return resize(self._luminance(np.stack(images)), size)
        return torch.cat([self.grey([image], size) for image in images])

    def eight_bits(self, image: np.ndarray) -> np.ndarray:
        """Return an image as grey uint8 of shape (height, width), as a file would hold it."""
        grey = self._luminance(image[None])[0]
        if image.dtype != np.uint8:
            grey = (grey - grey.min()) * (255 / (grey.max() - grey.min()))
        return grey.round().to(torch.uint8).numpy()

    def smallest_side(self) -> int:
        """Return the height or width, whichever is less, of the first image."""
        return min(self._luminance(self.images([0])[0][None]).shape[1:])

    def _luminance(self, images):
        """Return images (n, ...) as float32 of shape (n, height, width)."""
        pixels = torch.from_numpy(images.astype(np.float32))
        if self.paths is None:
            channels, height, width = self._layout.image_shape
            if self._layout.order == "first":
                pixels = pixels.permute(0, 2, 3, 1)
            pixels = pixels.reshape(len(pixels), height, width, channels)
        elif pixels.dim() == 3:
            pixels = pixels[..., None]
        return pixels[..., 0] if pixels.shape[3] == 1 else pixels @ _LUMINANCE


def _as_paths(X):
    if not isinstance(X, (list, tuple)):
        if getattr(X, "ndim", None) != 1 or np.asarray(X).dtype.kind not in "OU":
            return None
        X = np.asarray(X).tolist()
    refuse_missing_paths(X)
    if len(X) and isinstance(X[0], (str, os.PathLike)):
        return [os.fspath(path) for path in X]
    return None


def _as_array(X):
    shapes = {np.shape(image) for image in X if isinstance(image, np.ndarray)}
    if len(shapes) > 1:
        raise ValueError(
            f"X must be one array of images of one size. Got images of the shapes "
            f"{sorted(shapes)[:3]} instead: resize them, or pass the paths of their files, which "
            "may differ in size."
        )
    array = check_array(
        X, allow_nd=True, ensure_2d=False, dtype=None, ensure_all_finite=False, input_name="X"
    )
    if array.dtype.kind not in "buif":
        array = array.astype(np.float64)
    if array.dtype.kind == "f":
        for index, image in enumerate(array):
            if not np.isfinite(image).all():
                what = "NaN" if np.isnan(image).any() else "infinity"
                raise ValueError(
                    f"Input X contains {what}. The first image with one is at index {index}: take "
                    "it out of the set, or mend it."
                )
    return array
