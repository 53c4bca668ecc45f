"""A folder with the last states of a fit."""

import json
import re
import warnings
from contextlib import contextmanager
from pathlib import Path

import torch
import xxhash

from dlboi.exceptions import CheckpointError, DlboiWarning, MissingPathError
from dlboi.training._replacing import DRAFT, replacing, sync_folder
from dlboi.training._tensor_file import pack_tensors, read_tensors

#: Number of the file, and the hash of its content.
_NAME = re.compile(r"checkpoint-(\d{6})-([0-9a-f]{32})\.safetensors")


class CheckpointFolder:
    """A folder that holds the newest state of a fit and the one before it.

    A state is written under a temporary name, forced to the disk and renamed; only then the oldest
    one is deleted. The hash of a file is in its name, so that a damaged one is known. Files of
    other names are neither read nor deleted.

    Parameters
    ----------
    path : Path
        Made if its parent is there.
    """

    def __init__(self, path: Path):
        self.path = path
        self._newest = None

    @contextmanager
    def opened(self):
        """Hold the folder for one fit.

        Raises
        ------
        MissingPathError
            The parent of the folder is not there.
        CheckpointError
            Another fit holds it.
        OSError
            The folder cannot be written.
        """
        from filelock import FileLock, Timeout

        if not self.path.parent.is_dir():
            raise MissingPathError(
                f"There is no folder {self.path.parent} to make the folder {self.path.name} of "
                "checkpoints in. Make it first."
            )
        if self.path.exists() and not self.path.is_dir():
            raise NotADirectoryError(f"{self.path} is a file. Name a folder for the checkpoints.")
        try:
            if not self.path.exists():
                self.path.mkdir(exist_ok=True)
                sync_folder(self.path.parent)
            lock = FileLock(self.path / ".lock").acquire(timeout=0)
            self._delete_drafts()
        except Timeout:
            raise CheckpointError(
                f"Another fit is writing its checkpoints to {self.path}. Wait for it, or give this "
                "one a folder of its own."
            ) from None
        except OSError as error:
            raise _named(error, "No checkpoint can be written to this folder", self.path) from error
        with lock:
            yield self

    def read(self, *, stacklevel: int) -> tuple[dict, dict[str, torch.Tensor]] | None:
        """Return header and tensors of the newest state that is whole; None if there is no state.

        Parameters
        ----------
        stacklevel : int
            Levels from here to the user's call, for the warning of a damaged file.

        Raises
        ------
        CheckpointError
            There are states, and all of them are damaged.
        """
        damaged = []
        for path in reversed(self._files()):
            try:
                state = _read(path)
            except (OSError, ValueError) as error:
                damaged.append(f"{path.name} ({error})")
                continue
            if damaged:
                warnings.warn(
                    f"{' and '.join(damaged)} in {self.path} cannot be read: fit goes on from the "
                    f"checkpoint before, {path.name}.",
                    DlboiWarning,
                    stacklevel=stacklevel,
                )
            self._newest = path
            return state
        if damaged:
            raise CheckpointError(
                f"No checkpoint in {self.path} can be read: {' and '.join(damaged)}. Delete the "
                "folder to start anew."
            )
        return None

    def write(self, header: dict, tensors: dict[str, torch.Tensor]) -> None:
        """Write a state; when it is on the disk, delete all but the one before.

        Raises
        ------
        MissingPathError
            The folder has vanished.
        OSError
            The state cannot be written; those that are there are kept.
        """
        data = pack_tensors(tensors, header)
        try:
            before = self._files()
            number = _number(before[-1]) + 1 if before else 0
            name = f"checkpoint-{number:06d}-{xxhash.xxh3_128_hexdigest(data)}.safetensors"
            with replacing(self.path / name) as file:
                file.write(data)
            for path in before:
                if path != self._newest:
                    path.unlink()
        except OSError as error:
            if not self.path.is_dir():
                raise MissingPathError(
                    f"The folder {self.path} of the checkpoints is not there any more. Put it back "
                    "and call fit again to go on from the last one, or call it to start anew."
                ) from error
            kept = f"; {self._newest.name} is kept" if self._newest else ""
            text = f"The checkpoint cannot be written{kept}. Make room, and call fit again"
            raise _named(error, text, self.path) from error
        self._newest = self.path / name

    def _files(self):
        return sorted(path for path in self.path.iterdir() if _NAME.fullmatch(path.name))

    def _delete_drafts(self):
        for draft in self.path.glob(f".*{DRAFT}"):  # of a process that was killed
            draft.unlink(missing_ok=True)


def _number(path):
    return int(_NAME.fullmatch(path.name)[1])


def _read(path):
    """Return header and tensors of a state; its hash says that they are what was written."""
    from safetensors import SafetensorError

    if xxhash.xxh3_128_hexdigest(path.read_bytes()) != _NAME.fullmatch(path.name)[2]:
        raise ValueError("it is damaged")
    try:
        text, tensors = read_tensors(path)
        return json.loads(text), tensors
    except (SafetensorError, TypeError) as error:
        raise ValueError("it is not of dlboi") from error


def _named(error, text, path):
    """Return an error of the same type that says what it was met at."""
    return type(error)(error.errno, f"{text} ({error.strerror})", str(path))
