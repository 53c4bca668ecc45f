"""What a search for duplicates found, in tables."""

from __future__ import annotations

import numpy as np

from dlboi.metrics import proportion_interval
from dlboi.reporting import Table

_MOST_ROWS = 200


def count_table(kinds: np.ndarray, crossings: dict[str, np.ndarray | None]) -> Table:
    """Return how many pairs there are of each kind, and across what."""
    columns = {"duplicates": ["exact", "near"], "pairs": [int(sum(kinds == k)) for k in _KINDS]}
    for name, crossing in crossings.items():
        counts = None if crossing is None else [int(crossing[kinds == k].sum()) for k in _KINDS]
        columns[f"across {name}"] = [None, None] if counts is None else counts
    return Table(columns, "Pairs of duplicates; n/a where the images come without the label")


_KINDS = ("exact", "near")


def pair_table(pairs, kinds, similarities, symmetries, crossings, names) -> Table:
    """Return the pairs, those across splits first."""
    crossing = crossings["splits"]
    order = np.arange(len(pairs)) if crossing is None else np.argsort(~crossing, kind="stable")
    shown = order[:_MOST_ROWS]
    columns = {
        "image": [names[i] for i in pairs[shown, 0]],
        "duplicate": [names[i] for i in pairs[shown, 1]],
        "kind": kinds[shown].tolist(),
        "similarity": similarities[shown].tolist(),
        "symmetry": symmetries[shown].tolist(),
        "across": [
            ", ".join(
                n for n, crossing in crossings.items() if crossing is not None and crossing[i]
            )
            for i in shown
        ],
    }
    part = "" if len(shown) == len(pairs) else f", the first {len(shown)} of {len(pairs)}"
    return Table(columns, f"Duplicates, pair by pair{part}")


def recall_table(kinds: list[str], found: np.ndarray) -> Table:
    """Return how many planted copies were found, bool of shape (n_images, n_kinds)."""
    n_images = len(found)
    images = np.repeat(np.arange(n_images), len(kinds))
    intervals = [proportion_interval(column) for column in found.T]
    intervals.append(proportion_interval(found.ravel(), groups=images if n_images > 1 else None))
    n_found = [*found.sum(axis=0).tolist(), int(found.sum())]
    columns = {
        "change": [*kinds, "all"],
        "planted": [n_images] * len(kinds) + [found.size],
        "found": n_found,
        "recall": [interval.estimate for interval in intervals],
        "low": [interval.low for interval in intervals],
        "high": [interval.high for interval in intervals],
    }
    return Table(
        columns, "Changed copies of images of this set that the search finds, with 95 % intervals"
    )
