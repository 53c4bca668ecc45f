"""Unpack a zip archive that may have been made to do harm."""

from __future__ import annotations

import shutil
import stat
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dlboi.exceptions import ArchiveError

_MAX_RATIO = 100  # unpacked to packed bytes; images reach 20 at the most
_CHUNK = 2**20  # bytes


def unpack_zip(archive: Path, folder: Path, *, max_files: int, max_bytes: int) -> None:
    """Unpack an archive into a new folder, which is there when all is in it, or not at all.

    Parameters
    ----------
    archive : Path
        A zip file.
    folder : Path
        Folder to make.
    max_files, max_bytes : int
        More than these is refused; so is a hundred times what the archive takes itself. The bytes
        are counted as they are unpacked.

    Raises
    ------
    ArchiveError
        If the archive is damaged, too large, encrypted, or has entries that are links or devices,
        that lie outside the folder, or that have the same name.
    """
    draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        with _opened(archive) as opened:
            budget = min(max_bytes, _MAX_RATIO * archive.stat().st_size)
            for entry, path in _checked_entries(opened, max_files):
                budget -= _unpack_entry(opened, entry, draft / path, budget)
        draft.replace(folder)
    except ArchiveError as error:
        raise ArchiveError(f"The archive '{archive}' was not unpacked: {error}.") from error
    finally:
        if draft.exists():
            shutil.rmtree(draft)


@contextmanager
def _damage() -> Iterator[None]:
    """Turn whatever a damaged archive raises, which is nearly anything, into one error."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ArchiveError(
            f"it is damaged ({type(error).__name__}: {error}). Delete it, so that it is downloaded "
            "again"
        ) from error


def _opened(archive):
    with _damage():
        return zipfile.ZipFile(archive)


def _checked_entries(opened, max_files):
    """Return the files of an archive with their relative paths, before anything is written."""
    files = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(files) > max_files:
        raise ArchiveError(f"it holds {len(files)} files, more than {max_files}")
    paths = [_checked_path(entry) for entry in files]
    names = {str(path).casefold() for path in paths}
    folders = {str(folder).casefold() for path in paths for folder in path.parents}
    if len(names) < len(paths) or names & folders:
        raise ArchiveError("two of its files have the same name")
    return zip(files, paths, strict=True)


def _checked_path(entry):
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename or not path.parts:
        raise ArchiveError(f"its entry {entry.filename!r} lies outside the folder")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):  # 0: written by a system without kinds
        raise ArchiveError(f"its entry {entry.filename!r} is a link or a device")
    if entry.flag_bits & 1:
        raise ArchiveError(f"its entry {entry.filename!r} is encrypted")
    return path


def _unpack_entry(opened, entry, path, budget):
    """Write one file and return its size; what the headers say of it is not relied on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    n_bytes = 0
    with path.open("xb") as file:
        for chunk in _chunks(opened, entry):
            n_bytes += len(chunk)
            if n_bytes > budget:
                raise ArchiveError("it unpacks to more than is allowed")
            file.write(chunk)
    return n_bytes


def _chunks(opened, entry):
    with _damage(), opened.open(entry) as source:
        while chunk := source.read(_CHUNK):
            yield chunk
