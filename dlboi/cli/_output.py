"""What the commands write: JSON, and files that are whole or not there."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dlboi.exceptions import MissingPathError


def print_json(document: dict) -> None:
    """Print one JSON document; numbers that are not finite become null."""
    print(json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False))


def rows_of(columns: dict) -> list[dict]:
    """Return the rows of a table that is given by its columns."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def check_output(path: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Refuse a file that cannot be written, or that is read, before the work begins.

    Parameters
    ----------
    path : Path
        File to write; one that is there is replaced.
    inputs : iterable of Path
        Files that must stay.
    """
    if not path.parent.is_dir():
        raise MissingPathError(
            f"The folder {str(path.parent)!r} is not there. Make it, or write {path.name!r} "
            "elsewhere."
        )
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder. Name a file in it.")
    if path.exists() and any(other.exists() and path.samefile(other) for other in inputs):
        raise FileExistsError(
            f"{str(path)!r} would take the place of a file that is read. Give another name."
        )


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(element) for key, element in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(element) for element in value]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
