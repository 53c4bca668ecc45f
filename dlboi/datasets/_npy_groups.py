"""Say which group (patient) each image of an array belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from dlboi.datasets._group_csv import csv_source, read_group_csv
from dlboi.exceptions import ImageFileError, MissingPathError


def array_groups(groups, n_images: int) -> np.ndarray | None:
    """Return one group an image, from an array, a ``.npy`` file or a CSV file."""
    if groups is None:
        return None
    if (source := csv_source(groups)) is not None:
        values = np.array(read_group_csv(*source)[1], dtype=str)
        missing = bool(np.any(values == ""))
    elif isinstance(groups, str | os.PathLike):
        values = _from_npy(Path(groups))
        missing = _has_missing(values.astype(object))
    else:
        values = np.asarray(groups)
        # Of a NaN among strings, NumPy makes the string "nan": look before.
        missing = _has_missing(np.asarray(groups, dtype=object))
    if values.shape != (n_images,) or missing:
        raise ValueError(
            f"The 'groups' parameter of load_npy_classes must give one group for each of the "
            f"{n_images} images, none of them missing. Got an array of shape {values.shape}"
            f"{' with missing values' if missing else ''} instead."
        )
    return values


def _from_npy(path):
    if not path.is_file():
        raise MissingPathError(f"There is no file '{path}' to take the groups from.")
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # a damaged header raises nearly anything inside NumPy
        raise ImageFileError(
            f"The groups in '{path}' cannot be read ({error}). Save them with numpy.save, as a "
            "1-D array of strings or ints."
        ) from error


def _has_missing(values):
    return any(value is None or value != value or value == "" for value in values.ravel())
