"""Read the group (patient) of each image from a CSV file."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from dlboi.exceptions import ImageFolderError, MissingPathError

FILENAME = "filename"


def csv_source(groups) -> tuple[Path, str | None] | None:
    """Return the path and the column that `groups` names, or None where it is no CSV file."""
    if isinstance(groups, tuple) and len(groups) == 2 and isinstance(groups[1], str):
        path, column = groups
    else:
        path, column = groups, None
    if isinstance(path, str | os.PathLike) and os.fspath(path).lower().endswith(".csv"):
        return Path(path), column
    return None


def read_group_csv(path: Path, column: str | None = None) -> tuple[list[str] | None, list[str]]:
    """Read the columns of file names and of groups.

    Parameters
    ----------
    path : Path
        CSV file with a header, separated by commas, semicolons or tabs.
    column : str, default=None
        Column of the groups; None where it is the only one next to ``filename``.

    Returns
    -------
    filenames : list of str or None
        The column ``filename``, None where there is none.
    values : list of str
        The column of the groups.
    """
    if not path.is_file():
        raise MissingPathError(f"There is no CSV file '{path}' to take the groups from.")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = file.readline()
            file.seek(0)
            separator = max(",;\t", key=header.count)
            rows = [row for row in csv.reader(file, delimiter=separator) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImageFolderError(
            f"The CSV file '{path}' cannot be read: {error}. Save it as UTF-8 text."
        ) from error
    if not rows:
        raise ImageFolderError(f"The CSV file '{path}' is empty. Give it a header and rows.")

    names = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise ImageFolderError(
                f"Row {number} of the CSV file '{path}' has {len(row)} cells where the header "
                f"has {len(names)}. Mend the row."
            )
    others = [name for name in names if name != FILENAME]
    if column is None and len(others) == 1:
        column = others[0]
    if column not in names:
        asked = "" if column is None else f" has no column {column!r};"
        raise ImageFolderError(
            f"The CSV file '{path}'{asked} has the columns {', '.join(map(repr, names))}. "
            "Name the one of the groups: groups=(path, column)."
        )
    where = names.index(column)
    values = [row[where].strip() for row in rows[1:]]
    if FILENAME not in names:
        return None, values
    where = names.index(FILENAME)
    return [row[where].strip() for row in rows[1:]], values
