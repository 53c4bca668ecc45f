"""Ids that look as if they were one."""

import numpy as np
from scipy.stats import false_discovery_control

from dlboi.bias._likeness import Comparison

_FALSE_SHARE = 0.1
_LEAST_IDS = 4


def look_alikes(means: list[Comparison]) -> list[tuple[tuple[int, int], float]]:
    """Return pairs of ids that are far more alike than either is to any third one.

    Parameters
    ----------
    means : list of Comparison
        Ids with each other, by the mean similarity of their images.

    Returns
    -------
    list of tuple (pair of ids, similarity)
        The most alike first; about a tenth of them by chance.

    Notes
    -----
    Two ids are a pair if each is the most similar one to the other. How much more similar than the
    second most similar one is the spacing of the two largest of many values, which is close to
    exponential; the scale is taken from the median over all ids. The two spacings of a pair rise
    together, so that their mean is taken for one of them; pairs are named at a false discovery rate
    of 0.1 (Benjamini and Hochberg).
    """
    pairs, p_values = [], []
    for found in means:
        if len(found.row_ids) < _LEAST_IDS:
            continue
        similarity = np.array(found.similarity)
        np.fill_diagonal(similarity, -np.inf)
        second, best = np.sort(similarity, axis=1)[:, -2:].T
        spacing, nearest = best - second, similarity.argmax(axis=1)
        scale = np.median(spacing) / np.log(2)
        if scale <= 0:
            continue
        rows = np.arange(len(nearest))
        rows = rows[(nearest[nearest] == rows) & (rows < nearest)]
        mean = (spacing[rows] + spacing[nearest[rows]]) / 2
        p_values.append(np.exp(-mean / scale))
        pairs += [
            ((int(found.row_ids[row]), int(found.column_ids[nearest[row]])), float(best[row]))
            for row in rows
        ]
    if not pairs:
        return []
    is_named = false_discovery_control(np.concatenate(p_values)) <= _FALSE_SHARE
    named = {}
    for pair, similarity in (pairs[row] for row in np.flatnonzero(is_named)):
        named[pair] = max(named.get(pair, -1.0), similarity)
    return sorted(named.items(), key=lambda item: (-item[1], item[0]))
