"""Let one process at a time work on a folder of fetched images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from dlboi.exceptions import DownloadError


@contextmanager
def held_lock(path: Path) -> Iterator[None]:
    """Make the folder of `path`, and hold the lock that belongs to `path`.

    Parameters
    ----------
    path : Path
        What is about to be written. The lock is a hidden file beside it.

    Raises
    ------
    DownloadError
        If the folder cannot be made, written or locked.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, NotImplementedError) as error:  # the latter: a disk without locks
        raise DownloadError(
            f"The folder '{path.parent}' cannot be written ({error}). Name another one, with "
            "data_home or the environment variable DLBOI_DATA."
        ) from error
    try:
        yield
    finally:
        lock.release()
