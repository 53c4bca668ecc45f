"""Files that give no more bytes than they have."""

from __future__ import annotations

import io
import os


def open_bounded(path: str | os.PathLike[str]) -> io.BufferedReader:
    """Open a file that is never asked for more bytes than it has.

    Python takes memory for the bytes that are asked for before it reads them. Decoders ask for what
    the header of a file says, so that a damaged length could take gigabytes.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    file : io.BufferedReader
        Opened for reading bytes.
    """
    return _BoundedReader(io.FileIO(path))


class _BoundedReader(io.BufferedReader):
    def __init__(self, raw):
        super().__init__(raw)
        self._n_bytes = os.fstat(raw.fileno()).st_size

    def read(self, size=-1):
        left = max(0, self._n_bytes - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))
