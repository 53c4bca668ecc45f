"""What the comparison of validation and test finds."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._effect import Effect
from dlboi.reporting import Table


@dataclass(frozen=True)
class GapTest:
    """Validation against test accuracy.

    Attributes
    ----------
    gap : Effect
        Validation accuracy less test accuracy. Its p-value is that of the interval.
    recall_drops : dict of str to Effect
        Recall in validation less recall on the test images, by the name of the class; unknown
        where the test images show none of it.
    p_value : float
        One-sided p-value of the permutations; NaN where there are none.
    observed_gap : float
        The gap that is compared with those of the permutations: without patients who have images
        in both parts, and with one division into folds.
    null_gaps : ndarray of shape (n_permutations,)
        Gaps of permuted parts.
    n_in_both : int
        Patients with images in both parts.
    tables : tuple of Table
        Scores in validation, on test, and their difference.
    notes : tuple of str
        What is to be known of the numbers, in sentences.
    """

    gap: Effect
    recall_drops: dict[str, Effect]
    p_value: float
    observed_gap: float
    null_gaps: np.ndarray
    n_in_both: int
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
