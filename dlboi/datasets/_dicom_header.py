"""Read the header of a DICOM file, with what makes it fit to be decoded."""

from __future__ import annotations

import os
from pathlib import Path

from dlboi.datasets._bounded_file import open_bounded
from dlboi.datasets._file_errors import ANOTHER_FILE, naming, unusable
from dlboi.exceptions import PydicomImportError

DICOM_SUFFIXES = (".dcm", ".dicom")

_LEAST_BYTES_A_FRAME = 8  # what the head of a compressed frame takes; others are longer


def is_dicom(path: str | os.PathLike[str]) -> bool:
    """Whether a file is to be read as DICOM.

    Parameters
    ----------
    path : str or path-like
        The file; it need not be there.

    Returns
    -------
    bool
        By the suffix where there is one. Scanners write names without (``IM000001``) and names
        of numbers (``1.2.840.113``): of these, files are DICOM that say so themselves.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in DICOM_SUFFIXES:
        return True
    is_bare = not any(map(str.isalpha, suffix)) and path.name.upper() != "DICOMDIR"
    return is_bare and _has_mark(path)


def dicom_facts(path: str | os.PathLike[str]) -> tuple[int, int, int, str]:
    """Return what the header of a DICOM file says.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    height, width : int
        Size of a frame in pixels.
    n_frames : int
        Number of frames.
    mode : {"L", "RGB"}
        Grey or colour.
    """
    with naming(path):
        header = read_header(path)
        is_grey = header.PhotometricInterpretation.startswith("MONOCHROME")
        n_frames = count_frames(header, path)
        return int(header.Rows), int(header.Columns), n_frames, "L" if is_grey else "RGB"


def read_header(path: str | os.PathLike[str]):
    """Return all of a DICOM file but its pixels.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    header : pydicom.Dataset

    Raises
    ------
    ImageFileError
        If the file is no DICOM file or holds no image.
    PydicomImportError
        If pydicom is not installed.
    """
    if Path(path).stat().st_size == 0:
        raise unusable(path, "it is empty (0 bytes)", ANOTHER_FILE)
    if not _has_mark(path):
        raise unusable(path, "it is no DICOM file", ANOTHER_FILE)
    pydicom = _import_pydicom(path)
    with open_bounded(path) as file:
        if _transfer_syntax(file) == pydicom.uid.DeflatedExplicitVRLittleEndian:
            raise unusable(
                path,
                "its header is deflated, and how much it would become cannot be known beforehand",
                "Save it with the transfer syntax Explicit VR Little Endian.",
            )
        file.seek(0)
        header = pydicom.dcmread(file, stop_before_pixels=True)
    if not all(name in header for name in ("Rows", "Columns", "PhotometricInterpretation")):
        kind = header.get("Modality", "unknown")
        raise unusable(path, f"it holds no image (modality {kind!r})", "Take it out of the set.")
    return header


def count_frames(header, path: str | os.PathLike[str]) -> int:
    """Return the number of frames that a header says, where the file can hold as many."""
    n_frames = int(header.get("NumberOfFrames") or 1)
    n_bytes = Path(path).stat().st_size
    if not 1 <= n_frames <= n_bytes // _LEAST_BYTES_A_FRAME:
        what = f"its header says {n_frames} frames, and it has {n_bytes} bytes"
        raise unusable(path, what, ANOTHER_FILE)
    return n_frames


def _transfer_syntax(file):
    """Return what says how a file goes on after its first elements, which are always alike."""
    from pydicom.filereader import read_dataset

    file.seek(132)
    meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag.group != 2)
    return meta.get("TransferSyntaxUID")


def _has_mark(path):
    """Whether a file has the letters DICM where DICOM files have them."""
    try:
        with Path(path).open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def _import_pydicom(path):
    try:
        import pydicom
        import pydicom.pixels
    except ImportError as error:
        raise PydicomImportError(
            f"To read the DICOM file {os.fspath(path)!r}, pydicom is needed ({error}): "
            'pip install "pydicom>=3.0", or dlboi with its extra "dicom".'
        ) from error
    return pydicom
