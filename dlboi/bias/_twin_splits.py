"""Divisions of a pool into twin training sets, which differ in whose images they hold."""

from typing import NamedTuple

import numpy as np

from dlboi.bias._patient_folds import class_strata


class TwinSplit(NamedTuple):
    """Two training sets that are alike but for the patients of some images.

    Patients of the same classes are paired. Of each pair, the first training set holds images of
    one patient, the second as many of the other, of the same classes; other images of both are
    scored. What the two sets have in common holds no image of a paired patient.

    Attributes
    ----------
    training : tuple of two ndarray of int
        Indices of the images of the two training sets, of the same size.
    own : tuple of two ndarray of int
        Images that are scored: of the patients of the first set, and of those of the second. Each
        set holds siblings of its own, and images of strangers in the place of the siblings of the
        other's.
    n_patients : int
        Patients that are paired.
    """

    training: tuple[np.ndarray, np.ndarray]
    own: tuple[np.ndarray, np.ndarray]
    n_patients: int


def pairable_patients(y: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the patients with two images or more, and with a partner of the same classes.

    Parameters
    ----------
    y : ndarray of int of shape (n_images,)
        Classes.
    units : ndarray of int of shape (n_images,)
        Patients, 0 to n_units - 1.

    Returns
    -------
    ndarray of int
        Patients.
    """
    several = np.flatnonzero(np.bincount(units) > 1)
    strata = class_strata(y, units)[several]
    return several[np.isin(strata, np.flatnonzero(np.bincount(strata) > 1))]


def draw_twins(
    y: np.ndarray, units: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[TwinSplit, TwinSplit]:
    """Divide a pool once, and again with those images scored that were siblings.

    Parameters
    ----------
    y : ndarray of int of shape (n_images,)
        Classes.
    units : ndarray of int of shape (n_images,)
        Patients, 0 to n_units - 1.
    share : float
        Part of the pairable patients that is paired.
    rng : Generator
        Decides the division.

    Returns
    -------
    tuple of two TwinSplit
        Of the same pairs.
    """
    patients = pairable_patients(y, units)
    pairs = _pairs(class_strata(y, units)[patients], np.bincount(units)[patients], rng)
    n_pairs = min(len(pairs), max(1, round(share * len(patients) / 2)))
    pairs = patients[pairs[rng.permutation(len(pairs))[:n_pairs]]]
    order = np.argsort(units, kind="stable")
    images_of = np.split(order, np.cumsum(np.bincount(units))[:-1])
    halves = [_halves([images_of[patient] for patient in pair], y, rng) for pair in pairs]
    base = np.flatnonzero(~np.isin(units, pairs))
    of_member = [np.flatnonzero(np.isin(units, members)) for members in pairs.T]
    return tuple(
        _twin_split(base, of_member, [half[which] for half in halves], 2 * n_pairs)
        for which in range(2)
    )


def _twin_split(base, of_member, siblings, n_patients):
    """Return the twins with these siblings, a list of arrays of shape (2, n_siblings)."""
    siblings = np.concatenate(siblings, axis=1)
    return TwinSplit(
        training=tuple(np.append(base, images) for images in siblings),
        own=tuple(np.setdiff1d(*both) for both in zip(of_member, siblings, strict=True)),
        n_patients=n_patients,
    )


def _pairs(strata, sizes, rng):
    """Pair patients of one stratum and of similar size at random, (n_pairs, 2)."""
    pairs = []
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        members = members[np.lexsort((rng.random(len(members)), sizes[members]))]
        if len(members) % 2:
            members = np.delete(members, rng.integers(len(members)))
        pairs.append(members.reshape(-1, 2))
    return rng.permuted(np.concatenate(pairs), axis=1)


def _halves(images, y, rng):
    """Return two halves of what two patients have alike, each of shape (2, n_half).

    As many images of one patient as of the other, class by class; the rest is in neither half.
    """
    matched = [[], []]
    for code in np.intersect1d(y[images[0]], y[images[1]]):
        of_class = [rng.permutation(part[y[part] == code]) for part in images]
        n_both = min(map(len, of_class))
        for chosen, part in zip(matched, of_class, strict=True):
            chosen.append(part[:n_both])
    matched = np.array([np.concatenate(chosen) for chosen in matched])
    order = rng.permutation(matched.shape[1])
    n_half = len(order) // 2
    return matched[:, order[:n_half]], matched[:, order[n_half : 2 * n_half]]
