"""The file that says how often sets of images were scored, by user."""

import getpass
import json
from pathlib import Path

from dlboi.training._feature_cache_folder import cache_folder
from dlboi.training._replacing import DRAFT, replacing

_NAME, _VERSION = "counts.json", 1
_LOCK_SECONDS = 10


def counts_folder() -> Path:
    """Return the folder of the file, beside the cached features; it need not exist.

    Raises
    ------
    OSError
        There is no home folder.
    """
    features = cache_folder("auto")
    if features is None:
        raise OSError("there is no home folder")
    return features.parent / "scored_sets"


def add_count(folder: Path, digest: str, n: int) -> tuple[dict, str]:
    """Add to the file, which other processes may want to do at the same time.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    digest : str
        Names the set.
    n : int
        How often this user has scored it.

    Returns
    -------
    users : dict of str to int
        How often each user has.
    damage : str
        What was wrong with the file, which is then begun anew; empty if nothing was.

    Raises
    ------
    OSError or NotImplementedError
        The file cannot be written, or locked.
    """
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _NAME
    with FileLock(folder / ".lock").acquire(timeout=_LOCK_SECONDS, poll_interval=0.02):
        for draft in folder.glob(f".*{DRAFT}"):  # of a process that was killed
            draft.unlink(missing_ok=True)
        counts, damage = {}, ""
        try:
            counts = _read(path)
        except ValueError as error:
            aside = path.with_suffix(".damaged")
            path.replace(aside)
            damage = (
                f"{path} was damaged ({error}), and a new one is begun; the old one is now called "
                f"{aside.name}"
            )
        users = counts.setdefault(digest, {})
        users[user_name()] = users.get(user_name(), 0) + n
        with replacing(path) as file:
            file.write(json.dumps({"version": _VERSION, "sets": counts}, indent=1).encode())
    return users, damage


def known_counts(digest: str) -> dict:
    """Return how often each user has scored the set, as far as the file can be read."""
    try:
        return dict(_read(counts_folder() / _NAME).get(digest, {}))
    except (OSError, ValueError):
        return {}


def _read(path):
    """Return counts by set and user; a ValueError says what is wrong with the file."""
    if not path.exists():
        return {}
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise ValueError(f"it is not of version {_VERSION}")
    counts = content.get("sets")
    sound = isinstance(counts, dict) and all(
        isinstance(users, dict) and all(isinstance(n, int) for n in users.values())
        for users in counts.values()
    )
    if not sound:
        raise ValueError("it holds no counts")
    return counts


def user_name() -> str:
    """Return the name under which this process runs."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for the user's number, as in containers
        return "unknown"
