"""Names of single frames: ``scan.dcm[3]`` is the fourth frame of the file ``scan.dcm``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dlboi.datasets._dicom_header import is_dicom

_FRAME = re.compile(r"(.+)\[(\d{1,9})\]", re.DOTALL)


def frame_name(file: str, frame: int) -> str:
    """Return the name of a frame, counted from 0.

    Parameters
    ----------
    file : str
        Path of the file.
    frame : int
        Position of the frame.

    Returns
    -------
    str
    """
    return f"{file}[{frame}]"


def split_frame(name: str | os.PathLike[str]) -> tuple[str, int | None]:
    """Return the path of the file, and the position of the frame in it.

    Parameters
    ----------
    name : str or path-like
        Path of a file, or what :func:`frame_name` has made of one.

    Returns
    -------
    file : str
        Path of the file.
    frame : int or None
        Position of the frame; None where `name` is a file as a whole, or of no DICOM file.
    """
    name = os.fspath(name)
    match = _FRAME.fullmatch(name) if name.endswith("]") else None
    # A file may have brackets in its name, and other names use them too: ``normal.npy[17]``.
    if match is None or Path(name).exists() or not is_dicom(match[1]):
        return name, None
    return match[1], int(match[2])
