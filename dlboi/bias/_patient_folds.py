"""Folds of images in which a patient is in one fold only."""

import numpy as np


def class_strata(y: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return which classes each patient has images of, as a code a patient.

    Parameters
    ----------
    y : ndarray of int of shape (n_images,)
        Classes.
    units : ndarray of int of shape (n_images,)
        Patients, 0 to n_units - 1.

    Returns
    -------
    ndarray of int of shape (n_units,)
        Patients with images of the same classes have the same code.
    """
    has_class = np.zeros((units.max() + 1, y.max() + 1), dtype=bool)
    has_class[units, y] = True
    return np.unique(has_class, axis=0, return_inverse=True)[1].ravel()


def patient_folds(
    strata: np.ndarray, sizes: np.ndarray, n_folds: int, rng: np.random.Generator
) -> np.ndarray:
    """Deal patients out to folds, stratified by the classes they have and by their size.

    Within a stratum patients are sorted by size, equal ones at random, and each `n_folds` of them
    in turn go to different folds, in a random order. scikit-learn's StratifiedGroupKFold looks at
    each patient and fold in a loop, and a study draws folds many times.

    Parameters
    ----------
    strata : ndarray of int of shape (n_units,)
        Stratum of each patient.
    sizes : ndarray of int of shape (n_units,)
        Images of each patient.
    n_folds : int
        Number of folds.
    rng : Generator
        Decides the folds.

    Returns
    -------
    ndarray of int of shape (n_units,)
        Fold of each patient.
    """
    order = np.lexsort((rng.random(len(sizes)), -sizes, strata))
    n_blocks = -(-len(sizes) // n_folds)
    # One sequence over all strata: a stratum goes on in the block where the one before it ended.
    dealt = np.argsort(rng.random((n_blocks, n_folds)), axis=1).ravel()[: len(sizes)]
    folds = np.empty(len(sizes), dtype=np.int64)
    folds[order] = dealt
    return folds


def divisions(
    y: np.ndarray,
    units: np.ndarray,
    n_folds: int,
    n_divisions: int,
    rng: np.random.Generator,
    *,
    by_patient: bool = True,
) -> np.ndarray:
    """Divide images into folds several times.

    Parameters
    ----------
    y : ndarray of int of shape (n_images,)
        Classes.
    units : ndarray of int of shape (n_images,)
        Patients.
    n_folds, n_divisions : int
        Folds, and how often they are drawn.
    rng : Generator
        Decides the folds.
    by_patient : bool, default=True
        Whether the images of a patient stay together. Otherwise the folds are those by patient,
        permuted among the images of each class.

    Returns
    -------
    folds : ndarray of int of shape (n_divisions, n_images)
    """
    units = np.unique(units, return_inverse=True)[1]
    strata, sizes = class_strata(y, units), np.bincount(units)
    folds = np.stack(
        [patient_folds(strata, sizes, n_folds, rng)[units] for _ in range(n_divisions)]
    )
    if not by_patient:
        for code in np.unique(y):
            folds[:, y == code] = rng.permuted(folds[:, y == code], axis=1)
    return folds
