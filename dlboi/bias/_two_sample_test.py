"""A classifier two-sample test over patients."""

import numpy as np

from dlboi.bias._part_smoother import PartSmoother
from dlboi.bias._two_sample_auc import part_areas
from dlboi.metrics import ScoreInterval
from dlboi.metrics._jackknife_bounds import jackknife_bounds

_N_DIVISIONS = 4
# Numbers that a block of labellings may hold for each of its arrays: stays near the cache.
_BLOCK = 500_000
# Equal labellings have equal areas up to rounding.
_ROUNDING = 1e-9


def two_sample_test(
    rows: np.ndarray,
    patients: np.ndarray,
    is_test: np.ndarray,
    n_permutations: int,
    rng: np.random.Generator,
) -> tuple[ScoreInterval, float]:
    """Test whether a linear classifier tells the images of two sets of patients apart.

    Parameters
    ----------
    rows : ndarray of shape (n_images, n_features)
        Images.
    patients : ndarray of int of shape (n_images,)
        Patients 0, 1, …, in ascending order.
    is_test : ndarray of bool of shape (n_patients,)
        Whether a patient is of the test part.
    n_permutations : int
        Number of permutations.
    rng : Generator
        Decides folds and permutations.

    Returns
    -------
    auc : ScoreInterval
        Area under the ROC curve, out of fold, with its 95 % interval over patients.
    p_value : float
        One-sided; NaN without permutations.

    Notes
    -----
    The permutations compare areas in their standard errors, so that a part with fewer images a
    patient, whose scores scatter more, is not taken for a shift [1]_.

    The standard error from leaving out patients whose scores are kept misses that the classifier,
    too, would be another one. With scores that are a symmetric form of the labels and no shift,
    that is half of the variance, so that it is doubled; with a large shift that is too much.

    References
    ----------
    .. [1] Janssen, A. (1997). Studentized permutation tests for non-i.i.d. hypotheses and the
       generalized Behrens-Fisher problem. Statistics & Probability Letters 36, 9-21.
    """
    smoother = PartSmoother(rows, patients, rng, n_divisions=_N_DIVISIONS)
    areas, left_out = _areas(smoother, patients, is_test[None])
    n_scarce = int(min(is_test.sum(), (~is_test).sum()))
    low, high = jackknife_bounds(
        float(areas[0]),
        areas[0] + np.sqrt(2) * (left_out[0] - areas[0]),
        n_scarce=n_scarce,
        n_seen=2 * n_scarce,
        confidence_level=0.95,
    )
    auc = ScoreInterval(float(areas[0]), low, high)
    if not n_permutations:
        return auc, np.nan
    observed = _in_standard_errors(areas, left_out, is_test)[0]
    size = max(1, _BLOCK // len(patients))
    n_as_large = 0
    for start in range(0, n_permutations, size):
        n_drawn = min(size, n_permutations - start)
        drawn = rng.permuted(np.tile(is_test, (n_drawn, 1)), axis=1)
        found = _in_standard_errors(*_areas(smoother, patients, drawn), is_test)
        n_as_large += int(np.sum(found >= observed - _ROUNDING))
    return auc, (1 + n_as_large) / (1 + n_permutations)


def _areas(smoother, patients, is_test):
    labels = is_test[:, patients]
    return part_areas(smoother.scores(labels), labels, patients)


def _in_standard_errors(areas, left_out, is_test):
    variance = np.sum((left_out - areas[:, None]) ** 2, axis=1)
    # One pair of patients: keeps apart parts that are told from each other without an error.
    pair = 1 / (is_test.sum() * (~is_test).sum())
    return (areas - 0.5) / np.sqrt(variance + pair**2)
