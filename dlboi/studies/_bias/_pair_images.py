"""Images of duplicates, to look at."""

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.plotting._images import take_images

_MOST_PAIRS = 6


def pair_images(cohort: Cohort, duplicates) -> list[tuple[np.ndarray, str]]:
    """Return images of some pairs of duplicates across the parts, pair by pair.

    Parameters
    ----------
    cohort : Cohort
        The images.
    duplicates : Duplicates or None
        Duplicates among them.

    Returns
    -------
    list of tuple of (ndarray, str)
        Two images a pair, each with its title: part, class, and of the second how alike they are.
    """
    if duplicates is None:
        return []
    chosen = np.flatnonzero(duplicates.cross_split)
    chosen = chosen[np.argsort(-duplicates.similarities[chosen], kind="stable")][:_MOST_PAIRS]
    shown = []
    for pair in chosen:
        first, second = duplicates.pairs[pair]
        images = take_images(cohort.X, [first, second])
        shown.append((images[0], _title(cohort, first)))
        likeness = f"{duplicates.kinds[pair]}, similarity {duplicates.similarities[pair]:.2f}"
        shown.append((images[1], f"{_title(cohort, second)}; {likeness}"))
    return shown


def _title(cohort, index):
    part = cohort.part_names[int(cohort.in_test[index])]
    return f"{part}, {cohort.class_names[cohort.y[index]]}"
