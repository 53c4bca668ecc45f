"""Where the features of images are kept on disk, and how much of it."""

import os
import sys
from pathlib import Path

_DEFAULT_MAX_BYTES = 2 * 1024**3


def cache_folder(memory) -> Path | None:
    """Return the folder that a `memory` parameter names; it need not exist.

    Parameters
    ----------
    memory : "auto", str, path-like or None
        ``"auto"``: ``features`` in the folder that the environment variable ``DLBOI_CACHE`` names,
        else in dlboi's part of the user's cache. A path: that folder. None: no folder.

    Returns
    -------
    Path or None
        None also where ``"auto"`` finds no home folder.
    """
    if memory is None:
        return None
    if not isinstance(memory, (str, os.PathLike)) or memory == "":
        raise TypeError(
            "The 'memory' parameter must be 'auto', the path of a folder, or None. "
            f"Got {memory!r} instead."
        )
    try:
        folder = _user_cache() / "features" if memory == "auto" else Path(memory).expanduser()
    except RuntimeError:  # no home folder
        return None
    return folder.absolute()


def default_max_bytes() -> int:
    """Return the size limit: ``DLBOI_CACHE_BYTES`` of the environment, else 2 GiB."""
    return bytes_from_environment("DLBOI_CACHE_BYTES", _DEFAULT_MAX_BYTES)


def bytes_from_environment(variable: str, default: int) -> int:
    """Return the number of bytes that an environment variable says.

    Parameters
    ----------
    variable : str
        Its name.
    default : int
        What is returned where it is not set.

    Returns
    -------
    int
    """
    given = os.environ.get(variable)
    if given is None:
        return default
    try:
        return int(float(given))
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"The environment variable {variable} must be a number of bytes, such as 4e9. "
            f"Got {given!r} instead."
        ) from error


def _user_cache():
    if given := os.environ.get("DLBOI_CACHE"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
        return base / "dlboi" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dlboi"
    given = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    base = Path(given) if Path(given).is_absolute() else Path.home() / ".cache"
    return base / "dlboi"
