"""What one classification of the same images gains over another."""

import numpy as np
from numpy.typing import ArrayLike

from dlboi.bias._effect import Effect
from dlboi.metrics import crossed_interval


def gain(first: ArrayLike, second: ArrayLike, units: np.ndarray) -> Effect:
    """Return how much more often images are right, over patients and repeats.

    Most patients gain nothing and few gain much, so that the interval allows for skewness.

    Parameters
    ----------
    first, second : array-like of shape (n_repeats, n_images) or (n_images,)
        1 where an image is right, 0 where it is wrong; or another score of each image.
    units : ndarray of shape (n_images,)
        Patients, or images where patients are not known.

    Returns
    -------
    Effect
    """
    # Rounded: what is the same but for the last digits is the same.
    differences = np.round(np.asarray(first, dtype=float) - second, 12)
    return Effect.from_interval(crossed_interval(differences, groups=units, skewed=True))
