"""Rows of skorch's history in a form that files can hold."""

import numpy as np

_SCALARS = (bool, int, float, str, np.generic)


def rows_to_write(history) -> list[dict]:
    """Return the records of each epoch that are numbers or texts."""
    return [
        {name: value for name, value in row.items() if isinstance(value, _SCALARS)}
        for row in history
    ]


def rows_as_read(rows: list[dict]) -> list[dict]:
    """Return rows of a file as skorch's history has them, each with its empty row of batches."""
    return [{**row, "batches": [{}]} for row in rows]
