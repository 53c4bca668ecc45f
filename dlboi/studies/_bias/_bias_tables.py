"""The tables of a study of dataset bias."""

import numpy as np

from dlboi.reporting import Table
from dlboi.reporting._words import p_text
from dlboi.studies._bias._words import percent, points, with_bounds


def verdict_columns(verdicts: list) -> dict[str, np.ndarray]:
    """Return the verdicts as columns, numbers in full.

    Parameters
    ----------
    verdicts : list of Verdict
        The verdicts.

    Returns
    -------
    dict of str to ndarray of shape (n_verdicts,)
        ``claim``, ``verdict``, ``estimate`` with ``low`` and ``high`` (accuracy lost, a fraction),
        ``p_value`` of no effect, ``p_adjusted`` of the claim, ``smallest``, ``rule``, ``reason``.
    """
    columns = {"claim": [verdict.name for verdict in verdicts]}
    columns["verdict"] = [verdict.verdict for verdict in verdicts]
    for name in ("estimate", "low", "high", "p_value"):
        columns[name] = [getattr(verdict.effect, name) for verdict in verdicts]
    for name in ("p_adjusted", "smallest", "rule", "reason"):
        columns[name] = [getattr(verdict, name) for verdict in verdicts]
    return {name: np.array(values) for name, values in columns.items()}


def verdict_table(verdicts: list, alpha: float) -> Table:
    """Return the verdicts as people read them.

    Parameters
    ----------
    verdicts : list of Verdict
        The verdicts.
    alpha : float
        Level of all of them.

    Returns
    -------
    Table
    """
    columns = {
        "claim": [verdict.name for verdict in verdicts],
        "verdict": [verdict.verdict for verdict in verdicts],
        "points lost (95 % interval)": [with_bounds(verdict.effect) for verdict in verdicts],
        "p of the claim": [p_text(verdict.p_adjusted) for verdict in verdicts],
        "smallest loss it would have shown": [points(verdict.smallest) for verdict in verdicts],
    }
    caption = (
        "All verdicts. Lost is accuracy in percentage points, recall for a class, and what the "
        "statistics lose for the shortcut; negative is gained. The p-value is small where the "
        "claim holds; it is adjusted after Holm, so that in at most "
        f"{100 * alpha:g} % of studies any claim of the table is wrongly SUPPORTED. The last "
        "column is the loss that images like these would have shown in four of five studies."
    )
    return Table(columns, caption)


def parts_table(decomposition) -> Table:
    """Return the parts of the gap as people read them.

    Parameters
    ----------
    decomposition : Decomposition
        The parts.

    Returns
    -------
    Table
    """
    scores = list(decomposition.scores.values())
    columns = {
        "step": ["start", *decomposition.terms, "all steps together"],
        "points lost (95 % interval)": [
            "",
            *map(with_bounds, [*decomposition.terms.values(), decomposition.gap]),
        ],
        "accuracy after it": [*map(percent, [*scores, scores[-1]])],
    }
    return Table(columns, "Parts of the gap; negative numbers are gained.")


def table_columns(table: Table) -> dict[str, np.ndarray]:
    """Return the columns of a table as arrays."""
    return {name: np.asarray(column) for name, column in table.columns.items()}
