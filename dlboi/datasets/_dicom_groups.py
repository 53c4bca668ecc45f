"""Read the group (patient) of each image from the headers of DICOM files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dlboi.datasets._dicom_header import is_dicom, read_header
from dlboi.datasets._file_errors import naming

_PREFIX = "dicom:"


def dicom_keyword(groups) -> str | None:
    """Return the element that `groups` names, as in ``dicom:PatientID``, or None."""
    if isinstance(groups, str) and groups.startswith(_PREFIX):
        return groups.removeprefix(_PREFIX)
    return None


def header_values(files: Sequence[str], keyword: str, root: Path) -> list[str]:
    """Return what an element of the header of each file says.

    Parameters
    ----------
    files : sequence of str
        Paths relative to the root, with forward slashes; a file may stand there several times.
    keyword : str
        Keyword of the element, as in the DICOM standard.
    root : Path
        The root.

    Returns
    -------
    values : list of str
        Empty where a file is no DICOM file or does not have the element.
    """
    values = {file: _value(root / file, keyword) for file in dict.fromkeys(files)}
    return [values[file] for file in files]


def _value(path, keyword):
    if not is_dicom(path):
        return ""
    with naming(path):
        header = read_header(path)  # says what to install where pydicom is missing
        from pydicom.datadict import tag_for_keyword

        tag = tag_for_keyword(keyword)
        if tag is None or tag not in header or header[tag].is_empty:
            return ""
        return str(header[tag].value).strip()
