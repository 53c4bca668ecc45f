"""How much more alike images of one id are than images of different ids."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from dlboi.metrics import crossed_interval


class Likeness(NamedTuple):
    """Probability that an image is more like one of its own id than like one of another id.

    Parameters
    ----------
    estimate : float
        The area under the ROC curve of similarity: 0.5 where ids mean nothing, 1 where any two
        images of one id are more alike than any two of different ids. Mean over ids.

    low, high : float
        Bounds of the 95 % interval over ids; NaN where there are fewer than two.

    p_value : float
        One-sided p-value of ids that mean nothing, by permutation; NaN where `estimate` is.

    n_ids : int
        Number of ids that have two images to compare.

    Examples
    --------
    >>> from dlboi.bias import Likeness
    >>> Likeness(0.7, 0.6, 0.8, 0.001, 40).estimate
    0.7
    """

    estimate: float
    low: float
    high: float
    p_value: float
    n_ids: int


@dataclass(frozen=True)
class Comparison:
    """Images whose similarities are comparable, and their ids.

    Attributes
    ----------
    similarity : ndarray of shape (n_rows, n_columns)
        Of each image of the rows to each of the columns.
    row_ids, column_ids : ndarray of int
        Ids of the images.
    is_square : bool
        Whether rows and columns are the same images.
    """

    similarity: np.ndarray
    row_ids: np.ndarray
    column_ids: np.ndarray
    is_square: bool


class _Pairs(NamedTuple):
    """Pairs of one id in a comparison, with the rank of each among all images of its row."""

    ranks: np.ndarray
    is_square: bool
    rows: np.ndarray
    columns: np.ndarray
    n_mates: np.ndarray  # of each row
    n_others: np.ndarray

    def areas(self):
        """Area under the curve of each row; NaN where there is nothing to compare."""
        sums = np.bincount(
            self.rows, self.ranks[self.rows, self.columns], minlength=len(self.ranks)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return (sums - self.n_mates * (self.n_mates + 1) / 2) / (self.n_mates * self.n_others)


def likeness(
    comparisons: list[Comparison], n_permutations: int, rng: np.random.Generator
) -> tuple[Likeness, dict[int, float]]:
    """Estimate the likeness, its interval over ids and its p-value.

    Parameters
    ----------
    comparisons : list of Comparison
        Each has strangers of its own, such as those of one class.
    n_permutations : int
        Number of permutations of ids within each comparison.
    rng : Generator
        Draws the permutations.

    Returns
    -------
    likeness : Likeness
    by_id : dict of int to float
        The same for each id.
    """
    pairs = [_pairs(comparison) for comparison in comparisons]
    areas = [found.areas() for found in pairs]
    ids = [comparison.row_ids for comparison in comparisons]
    told = [np.isfinite(of_rows) for of_rows in areas]
    all_ids = np.concatenate([i[t] for i, t in zip(ids, told, strict=True)] or [[]])
    if not all_ids.size:
        return Likeness(np.nan, np.nan, np.nan, np.nan, 0), {}
    names, codes, sizes = np.unique(all_ids, return_inverse=True, return_counts=True)
    values = np.concatenate([a[t] for a, t in zip(areas, told, strict=True)])
    by_id = np.bincount(codes, values) / sizes
    weights = np.split(1 / (len(names) * sizes[codes]), np.cumsum([t.sum() for t in told])[:-1])
    observed, permuted = 0.0, np.zeros(n_permutations)
    for found, is_told, weight in zip(pairs, told, weights, strict=True):
        of_row = np.zeros(len(is_told))
        of_row[is_told] = weight / (found.n_mates * found.n_others)[is_told]
        coefficients = of_row[found.rows]
        observed += coefficients @ found.ranks[found.rows, found.columns]
        permuted += [_permuted(found, coefficients, rng) for _ in range(n_permutations)]
    # Sums of the same numbers in another order may differ in the last bits.
    p_value = (1 + np.count_nonzero(permuted >= observed - 1e-9)) / (1 + n_permutations)
    bounds = (np.nan, np.nan)
    if len(names) > 1:
        interval = crossed_interval(by_id - 0.5)
        bounds = (float(np.clip(b + 0.5, 0, 1)) for b in (interval.low, interval.high))
    found = Likeness(float(by_id.mean()), *bounds, float(p_value), len(names))
    return found, dict(zip(names.tolist(), by_id.tolist(), strict=True))


def _pairs(comparison):
    similarity = np.array(comparison.similarity, dtype=float)
    is_mate = comparison.row_ids[:, None] == comparison.column_ids
    if comparison.is_square:
        np.fill_diagonal(similarity, -np.inf)  # first in rank, and taken off below
        np.fill_diagonal(is_mate, False)
    ranks = rankdata(similarity, axis=1) - comparison.is_square
    n_mates = is_mate.sum(axis=1)
    n_others = similarity.shape[1] - comparison.is_square - n_mates
    return _Pairs(ranks, comparison.is_square, *np.nonzero(is_mate), n_mates, n_others)


def _permuted(pairs, coefficients, rng):
    order = rng.permutation(pairs.ranks.shape[1])
    rows = order[pairs.rows] if pairs.is_square else pairs.rows
    return coefficients @ pairs.ranks[rows, order[pairs.columns]]
