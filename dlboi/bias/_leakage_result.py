"""What the leakage study finds."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._effect import Effect
from dlboi.reporting import Table


@dataclass(frozen=True)
class LeakageStudy:
    """What images of one patient on both sides of a division add to the accuracy.

    Attributes
    ----------
    validation : Effect
        Accuracy of shuffled validation less that of validation by patient, inside the training
        images. Unknown without patients.
    pool : Effect
        Accuracy with other images of the same patients in training, less that with images of
        strangers in their place, on the same images of the pool, with an interval over patients.
        Unknown without patients, and where too few have two images.
    pool_corrected : Effect
        The mean over re-splits, with Nadeau and Bengio's interval in the place of that over
        patients.
    pool_differences : ndarray of shape (n_resamples,)
        The difference in each re-split of the pool.
    share_given : float
        Share of the given test images whose patient is in training as well; NaN without patients.
    share_pooled : float
        That share as it is expected where all images are pooled and shuffled, and as many are
        drawn for the test part; NaN without patients.
    tables : tuple of Table
        Effects; accuracy by part, in the pool and as given; shares.
    notes : tuple of str
        What is to be known of the numbers, in sentences.
    """

    validation: Effect
    pool: Effect
    pool_corrected: Effect
    pool_differences: np.ndarray
    share_given: float
    share_pooled: float
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
