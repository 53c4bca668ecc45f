"""Mean images of the classes, to look at."""

import numpy as np

from dlboi.bias._materials import Materials


def mean_images(materials: Materials, shift) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return the mean image of each class in training, and the same with the difference to test.

    Parameters
    ----------
    materials : Materials
        With the images.
    shift : CovariateShift or None
        Their differences.

    Returns
    -------
    list of tuple of (str, ndarray, ndarray)
        Name of the class and two grey images. The second is the first plus the measured difference
        of the means over patients.
    """
    cohort, shown = materials.cohort, []
    for code, found in enumerate(getattr(shift, "classes", ())):
        if found.mean_difference is None:
            continue
        index = cohort.train[cohort.y[cohort.train] == code]
        mean = materials.thumbnails[index].mean(axis=(0, 1))
        shown.append((found.name, mean, mean + found.mean_difference.mean(axis=0)))
    return shown
