"""Files that are there as a whole or not at all."""

import errno
import os
import uuid
from contextlib import contextmanager
from pathlib import Path

#: Ending of a file that is being written.
DRAFT = ".part"

#: Errors of folders that may be written and not read, and of file systems without such a call.
_CANNOT_SYNC = {errno.EACCES, errno.EINVAL, errno.ENOTSUP}


@contextmanager
def replacing(path: Path):
    """Open a file that takes the place of `path` when it is whole and on the disk.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    file
        To write bytes to.
    """
    draft = path.with_name(f".{uuid.uuid4().hex}{DRAFT}")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
