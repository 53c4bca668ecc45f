"""Open one ``.npy`` file of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlboi.exceptions import ImageFileError, MissingPathError

_SAVE_ANEW = "Save the images anew with numpy.save, as uint8 of shape (n, height, width) or \
(n, height, width, 3)."


def open_image_array(path: Path, mmap_mode: str | None) -> np.ndarray:
    """Return the images of a file, mapped into memory where `mmap_mode` says so.

    Parameters
    ----------
    path : Path
        A ``.npy`` file.
    mmap_mode : {"r", "c"} or None
        As in :func:`numpy.load`.

    Returns
    -------
    images : ndarray of shape (n, height, width) or (n, height, width, 3)
        uint8, uint16 or float, in the machine's byte order.
    """
    if not path.is_file():
        raise MissingPathError(f"There is no file '{path}'.")
    try:
        with path.open("rb") as file:
            is_npy = file.read(6) == b"\x93NUMPY"
        # Mapped also where it is read as a whole: what the header says is then held against the
        # size of the file before memory is taken for it.
        array = np.load(path, mmap_mode=mmap_mode or "r", allow_pickle=False) if is_npy else None
        if is_npy and mmap_mode is None:
            array = np.array(array)
    except MemoryError:
        raise
    except Exception as error:  # a damaged header raises nearly anything inside NumPy
        raise ImageFileError(
            f"The array file '{path}' cannot be read: it is truncated, damaged or holds Python "
            f"objects ({type(error).__name__}: {error}). {_SAVE_ANEW}"
        ) from error

    if array is None:
        raise ImageFileError(f"The file '{path}' is no .npy file. {_SAVE_ANEW}")
    is_images = array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3)
    if not is_images or 0 in array.shape:
        raise ImageFileError(
            f"The array in '{path}' has shape {array.shape}, which is not that of images. "
            f"{_SAVE_ANEW}"
        )
    if array.dtype.kind != "f" and array.dtype.newbyteorder("=") not in (np.uint8, np.uint16):
        raise ImageFileError(
            f"The array in '{path}' has type {array.dtype}; images are uint8, uint16 or float. "
            f"{_SAVE_ANEW}"
        )
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
