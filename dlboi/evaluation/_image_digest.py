"""A hash of what an image is, wherever it comes from."""

import hashlib
import os
from pathlib import Path

import joblib
import numpy as np


def image_digest(image) -> bytes:
    """Return a hash of the pixels of an image, or of the bytes of its file.

    Parameters
    ----------
    image : array-like, str or path-like
        Pixels, or the path of a file; text that names no file stands for itself.

    Returns
    -------
    bytes
    """
    if isinstance(image, (str, os.PathLike)):
        try:
            data = Path(image).read_bytes()
        except (OSError, ValueError):  # text that names no file
            data = os.fspath(image).encode(errors="surrogatepass")
    else:
        data = np.ascontiguousarray(image)
        if data.dtype.hasobject:
            return joblib.hash(image).encode()
    return hashlib.sha256(data).digest()
