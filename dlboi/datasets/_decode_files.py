"""Decode many image files into one array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from joblib import effective_n_jobs
from tqdm import tqdm

from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFolderError


def decode_files(
    filenames: Sequence[str],
    *,
    size: tuple[int, int] | None,
    crop: tuple[int, int] | None,
    channels: int | str,
    expected: tuple[tuple[int, int], np.dtype | None, str] | None,
    n_jobs: int | None,
    verbose: int | bool,
) -> np.ndarray:
    """Return the images as one array, in the order of the files.

    Parameters
    ----------
    filenames : sequence of str
        The files; at least one.
    size, crop, channels
        As in :func:`dlboi.datasets.load_image_folder`.
    expected : tuple (shape, dtype, text) or None
        Height and width, data type (None: any) and name of what the images have to agree
        with; None for the first image.
    n_jobs, verbose
        As in :func:`dlboi.datasets.load_image_folder`.

    Returns
    -------
    data : ndarray of shape (n, height, width) or (n, height, width, 3)
    """
    auto = channels == "auto"
    read = partial(read_image, size=size, crop=crop, channels=None if auto else channels)
    images = tqdm(
        in_order(read, filenames, n_jobs),
        total=len(filenames),
        disable=not verbose,
        desc="Reading images",
        unit="img",
    )
    data = None
    for i, (name, image) in enumerate(zip(filenames, images, strict=True)):
        if auto:
            image = _without_equal_channels(image)
        if expected is None:
            expected = image.shape[:2], image.dtype, f"'{filenames[0]}'"
        _check_agrees(image, name, *expected)
        if data is None:
            data = np.empty((len(filenames), *image.shape), image.dtype)
        if data.ndim == 3 and image.ndim == 3:
            data = np.repeat(data[..., None], 3, axis=3)  # the first image in colour
        data[i] = image[..., None] if data.ndim == 4 and image.ndim == 2 else image
    return data


def in_order(function: Callable, items: Sequence, n_jobs: int | None) -> Iterator:
    """Apply a function to items in threads and yield the results in their order.

    Parameters
    ----------
    function : callable
        Takes an item.
    items : sequence
        The items.
    n_jobs : int or None
        Number of threads; None means 1, -1 means all processors.

    Yields
    ------
    object
    """
    n_threads = effective_n_jobs(n_jobs)
    if n_threads == 1:
        yield from map(function, items)
        return
    chunk = 16 * n_threads  # few results wait, so that the memory needed stays that of `data`
    with ThreadPoolExecutor(n_threads) as pool:
        for start in range(0, len(items), chunk):
            yield from pool.map(function, items[start : start + chunk])


def _without_equal_channels(image):
    if image.ndim == 3 and np.all(image == image[..., :1]):
        return image[..., 0]
    return image


def _check_agrees(image, name, shape, dtype, other):
    if image.shape[:2] != shape:
        raise ImageFolderError(
            f"The images differ in size: {other} has {shape[0]}x{shape[1]} pixels, '{name}' has "
            f"{image.shape[0]}x{image.shape[1]}. Pass size= to bring them to one size."
        )
    if dtype is not None and image.dtype != dtype:
        raise ImageFolderError(
            f"The images differ in depth: {other} has {dtype}, '{name}' has {image.dtype}. "
            "Save all of them with 8 bits, or all as 16-bit grey."
        )
