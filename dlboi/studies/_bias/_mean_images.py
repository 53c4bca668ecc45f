"""Mean images of the classes, to look at."""

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.bias._representation import SIDE
from dlboi.bias._thumbnails import thumbnails

_MOST_IMAGES = 500


def mean_images(cohort: Cohort, shift) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return the mean image of each class in training, and the same with the difference to test.

    Parameters
    ----------
    cohort : Cohort
        The images.
    shift : CovariateShift or None
        Their differences.

    Returns
    -------
    list of tuple of (str, ndarray, ndarray)
        Name of the class and two grey images. The first is the mean over 500 images at most,
        spread evenly; the second is that plus the measured difference of the means over patients.
    """
    shown = []
    for code, found in enumerate(getattr(shift, "classes", ())):
        if found.mean_difference is None:
            continue
        index = cohort.train[cohort.y[cohort.train] == code]
        index = index[:: -(-len(index) // _MOST_IMAGES)]
        mean = thumbnails(cohort.X[index], SIDE).mean(axis=(0, 1))
        shown.append((found.name, mean, mean + found.mean_difference.mean(axis=0)))
    return shown
