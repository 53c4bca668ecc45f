"""Sets of images that belong together."""

import numpy as np


class Clusters:
    """Disjoint sets of 0, 1, …, n - 1, at first of one element each.

    Parameters
    ----------
    n : int
        Number of elements.
    """

    def __init__(self, n: int):
        self._parent = list(range(n))
        self._size = [1] * n

    def find(self, i: int) -> int:
        """Return the element that stands for the set of `i`."""
        parent = self._parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make one set of those of `i` and `j`."""
        i, j = self.find(i), self.find(j)
        if i == j:
            return
        if self._size[i] < self._size[j]:
            i, j = j, i
        self._parent[j] = i
        self._size[i] += self._size[j]

    def size_of_common(self, i: int, j: int) -> int:
        """Return the size of the set that holds both elements, 0 where none does."""
        i, j = self.find(i), self.find(j)
        return self._size[i] if i == j else 0

    def codes(self) -> np.ndarray:
        """Return the number of each element's set, from 0 in order of its first element."""
        names = {}
        return np.array(
            [names.setdefault(self.find(i), len(names)) for i in range(len(self._parent))], int
        )
