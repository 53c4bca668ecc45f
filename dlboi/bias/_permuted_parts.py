"""Permutations of which patients are the test patients, with everything fitted anew."""

from typing import NamedTuple

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.bias._materials import Materials
from dlboi.bias._patient_folds import class_strata, patient_folds
from dlboi.bias._pool import best_in_pool
from dlboi.bias._spread import jackknife_variance, left_out_shares, widening

# Numbers that the probabilities of one chunk of permutations may hold.
_CHUNK = 2_000_000
# Permutations of a costly estimator that are done without a limit on the time.
_MAX_COSTLY = 99
# Gaps are sums of fractions: equal ones may differ by rounding.
_ROUNDING = 1e-9


class PermutationTest(NamedTuple):
    """Gaps with permuted parts.

    Attributes
    ----------
    observed : float
        Gap of the parts as they are, with the folds of the permutations; NaN where it was not
        computed.
    null_gaps : ndarray of shape (n_permutations,)
        Gaps of permuted parts.
    p_value : float
        One-sided; NaN without permutations.
    widening : ndarray of shape (1 + n_classes,)
        What the intervals of the gap and of the lost recalls are to be multiplied with.
    n_excluded : int
        Patients with images in both parts.
    reason : str
        Why there are no permutations; empty where there are.
    """

    observed: float
    null_gaps: np.ndarray
    p_value: float
    widening: np.ndarray
    n_excluded: int
    reason: str


def permutation_test(materials: Materials) -> PermutationTest:
    """Permute whole patients between the training and the test part.

    Patients change places with those who have images of the same classes. Each patient has one
    fold, drawn once without a look at the parts: for each permutation, the classifier of a fold
    learns from the training patients outside of it and is asked about the training patients in it
    and all test patients. Parts as they are and permuted parts are treated alike.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    PermutationTest
    """
    cohort, n_folds = materials.cohort, materials.settings.n_folds
    images, units, strata, is_test = _exchangeable(cohort)
    if not len(images):
        return _none(cohort, "all patients have images in both parts")
    if not _can_change(is_test, strata):
        return _none(cohort, "no two patients with images of the same classes can change parts")
    learner = best_in_pool(materials)
    n_permutations = _n_permutations(materials, learner)
    if not n_permutations:
        return _none(cohort, "there is no time for them")
    rng = np.random.default_rng(materials.seed_of("permuted parts"))
    folds = patient_folds(strata, np.bincount(units), n_folds, rng)
    parts = np.vstack([is_test, _permute(is_test, strata, n_permutations, rng)])
    answers = _answers(cohort, learner, images, folds[units], parts[:, units], n_folds)
    lost = [
        lost_scores(right, in_test, cohort.y[images], units, cohort.n_classes)
        for right, in_test in zip(answers, parts[:, units], strict=True)
    ]
    differences, variances = np.swapaxes(lost, 0, 1)
    gaps = differences[:, 0]
    n_larger = int(np.count_nonzero(gaps[1:] >= gaps[0] - _ROUNDING))
    p_value = (1 + n_larger) / (1 + n_permutations)
    factors = widening(differences[1:], variances[1:])
    return PermutationTest(float(gaps[0]), gaps[1:], p_value, factors, len(cohort.in_both), "")


def permute_parts(cohort: Cohort, n_permutations: int, rng: np.random.Generator) -> np.ndarray:
    """Permute whole patients between the parts, as :func:`permutation_test` does.

    Parameters
    ----------
    cohort : Cohort
        The images. Those of patients in both parts stay where they are.
    n_permutations : int
        Number of permutations.
    rng : Generator
        Decides them.

    Returns
    -------
    in_test : ndarray of bool of shape (n_permutations, n_images)
        No rows where no two patients can change parts.
    """
    parts = np.tile(cohort.in_test, (n_permutations, 1))
    images, units, strata, is_test = _exchangeable(cohort)
    if not _can_change(is_test, strata):
        return parts[:0]
    parts[:, images] = _permute(is_test, strata, n_permutations, rng)[:, units]
    return parts


