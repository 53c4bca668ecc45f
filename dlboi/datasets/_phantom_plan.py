"""Decide which phantom is of which class and patient, before any is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

PHANTOM_CONSTRAINTS = {
    "n_samples": [Interval(Integral, 2, None, closed="left")],
    "image_size": [Interval(Integral, 16, None, closed="left")],
    "n_patients": [None, Interval(Integral, 1, None, closed="left")],
    "difficulty": [Interval(Real, 0, 1, closed="both")],
    "shift": [Interval(Real, 0, 1, closed="both")],
    "leakage": [Interval(Real, 0, 1, closed="both")],
    "shortcut": [None, Interval(Real, 0, 1, closed="both")],
    "label_noise": [Interval(Real, 0, 1, closed="both")],
    "duplicates": [Interval(Real, 0, 0.5, closed="both")],
    "random_state": ["random_state"],
    "return_X_y": ["boolean"],
}

_CLASSES, _LABELS, _COPIES, _MARKERS, _NAMES, _PATIENTS, _IMAGES = range(7)


@dataclass(frozen=True)
class PhantomPlan:
    """Who and what is drawn; one entry an image.

    Parameters
    ----------
    true_target, target : ndarray of int
        Class drawn, and class written into the label.
    patient : ndarray of int
        Number of the patient.
    groups : ndarray of str
        Name of the patient, unlike those of any other call.
    duplicate_of : ndarray of int
        Image of which this one is a copy, or -1.
    has_marker : ndarray of bool
        Whether the shortcut marker is drawn.
    entropy : tuple of int
        Source of all random numbers.
    """

    true_target: np.ndarray
    target: np.ndarray
    patient: np.ndarray
    groups: np.ndarray
    duplicate_of: np.ndarray
    has_marker: np.ndarray
    entropy: tuple[int, ...]

    def patient_rng(self, patient: int) -> np.random.Generator:
        """Return the generator of what the images of a patient share."""
        return _stream(self.entropy, _PATIENTS, patient)

    def image_rng(self, image: int) -> np.random.Generator:
        """Return the generator of what only one image has."""
        return _stream(self.entropy, _IMAGES, image)

    def copy_rng(self, image: int) -> np.random.Generator:
        """Return the generator of how a copy differs from its original."""
        return _stream(self.entropy, _COPIES, image)


def plan_phantoms(
    *,
    n_samples,
    fractions,
    n_patients,
    one_class_a_patient,
    label_noise,
    duplicates,
    shortcut,
    shortcut_class,
    random_state,
    function,
) -> PhantomPlan:
    """Return the plan of a set of phantoms.

    Every setting has random numbers of its own: changing one of them leaves everything else
    as it was. `function` is the name of the public function, for messages.
    """
    entropy = tuple(int(n) for n in check_random_state(random_state).randint(2**31, size=4))
    counts = _apportion(fractions, n_samples)
    rng = _stream(entropy, _CLASSES)
    true_target = rng.permutation(np.repeat(np.arange(len(counts)), counts))

    if n_patients is None:
        n_patients = max((n_samples + 1) // 2, np.count_nonzero(counts))
    fewest = np.count_nonzero(counts) if one_class_a_patient else 1
    if not fewest <= n_patients <= n_samples:
        raise ValueError(
            f"The 'n_patients' parameter of {function} must be an int between {fewest} and "
            f"n_samples={n_samples}. Got {n_patients} instead."
        )
    if one_class_a_patient:
        patient = _patients_by_class(true_target, counts, n_patients, rng)
    else:
        patient = _spread(n_samples, n_patients, rng)

    rng = _stream(entropy, _NAMES)
    names = np.array([f"patient_{n:09d}" for n in _distinct(rng, 10**9, n_patients)])

    duplicate_of = _copies(true_target, patient, duplicates, _stream(entropy, _COPIES), function)
    has_marker = _markers(true_target, shortcut, shortcut_class, _stream(entropy, _MARKERS))
    has_marker = np.where(duplicate_of >= 0, has_marker[duplicate_of], has_marker)
    return PhantomPlan(
        true_target=true_target,
        target=_noisy(true_target, patient, label_noise, len(counts), _stream(entropy, _LABELS)),
        patient=patient,
        groups=names[patient],
        duplicate_of=duplicate_of,
        has_marker=has_marker,
        entropy=entropy,
    )


def _stream(entropy, *key):
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=key))


def _apportion(fractions, total):
    """Split `total` by largest remainders: as near to the fractions as whole numbers can be."""
    exact = np.asarray(fractions, dtype=float) * total
    counts = np.floor(exact + 1e-9).astype(int)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: total - counts.sum()]] += 1
    return counts


def _spread(n_images, n_patients, rng):
    """Give every patient one image and the others at random."""
    extra = rng.integers(n_patients, size=n_images - n_patients)
    return rng.permutation(np.concatenate([np.arange(n_patients), extra]))


def _patients_by_class(true_target, counts, n_patients, rng):
    # One patient for each class that occurs, the others by the number of images left.
    present = (counts > 0).astype(int)
    left = counts - present
    of_class = present.copy()
    if left.sum():
        of_class += np.minimum(_apportion(left / left.sum(), n_patients - present.sum()), left)
    patient = np.empty(len(true_target), dtype=int)
    first = 0
    for code, (n_images, n) in enumerate(zip(counts, of_class, strict=True)):
        if n:
            patient[true_target == code] = first + _spread(n_images, n, rng)
            first += n
    return patient


def _distinct(rng, below, n):
    numbers = np.unique(rng.integers(below, size=n))
    while len(numbers) < n:
        numbers = np.unique(np.append(numbers, rng.integers(below, size=n - len(numbers))))
    return rng.permutation(numbers)


def _noisy(true_target, patient, label_noise, n_classes, rng):
    n_patients = patient.max() + 1
    wrong = rng.permutation(n_patients)[: round(label_noise * n_patients)]
    offset = rng.integers(1, n_classes, size=len(patient))
    return np.where(np.isin(patient, wrong), (true_target + offset) % n_classes, true_target)


def _copies(true_target, patient, duplicates, rng, function):
    """Copy images under the name of another patient where the class has one."""
    n_copies = round(duplicates * len(true_target))
    order = rng.permutation(len(true_target))
    _, keep = np.unique(true_target[order], return_index=True)  # each class keeps an original
    candidates = np.delete(order, keep)
    if n_copies > len(candidates):
        raise ValueError(
            f"The 'duplicates' parameter of {function} must leave one original in each class: "
            f"at most {len(candidates)} of {len(true_target)} images can be copies. "
            f"Got {duplicates} instead."
        )
    duplicate_of = np.full(len(true_target), -1)
    copies = candidates[:n_copies]
    originals = np.setdiff1d(np.arange(len(true_target)), copies)
    for copy in copies:
        same = originals[true_target[originals] == true_target[copy]]
        others = same[patient[same] != patient[copy]]
        duplicate_of[copy] = rng.choice(others if len(others) else same)
    return duplicate_of


def _markers(true_target, shortcut, shortcut_class, rng):
    has_marker = np.zeros(len(true_target), dtype=bool)
    if shortcut is None:
        return has_marker
    for is_class, sign in ((true_target == shortcut_class, 1), (true_target != shortcut_class, -1)):
        members = rng.permutation(np.flatnonzero(is_class))
        has_marker[members[: round((1 + sign * shortcut) / 2 * len(members))]] = True
    return has_marker
