"""Decoded pixels in a file without a name, so that image files need not be decoded every epoch."""

import math
import os
import shutil
import tempfile
import threading
import warnings
from pathlib import Path

import numpy as np
from xxhash import xxh3_64_digest

from dlboi.exceptions import CacheWarning
from dlboi.training._feature_cache_folder import bytes_from_environment, cache_folder

_VARIABLE = "DLBOI_PIXEL_CACHE_BYTES"
_DEFAULT_MAX_BYTES = 16 * 1024**3

#: What stays free on the disk: this share of it, but no more than so many bytes.
_SHARE_LEFT_FREE = 0.1
_MOST_LEFT_FREE = 10 * 1024**3

#: Bytes before an array that say whether it is whole: a disk that was full, or one on a network,
#: may say so only later, and what is missing reads as zeros.
_N_CHECK_BYTES = 8

#: Bytes that are written between two looks at what is free.
_BETWEEN_LOOKS = 16 * 1024**2


class PixelFile:
    """Arrays in a temporary file: any thread may append one, and read it again.

    The file is gone when it is closed or the process has ended, however it ended. It is read a
    piece at a time and never mapped: what is in it does not count as memory of the process. Where
    there is no room for an array, one warning says so, and nothing is appended any more.

    Parameters
    ----------
    folder : Path, default=None
        Where the file is; made if need be. None: ``pixels`` beside the cached features, or in the
        system's folder of temporary files where there is no home folder.
    max_bytes : int, default=None
        Size limit. None: what the environment variable ``DLBOI_PIXEL_CACHE_BYTES`` says, else
        16 GiB. With 0 nothing is kept, without a warning. A tenth of the disk, or 10 GiB of a large
        one, stays free besides.
    """

    def __init__(self, folder: Path | None = None, max_bytes: int | None = None):
        if folder is None:
            features = cache_folder("auto")
            folder = Path(tempfile.gettempdir() if features is None else features.parent, "pixels")
        if max_bytes is None:
            max_bytes = bytes_from_environment(_VARIABLE, _DEFAULT_MAX_BYTES)
        self.folder = folder
        self.max_bytes = max_bytes
        self.n_bytes = 0
        self._looked_until = 0
        self._is_full = max_bytes == 0
        self._file = None
        self._lock = threading.Lock()

    def append(self, array: np.ndarray) -> int | None:
        """Write an array at the end of the file.

        Parameters
        ----------
        array : ndarray
            Of any shape and type.

        Returns
        -------
        int or None
            Where it begins, for :meth:`read`; None if there is no room for it.
        """
        with self._lock:
            if self._is_full:
                return None
            start = self.n_bytes
            problem = self._try_to_append(array)
            self._is_full = problem is not None
        if problem is None:
            return start
        # Outside of the lock: a filter may turn the warning into an error.
        warnings.warn(
            f"Decoded pixels of image files cannot all be kept in {self.folder} ({problem}): files "
            "whose pixels are not there are decoded in every epoch, which takes longer. Make room, "
            "name another folder with the environment variable DLBOI_CACHE, or set another limit "
            f"with {_VARIABLE} (0 keeps nothing).",
            CacheWarning,
            stacklevel=2,
        )
        return None

    def read(self, start: int, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray | None:
        """Return an array that has been appended.

        Parameters
        ----------
        start : int
            Where it begins.
        shape : tuple of int
            Its shape.
        dtype : dtype
            Its type.

        Returns
        -------
        ndarray or None
            Not to be written to; None if it is not there any more as it was.
        """
        record = self._read(start, _N_CHECK_BYTES + math.prod(shape) * dtype.itemsize)
        check, pixels = record[:_N_CHECK_BYTES], memoryview(record)[_N_CHECK_BYTES:]
        if xxh3_64_digest(pixels) != check:
            return None
        return np.frombuffer(pixels, dtype).reshape(shape)

    def close(self) -> None:
        """Give the room on the disk back."""
        if self._file is not None:
            self._file.close()

    def _try_to_append(self, array):
        """Append an array, or return what is in the way."""
        pixels = array.tobytes()
        record = xxh3_64_digest(pixels) + pixels
        end = self.n_bytes + len(record)
        if end > self.max_bytes:
            return f"the limit is {self.max_bytes / 1e9:.3g} GB"
        try:
            if self._file is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(  # noqa: SIM115 - open until the fit ends
                    dir=self.folder, buffering=0
                )
            if end > self._looked_until:
                self._looked_until = end + _BETWEEN_LOOKS
                disk = shutil.disk_usage(self.folder)
                left_free = min(_SHARE_LEFT_FREE * disk.total, _MOST_LEFT_FREE)
                if disk.free - _BETWEEN_LOOKS - len(record) < left_free:
                    free = f"{disk.free / 1e9:.3g} GB are free"
                    return f"{free}, {left_free / 1e9:.3g} GB of them are left to others"
            self._file.seek(self.n_bytes)
            if self._file.write(record) < len(record):
                raise OSError("the disk is full")
        except OSError as error:
            # Others need the room, too: a checkpoint of this fit may be written next.
            if self._file is not None:
                self._file.truncate(0)
            return error
        self.n_bytes = end
        return None

    def _read(self, start, n_bytes):
        if hasattr(os, "pread"):  # not on Windows
            return os.pread(self._file.fileno(), n_bytes, start)
        with self._lock:
            self._file.seek(start)
            return self._file.read(n_bytes)
