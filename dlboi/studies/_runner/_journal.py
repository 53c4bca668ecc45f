"""The journal of a study: each run is on the disk before the next begins."""

import hashlib
import json
import re
import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

from dlboi.exceptions import DlboiWarning, JournalError
from dlboi.reporting._software import software
from dlboi.studies._runner._archive import DAMAGE, read_archive, write_archive
from dlboi.training._replacing import DRAFT, replacing

_SETTINGS = "study.json"
_VERSION = 1


class Journal:
    """A folder with the settings of a study and one file for each run that came to its end.

    A file is written under a temporary name, forced to the disk and renamed: it is there as a
    whole or not at all. One that cannot be read, or is of other settings, is not used.

    Parameters
    ----------
    folder : path-like
        Made if it is not there.
    study : mapping of str to str
        What decides all runs.
    levels : mapping of str to mapping of str to str
        What decides those of each level.

    Raises
    ------
    JournalError
        The folder holds the journal of another study, or another process is at it.
    OSError
        The folder cannot be written.
    """

    def __init__(self, folder, study: Mapping[str, str], levels: Mapping[str, Mapping[str, str]]):
        self.folder = Path(folder)
        self.study = dict(study)
        self.levels = {name: dict(level) for name, level in levels.items()}
        self._has_warned = False

    @contextmanager
    def opened(self):
        """Hold the folder for this process, and check that it is of this study."""
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                for draft in self.folder.rglob(f".*{DRAFT}"):  # of a process that was killed
                    draft.unlink(missing_ok=True)
                self._agree()
                yield self
        except Timeout:
            raise JournalError(
                f"Another process is running the study in {self.folder}. Wait for it, or give this "
                "one another 'memory'."
            ) from None

    def read(self, level: str, split) -> tuple[dict, dict] | None:
        """Return measures and arrays of a run, or None where it is to be done."""
        path = self._path(level, split)
        if not path.is_file():
            return None
        try:
            header, arrays = read_archive(path)
            same_run = header["run"] == [level, split.repeat, split.fold]
            if same_run and header["settings"] == self._of(level):
                self._check_division(path, header["division"], split)
                self._warn_of_software(header["software"])
                return header["measures"], arrays
            problem = "it is of other settings"
        except JournalError:
            raise
        except DAMAGE as error:
            problem = str(error)
        warnings.warn(
            f"{path} is not used ({problem}): the run is done again.", DlboiWarning, stacklevel=4
        )
        return None

    def write(self, level: str, split, measures: dict, arrays: dict) -> None:
        """Write a run, whole or not at all."""
        header = {
            "run": [level, split.repeat, split.fold],
            "settings": self._of(level),
            "division": split.digest,
            "software": software(),
            "measures": measures,
        }
        path = self._path(level, split)
        try:
            path.parent.mkdir(exist_ok=True)
            write_archive(path, header, arrays)
        except OSError as error:
            raise type(error)(
                error.errno,
                f"A run cannot be written to the journal ({error.strerror}). Runs that are there "
                "are kept: make room, and call the study again",
                str(path),
            ) from error

    def _check_division(self, path, division, split):
        if division != split.digest:
            raise JournalError(
                f"{path} is of another division of the images: the splitter ('cv') draws a new one "
                "at each call, or is another one. Give it a random_state, or this study another "
                "'memory'."
            )

    def _warn_of_software(self, then):
        now = software()
        others = [
            f"{name} {then.get(name)}, now {now[name]}"
            for name in now
            if then.get(name) != now[name]
        ]
        if others and not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"Runs in {self.folder} were done with {'; '.join(others)}: the numbers of the "
                "study may differ by more than what it compares.",
                DlboiWarning,
                stacklevel=5,
            )

    def _of(self, level):
        return {"study": self.study, "level": self.levels[level]}

    def _path(self, level, split):
        slug = re.sub(r"[^A-Za-z0-9]+", "-", level).strip("-")[:40]
        short = hashlib.sha256(level.encode()).hexdigest()[:8]
        return self.folder / "runs" / f"{slug}-{short}-{split.repeat}-{split.fold}.npz"

    def _agree(self):
        """Refuse a folder of other settings; add the levels that are new."""
        path = self.folder / _SETTINGS
        known = _read_settings(path)
        differences = _differences("the study", known["study"], self.study)
        for name in self.levels.keys() & known["levels"].keys():
            differences += _differences(repr(name), known["levels"][name], self.levels[name])
        if differences:
            raise JournalError(
                f"{self.folder} is the journal of a study with other settings. "
                f"{'; '.join(differences)}. Give this study another 'memory', or delete the folder."
            )
        levels = {**known["levels"], **self.levels}
        content = {"version": _VERSION, "study": self.study, "levels": levels}
        with replacing(path) as file:
            file.write(json.dumps(content, indent=1).encode())


def _differences(owner, old, new):
    names = sorted(old.keys() | new.keys()) if old else []
    return [
        f"{name} of {owner}: {old.get(name, 'not set')} there, {new.get(name, 'not set')} here"
        for name in names
        if old.get(name) != new.get(name)
    ]


def _read_settings(path):
    if not path.exists():
        others = [entry.name for entry in path.parent.iterdir() if entry.name != ".lock"]
        if others:
            raise JournalError(
                f"{path.parent} is not empty and holds no journal of a study, but {others[:3]}. "
                "Give the study a folder of its own as 'memory'."
            )
        return {"study": {}, "levels": {}}
    try:
        content = json.loads(path.read_bytes())
        if content["version"] != _VERSION:
            raise ValueError(f"version {content['version']}")
        return {"study": content["study"], "levels": content["levels"]}
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(
            f"{path} is damaged or of another version of dlboi ({error}). Delete the folder "
            f"{path.parent}, or give the study another 'memory'."
        ) from error
