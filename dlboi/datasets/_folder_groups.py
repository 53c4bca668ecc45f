"""Say which group (patient) each image of a folder belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path

import numpy as np

from dlboi.datasets._dicom_groups import dicom_keyword, header_values
from dlboi.datasets._frame_names import split_frame
from dlboi.datasets._group_csv import FILENAME, csv_source, read_group_csv
from dlboi.exceptions import ImageFolderError


def folder_groups(files: Sequence[str], groups, root: Path) -> np.ndarray | None:
    """Return the group of each file.

    Parameters
    ----------
    files : sequence of str
        Paths relative to the root, with forward slashes. All frames of a file have its group.
    groups : str, re.Pattern, int, path-like, tuple or None
        As in :func:`dlboi.datasets.load_image_folder`.
    root : Path
        The root, for messages.

    Returns
    -------
    groups : ndarray of str of shape (n_files,), or None
    """
    if groups is None:
        return None
    files = [_without_frame(file, root) for file in files]
    if (source := csv_source(groups)) is not None:
        found, reason = _by_csv(files, *source), f"has no group in the CSV file '{source[0]}'"
        way_out = f"Give each image a row; '{FILENAME}' holds its path below the folder."
    elif (keyword := dicom_keyword(groups)) is not None:
        found, reason = header_values(files, keyword, root), f"has no {keyword!r} in its header"
        way_out = "Give a keyword of the DICOM standard that all files have, as 'dicom:PatientID'."
    elif isinstance(groups, str | re.Pattern):
        found, reason = _by_pattern(files, groups), f"does not match groups={_text(groups)!r}"
        way_out = "Widen the regular expression, which is searched in the path below the folder."
    elif isinstance(groups, Integral) and not isinstance(groups, bool) and groups >= 0:
        found, reason = _by_level(files, groups), f"has no folder at level groups={groups}"
        way_out = "Level 0 is the class folder, level 1 the folder in it, and so on."
    else:
        raise ValueError(
            "The 'groups' parameter of load_image_folder must be a regular expression, a folder "
            "level (an int of 0 or more), a CSV file, a tuple (CSV file, column), an element of "
            "DICOM headers ('dicom:PatientID') or None. "
            f"Got {groups!r} instead."
        )

    missing = [file for file, group in zip(files, found, strict=True) if not group]
    if missing:
        names = list(dict.fromkeys(missing))
        shown = ", ".join(f"'{file}'" for file in names[:3])
        raise ImageFolderError(
            f"{len(missing)} of {len(files)} images of '{root}' have no group: {shown}"
            f"{', ...' if len(names) > 3 else ''} {reason}. {way_out}"
        )
    return np.array(found, dtype=str)


def _without_frame(file, root):
    frame = split_frame(root / file)[1]
    return file if frame is None else file.removesuffix(f"[{frame}]")


def _text(pattern):
    return pattern.pattern if isinstance(pattern, re.Pattern) else pattern


def _by_pattern(files, pattern):
    try:
        pattern = re.compile(pattern)
    except re.error as error:
        raise ValueError(
            "The 'groups' parameter of load_image_folder must be a valid regular expression "
            f"({error}). Got {pattern!r} instead."
        ) from error
    found = []
    for file in files:
        match = pattern.search(file)
        if match is None:
            found.append("")
        elif pattern.groups == 1:
            found.append(match[1] or "")
        elif any(match.groups()):
            # A group that took no part keeps its place: "a(1)|b(1)" are two patients.
            found.append("_".join(part or "" for part in match.groups()))
        else:
            found.append(match[0] if pattern.groups == 0 else "")
    return found


def _by_level(files, level):
    folders = [file.split("/")[:-1] for file in files]
    return [parts[level] if level < len(parts) else "" for parts in folders]


def _by_csv(files, path, column):
    names, values = read_group_csv(path, column)
    if names is None:
        raise ImageFolderError(
            f"The CSV file '{path}' has no column '{FILENAME}'. Add it, with the path of each "
            "image below the folder."
        )
    table = {}
    for name, value in zip(names, values, strict=True):
        name = name.replace("\\", "/").removeprefix("./")
        if table.setdefault(name, value) != value:
            raise ImageFolderError(
                f"The CSV file '{path}' gives '{name}' two groups, {table[name]!r} and "
                f"{value!r}. Keep one of the rows."
            )
    bare = [file.rsplit("/", 1)[-1] for file in files]
    unique = len(set(bare)) == len(set(files))
    return [
        table.get(file) or (table.get(name, "") if unique else "")
        for file, name in zip(files, bare, strict=True)
    ]
