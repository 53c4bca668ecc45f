"""Files of arrays with a header: numpy's npz, without pickles, written whole or not at all."""

import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from dlboi.training._replacing import replacing

#: What reading a damaged archive raises.
DAMAGE = (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)

_HEADER = "header"


def write_archive(path: Path, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Write a header and arrays.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    header : dict
        What JSON can hold; other values are written as text.
    arrays : dict of str to ndarray
        Numbers or text.
    """
    text = np.array(json.dumps(header, default=str))
    with replacing(path) as file:
        np.savez_compressed(file, **{_HEADER: text}, **arrays)


def read_archive(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Read what :func:`write_archive` has written; nothing is executed.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    header : dict
    arrays : dict of str to ndarray

    Raises
    ------
    one of DAMAGE
        The file cannot be read.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    return json.loads(str(arrays.pop(_HEADER))), arrays
