"""Make sure that a published file is in a folder, whole and as it was published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pooch

from dlboi.datasets._facts import RemoteFile
from dlboi.datasets._held_lock import held_lock
from dlboi.datasets._transfer import note_of, transfer
from dlboi.exceptions import DownloadError, ImageFileError, MissingPathError


def download(
    path: Path,
    remote: RemoteFile,
    *,
    download_if_missing: bool,
    verbose: int | bool,
    check: Callable[[Path], object] | None = None,
) -> Path:
    """Download a file, unless it is there.

    The file gets its name when it is whole and its checksum is right: whoever sees it, sees it
    whole. Until then it is a hidden part beside it, with which a broken transfer goes on.

    Parameters
    ----------
    path : Path
        Where the file is to be.
    remote : RemoteFile
        Its address and its checksum. Where there is a checksum, a file that is there already is
        held against it, too.
    download_if_missing : bool
        Whether it may be downloaded.
    verbose : int or bool
        Whether to show a progress bar.
    check : callable, default=None
        Asked where there is no checksum; raises ImageFileError where what came is not what is
        wanted, such as a page that asks for a password.

    Returns
    -------
    path : Path
        As given.

    Raises
    ------
    MissingPathError
        The file is not there, or is another one, and may not be downloaded.
    DownloadError
        The file could not be downloaded, or what came is another one.
    """
    if is_there(path, remote.checksum):
        return path
    if not download_if_missing:
        raise _missing(path, remote)
    with held_lock(path):
        if not is_there(path, remote.checksum):  # another process may have brought it
            part = path.with_name(f".{path.name}.part")
            _bring(part, path, remote, verbose)
            _accept(part, path, remote, check)
    return path


def is_there(path: Path, checksum: str | None) -> bool:
    """Whether a file is there and, where it has a checksum, is the one that was published."""
    return path.is_file() and (checksum is None or _checksum_like(path, checksum) == checksum)


def _checksum_like(path, other):
    """Return the checksum of a file as ``algorithm:digest``, with the algorithm of another."""
    algorithm = other.partition(":")[0]
    return f"{algorithm}:{pooch.file_hash(str(path), algorithm)}"


def _missing(path, remote):
    what = "is another one than was published" if path.is_file() else "is not there"
    expected = f" ({remote.checksum})" if remote.checksum else ""
    return MissingPathError(
        f"The file '{path}' {what}, and download_if_missing=False. Set it to True, or put the "
        f"file of {remote.url}{expected} there."
    )


def _bring(part, path, remote, verbose):
    try:
        transfer(remote.url, part, checked=remote.checksum is not None, verbose=verbose)
    except OSError as error:
        raise DownloadError(
            f"{remote.url} could not be downloaded ({type(error).__name__}: {error}). What has "
            "arrived is kept, and the next call goes on from there. Check the connection (a proxy "
            f"is read from HTTPS_PROXY), or download the file by hand and put it at '{path}'."
        ) from error


def _accept(part, path, remote, check):
    problem = _problem(part, remote.checksum, check)
    note_of(part).unlink(missing_ok=True)
    if problem is not None:
        part.unlink()
        raise DownloadError(
            f"What came from {remote.url} was not kept: {problem}. Try again; if it happens again, "
            "the file has been changed there."
        )
    part.replace(path)


def _problem(part, checksum, check):
    """Return what is wrong with a file that has come."""
    if checksum is not None:
        found = _checksum_like(part, checksum)
        return None if found == checksum else f"its checksum is {found}, not {checksum}"
    try:
        if check is not None:
            check(part)
    except ImageFileError as error:
        return f"it is no file of images ({error})"
    return None
