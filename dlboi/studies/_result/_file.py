"""Results of studies in files."""

from pathlib import Path

import numpy as np

from dlboi.exceptions import MissingPathError, ModelFileError
from dlboi.studies._runner._archive import DAMAGE, read_archive, write_archive

_FORMAT = "dlboi study 1"
_AS_JSON = ("names", "reference", "metric", "classes", "settings", "findings")
_AS_ARRAYS = ("runs", "truth", "patients")


def write_study(result, path) -> None:
    """Write a StudyResult, whole or not at all: one npz archive of arrays and a JSON header.

    Parameters
    ----------
    result : StudyResult
        What to write.
    path : str or path-like
        The file.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise MissingPathError(f"There is no folder {path.parent} to write to. Make it first.")
    header = {"format": _FORMAT, "captions": list(result.tables), "n_runs": len(result.arrays)}
    header |= {name: getattr(result, name) for name in _AS_JSON}
    content = {}
    for name in _AS_ARRAYS:
        content |= _prefixed(name, getattr(result, name))
    for number, arrays in enumerate(result.arrays):
        content |= _prefixed(f"run{number}", arrays)
    for number, columns in enumerate(result.tables.values()):
        content |= _prefixed(f"table{number}", columns)
    write_archive(path, header, content)


def read_study(path) -> dict:
    """Read what :func:`write_study` has written, as the arguments of StudyResult.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    dict
    """
    path = Path(path)
    if not path.is_file():
        raise MissingPathError(f"There is no file {path}. Name one that `save` has written.")
    try:
        header, content = read_archive(path)
        if header["format"] != _FORMAT:
            raise ValueError(f"its format is {header['format']!r}")
        arguments = {name: header[name] for name in _AS_JSON}
        arguments |= {name: _under(name, content) for name in _AS_ARRAYS}
        arguments["arrays"] = [_under(f"run{i}", content) for i in range(header["n_runs"])]
        arguments["tables"] = {
            caption: _under(f"table{i}", content) for i, caption in enumerate(header["captions"])
        }
    except DAMAGE as error:
        raise ModelFileError(
            f"{path} is damaged, or no study that dlboi has saved ({error}). Save it again."
        ) from error
    return arguments


def _prefixed(name, arrays):
    return {f"{name}/{key}": np.asarray(values) for key, values in arrays.items()}


def _under(name, content):
    prefix = f"{name}/"
    return {k.removeprefix(prefix): v for k, v in content.items() if k.startswith(prefix)}
