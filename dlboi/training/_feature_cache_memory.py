"""Feature rows kept in this process only, shared by all that runs in it."""

import os
import threading
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np


class RowMemory:
    """Rows by key, as many as fit, those used last."""

    def __init__(self):
        self._rows: OrderedDict[str, np.ndarray] = OrderedDict()
        self._n_bytes = 0
        self._guard = threading.RLock()  # short: one look or one change
        self._work = threading.RLock()  # long: from looking up until what was missing is stored

    @contextmanager
    def exclusive(self):
        """Hold off the other threads that compute."""
        with self._work:
            yield

    def look_up(self, keys: list[str], put) -> None:
        """Call ``put(positions, rows)`` for the keys that are here."""
        with self._guard:
            rows = [self._rows.get(key) for key in keys]
            positions = [i for i, row in enumerate(rows) if row is not None]
            for position in positions:
                self._rows.move_to_end(keys[position])
        by_width: dict[int, list[int]] = {}
        for position in positions:
            by_width.setdefault(len(rows[position]), []).append(position)
        for group in by_width.values():
            put(np.array(group), np.stack([rows[position] for position in group]))

    def write(self, keys: list[str], rows: np.ndarray, max_bytes: int) -> None:
        """Keep rows, and let go of those unused longest beyond `max_bytes`."""
        with self._guard:
            for key, row in zip(keys, rows, strict=True):
                self._drop(key)
                self._rows[key] = row.copy()  # a view would keep all the rows of its array
                self._n_bytes += row.nbytes
            while self._n_bytes > max_bytes and self._rows:
                self._drop(next(iter(self._rows)))

    def clear(self) -> int:
        """Let go of everything; return how many bytes that were."""
        with self._guard:
            n_bytes, self._n_bytes = self._n_bytes, 0
            self._rows.clear()
        return n_bytes

    def _drop(self, key):
        row = self._rows.pop(key, None)
        if row is not None:
            self._n_bytes -= row.nbytes


_memory = RowMemory()


def process_memory() -> RowMemory:
    """Return the rows of this process."""
    return _memory


def _forget():
    global _memory
    _memory = RowMemory()


if hasattr(os, "register_at_fork"):
    # A lock that another thread held at the fork would never be released in the child.
    os.register_at_fork(after_in_child=_forget)
