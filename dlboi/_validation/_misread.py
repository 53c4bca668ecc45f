"""Input that is no set of images, but close to one: the message says how to pass it."""

import os
from collections.abc import Mapping

import numpy as np


def refuse_what_is_no_set(X) -> None:
    """Raise a ValueError if X is a path, a Bunch, a table with one column of paths or complex."""
    if isinstance(X, (str, os.PathLike)):
        raise ValueError(
            f"X must hold one path an image. Got the single path {os.fspath(X)!r} instead: for one "
            "image pass [path], for a folder X from dlboi.datasets.load_image_folder."
        )
    if isinstance(X, Mapping) and "data" in X:
        raise ValueError(
            f"X must be images. Got a {type(X).__name__} instead: pass bunch.data as X, and "
            "bunch.target as y."
        )
    dtype, shape = getattr(X, "dtype", None), getattr(X, "shape", ())
    if getattr(dtype, "kind", None) == "c":
        raise ValueError(
            f"Complex data not supported. Got X of type {dtype}: pass its absolute value or its "
            "real part."
        )
    if len(shape) == 2 and shape[0] and shape[1] == 1:
        column = np.asarray(X)[:, 0]
        if column.dtype.kind in "OU" and isinstance(column[0], (str, os.PathLike)):
            raise ValueError(
                "X must have one axis where it names image files. Got a table of shape "
                f'{tuple(shape)} instead: pass its column, df["column"] or X[:, 0].'
            )


def refuse_missing_paths(elements) -> None:
    """Raise a ValueError if some of the entries are paths and others are not."""
    is_path = [isinstance(element, (str, os.PathLike)) for element in elements]
    if any(is_path) and not all(is_path):
        index = is_path.index(False)
        raise ValueError(
            f"X must name an image file in every entry. Got {elements[index]!r} at index {index} "
            f"instead, and {is_path.count(False)} such entries in all: leave these images out of "
            "X and y."
        )


def refuse_single_image(shape: tuple[int, ...], image_shape: tuple[int, int, int]) -> None:
    """Raise a ValueError if `shape` is that of one image, where a set of them is asked for.

    Parameters
    ----------
    shape : tuple of int
        Shape of X.
    image_shape : tuple of (int, int, int)
        Channels, height and width that the images must have.
    """
    channels, height, width = image_shape
    single = {(height, width, channels)}
    if channels == 1:
        single.add((height, width))
    else:
        single.add((channels, height, width))
    readable = {(height, channels * height * width)}  # flat rows
    if channels == 1:
        readable.add((len(shape) and shape[0], height, width))
    if tuple(shape) in single - readable:
        raise ValueError(
            f"X must hold a set of images. Got shape {tuple(shape)} instead, which is that of one "
            "image: pass X[np.newaxis]."
        )