def _exchangeable(cohort):
    """Images of the patients in one part, their patients, and of these the stratum and the part."""
    images = np.flatnonzero(~np.isin(cohort.units, cohort.in_both))
    first, units = np.unique(cohort.units[images], return_index=True, return_inverse=True)[1:]
    strata = class_strata(cohort.y[images], units) if len(images) else np.empty(0, dtype=np.int64)
    return images, units, strata, cohort.in_test[images][first]


def _can_change(is_test, strata):
    return any(0 < is_test[strata == stratum].mean() < 1 for stratum in np.unique(strata))


def _none(cohort, reason):
    unknown = np.nan, np.empty(0), np.nan, np.ones(1 + cohort.n_classes)
    return PermutationTest(*unknown, len(cohort.in_both), reason)


def _n_permutations(materials, learner):
    settings, budget = materials.settings, materials.budget
    wanted = settings.n_permutations
    if learner.is_fast or wanted <= _MAX_COSTLY or budget.max_time is not None:
        what = "permutations of the parts"
        return budget.allow(what, wanted, settings.n_folds, learner, share=0.5)
    budget.left_out.append(
        f"All of {wanted} permutations of the parts, as each fits the estimator "
        f"{settings.n_folds} times: ask for {_MAX_COSTLY} at most, or set max_time."
    )
    return 0


def _permute(is_test, strata, n_permutations, rng):
    """Return which patients are test patients, (n_permutations, n_units)."""
    parts = np.tile(is_test, (n_permutations, 1))
    for stratum in np.unique(strata):
        members = strata == stratum
        parts[:, members] = rng.permuted(parts[:, members], axis=1)
    return parts


def _answers(cohort, learner, images, folds, parts, n_folds):
    """Return in which share of the answers each image is right, for each row of `parts`.

    A row says for each image whether it is a test image, of which all classifiers are asked.
    """
    n_numbers = (len(images) + n_folds * parts[0].sum()) * cohort.n_classes
    size = max(1, int(_CHUNK // n_numbers))
    found = [
        _answers_of_chunk(cohort, learner, images, folds, parts[start : start + size], n_folds)
        for start in range(0, len(parts), size)
    ]
    return np.concatenate(found)


def _answers_of_chunk(cohort, learner, images, folds, parts, n_folds):
    pairs = [(row, k) for row in range(len(parts)) for k in range(n_folds)]
    scored = [np.flatnonzero(parts[row] | (folds == k)) for row, k in pairs]
    predicted = learner.predict(
        [images[~parts[row] & (folds != k)] for row, k in pairs], [images[each] for each in scored]
    )
    right = np.zeros(parts.shape)
    for (row, _), index, proba in zip(pairs, scored, predicted, strict=True):
        right[row, index] += proba.argmax(axis=1) == cohort.y[images[index]]
    return np.where(parts, right / n_folds, right)


def lost_scores(
    right: np.ndarray, in_test: np.ndarray, y: np.ndarray, units: np.ndarray, n_classes: int
) -> np.ndarray:
    """Return the accuracy and the recalls of training images less those of test images.

    Parameters
    ----------
    right : ndarray of shape (n_images,)
        In which share of the answers each image is classified correctly.
    in_test : ndarray of bool of shape (n_images,)
        Whether it is a test image.
    y, units : ndarray of int of shape (n_images,)
        Its class and its patient.
    n_classes : int
        Number of classes.

    Returns
    -------
    lost : ndarray of shape (2, 1 + n_classes)
        The differences, and their variances over the patients that are scored.
    """
    lost = np.zeros((2, 1 + n_classes))
    for column in range(1 + n_classes):
        counts = np.ones(len(y), dtype=bool) if column == 0 else y == column - 1
        for side, sign in ((~in_test, 1), (in_test, -1)):
            asked = (counts & side).astype(float)
            shares = left_out_shares(right * asked, asked, units)
            lost[:, column] += sign * shares[0], jackknife_variance(shares)
    return lost
