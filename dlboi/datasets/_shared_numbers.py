"""Whether the same numbers under different words are more than chance."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

_N_SHIFTS = 200


class SharedNumbers(NamedTuple):
    """How many numbers occur under several words.

    Attributes
    ----------
    contexts : dict of str to int
        How many numbers occur under each word.
    n_shared : int
        Pairs of words and a number that occurs under both.
    by_chance : float
        Mean of the same where the numbers of one word are shifted.
    more_than_chance : bool
        Whether no shift gives as many, and there are at least two.
    """

    contexts: dict
    n_shared: int
    by_chance: float
    more_than_chance: bool


def shared_numbers(numbers: list[int], words: list[str]) -> SharedNumbers:
    """Compare the numbers that words share with those that shifted numbers would share.

    Parameters
    ----------
    numbers : list of int
        Number in each name.
    words : list of str
        Word beside it.

    Returns
    -------
    SharedNumbers

    Notes
    -----
    Numbers are often dense (1, 2, 3, …) or in clusters (a year, a ward), so that chance is not that
    of random numbers. Shifting all numbers of one word, round the range of both words, keeps both:
    a number that means the same under both words is hit by no shift but 0.
    """
    sets = {}
    for number, word in zip(numbers, words, strict=True):
        sets.setdefault(word, set()).add(number)
    n_shared, shifted = 0, np.zeros(_N_SHIFTS)
    for a, b in combinations(sets.values(), 2):
        n_shared += len(a & b)
        shifted += _shared_when_shifted(np.array(list(a)), np.array(list(b)))
    return SharedNumbers(
        {word: len(found) for word, found in sorted(sets.items())},
        n_shared,
        float(shifted.mean()),
        bool(n_shared >= 2 and n_shared > shifted.max()),
    )


def _shared_when_shifted(a, b):
    low = min(a.min(), b.min())
    span = max(a.max(), b.max()) - low + 1
    steps = np.arange(1, _N_SHIFTS // 2 + 1)
    shifts = np.concatenate([-steps, steps])
    return np.array([np.isin((b - low + shift) % span + low, a).sum() for shift in shifts])
