"""Permutations of which patients are the test patients, with everything fitted anew."""

from typing import NamedTuple

import numpy as np

from dlboi.bias._materials import Materials
from dlboi.bias._patient_folds import class_strata, patient_folds
from dlboi.bias._pool import best_in_pool

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
    n_excluded : int
        Patients with images in both parts.
    reason : str
        Why there are no permutations; empty where there are.
    """

    observed: float
    null_gaps: np.ndarray
    p_value: float
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
    images = np.flatnonzero(~np.isin(cohort.units, cohort.in_both))
    n_excluded = len(cohort.in_both)
    if not len(images):
        return _none(n_excluded, "all patients have images in both parts")
    first, units = np.unique(cohort.units[images], return_index=True, return_inverse=True)[1:]
    strata = class_strata(cohort.y[images], units)
    is_test = cohort.in_test[images][first]
    if not any(0 < is_test[strata == stratum].mean() < 1 for stratum in np.unique(strata)):
        return _none(n_excluded, "no two patients with images of the same classes can change parts")
    learner = best_in_pool(materials)
    n_permutations = _n_permutations(materials, learner)
    if not n_permutations:
        return _none(n_excluded, "there is no time for them")
    rng = np.random.default_rng(materials.seed_of("permuted parts"))
    folds = patient_folds(strata, np.bincount(units), n_folds, rng)
    parts = np.vstack([is_test, _permute(is_test, strata, n_permutations, rng)])
    gaps = _gaps(cohort, learner, images, folds[units], parts[:, units], n_folds)
    n_larger = int(np.count_nonzero(gaps[1:] >= gaps[0] - _ROUNDING))
    p_value = (1 + n_larger) / (1 + n_permutations)
    return PermutationTest(float(gaps[0]), gaps[1:], p_value, n_excluded, "")


def _none(n_excluded, reason):
    return PermutationTest(np.nan, np.empty(0), np.nan, n_excluded, reason)


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


def _gaps(cohort, learner, images, folds, parts, n_folds):
    """Return the gap for each row of `parts`, which says for each image if it is a test image."""
    n_numbers = (len(images) + n_folds * parts[0].sum()) * cohort.n_classes
    size = max(1, int(_CHUNK // n_numbers))
    found = [
        _gaps_of_chunk(cohort, learner, images, folds, parts[start : start + size], n_folds)
        for start in range(0, len(parts), size)
    ]
    return np.concatenate(found)


def _gaps_of_chunk(cohort, learner, images, folds, parts, n_folds):
    pairs = [(~in_test, in_test, folds == k) for in_test in parts for k in range(n_folds)]
    held_out = [images[in_train & in_fold] for in_train, _, in_fold in pairs]
    tested = [images[in_test] for _, in_test, _ in pairs]
    predicted = learner.predict(
        [images[in_train & ~in_fold] for in_train, _, in_fold in pairs],
        [np.append(*both) for both in zip(held_out, tested, strict=True)],
    )
    right = [
        proba.argmax(axis=1) == cohort.y[np.append(*both)]
        for proba, *both in zip(predicted, held_out, tested, strict=True)
    ]
    n_right = [each[: len(index)].sum() for each, index in zip(right, held_out, strict=True)]
    on_test = [each[len(index) :].mean() for each, index in zip(right, held_out, strict=True)]
    validation = np.reshape(n_right, (-1, n_folds)).sum(axis=1) / (~parts).sum(axis=1)
    return validation - np.reshape(on_test, (-1, n_folds)).mean(axis=1)
