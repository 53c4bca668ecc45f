"""Accuracy by where images come from."""

import numpy as np


def origin_accuracies(report) -> tuple[list[str], np.ndarray] | None:
    """Return the accuracy of each part as given, and after pooling.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    divisions : list of str
        Names of the divisions.
    accuracies : ndarray of shape (3, n_divisions, 2)
        Estimate and bounds for both parts, NaN where there is none; None where it was not measured.
    """
    tables = getattr(report.steps.get("leakage"), "tables", ())
    tables = [table.columns for table in tables if {"division", "part"} <= set(table.columns)]
    if not tables:
        return None
    (columns,) = tables
    names = list(dict.fromkeys(columns["division"]))
    values = np.full((3, len(names), 2), np.nan)
    for division, part, _, *bounds in zip(*columns.values(), strict=True):
        values[:, names.index(division), report.part_names.index(part)] = bounds
    return names, values
