"""The tables of ``dlboi info``."""

from dlboi.cli._folder_facts import FolderFacts
from dlboi.reporting import Table
from dlboi.reporting._words import span


def folder_tables(parts: list[FolderFacts]) -> tuple[Table, Table]:
    """Return a table of the classes and one of the files.

    Parameters
    ----------
    parts : list of FolderFacts
        One folder, or those of the training and of the test images.

    Returns
    -------
    tuple of Table
    """
    by_class = [
        {
            "folder": str(part.root),
            "class": name,
            "images": n,
            "share": n / len(part.files),
            "patients": None if part.groups is None else len(part.patients_of(name)),
        }
        for part in parts
        for name, n in part.classes.items()
    ]
    by_part = [
        {
            "folder": str(part.root),
            "files": len(part.files),
            "unusable": len(part.problems),
            "height (pixels)": _span_of(part, 0),
            "width (pixels)": _span_of(part, 1),
            "modes": ", ".join(f"{mode} {n}" for mode, n in part.modes().items()),
        }
        for part in parts
    ]
    return (
        _table(by_class, "Images and patients by class"),
        _table(by_part, "The files; mode L is grey, RGB colour"),
    )


def _span_of(part, axis):
    sizes = [size[axis] for size in part.sizes()]
    return span(sizes) if sizes else None


def _table(rows, caption):
    return Table({column: [row[column] for row in rows] for column in rows[0]}, caption)
