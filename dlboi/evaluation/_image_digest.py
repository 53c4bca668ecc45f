"""A hash of what an image is, wherever it comes from."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np

from dlboi.datasets._frame_names import frame_name, split_frame


def image_digest(image) -> bytes:
    """Return a hash of the pixels of an image, or of the bytes of its file.

    Parameters
    ----------
    image : array-like, str or path-like
        Pixels, or the path of a file or of a frame of it; text that names no file stands for
        itself.

    Returns
    -------
    bytes
    """
    if isinstance(image, (str, os.PathLike)):
        try:
            file, frame = split_frame(image)
            if frame is None:
                data = Path(file).read_bytes()
            else:
                status = Path(file).stat()
                of_file = _file_digest(file, status.st_size, status.st_mtime_ns)
                data = of_file + frame_name("", frame).encode()
        except (OSError, ValueError):  # text that names no file
            data = os.fspath(image).encode(errors="surrogatepass")
    else:
        data = np.ascontiguousarray(image)
        if data.dtype.hasobject:
            return joblib.hash(image).encode()
    return hashlib.sha256(data).digest()


@lru_cache(maxsize=16)
def _file_digest(file, n_bytes, modified):
    """Return the hash of a file, which is read once for all its frames."""
    return hashlib.sha256(Path(file).read_bytes()).digest()
