"""How test and training images of one class differ."""

from typing import NamedTuple

import numpy as np

from dlboi.bias._block_controls import MIN_BLOCKS, MIN_PATIENTS, block_controls
from dlboi.bias._cohort import Cohort
from dlboi.bias._covariate_shift_result import ClassShift
from dlboi.bias._part_differences import mean_difference, patient_means, standardised_difference
from dlboi.bias._two_sample_test import two_sample_test
from dlboi.metrics import ScoreInterval


class ShiftImages(NamedTuple):
    """What is compared, for all images of a cohort.

    Attributes
    ----------
    rows : ndarray of shape (n_images, n_features)
        For the classifiers.
    ranks : ndarray of int of shape (n_images,)
        Order of the training images; test images are not asked for theirs.
    names : list of str
        Names of the low-level statistics.
    statistics : ndarray of shape (n_images, n_statistics)
        Their values.
    small : ndarray of shape (n_images, n_channels, height, width) or None
        Small images.
    """

    rows: np.ndarray
    ranks: np.ndarray
    names: list
    statistics: np.ndarray
    small: np.ndarray | None


def class_shift(
    cohort: Cohort, code: int, images: ShiftImages, n_permutations: int, rng: np.random.Generator
) -> ClassShift:
    """Compare the parts within a class.

    Parameters
    ----------
    cohort : Cohort
        The images.
    code : int
        The class.
    images : ShiftImages
        What is compared.
    n_permutations : int
        Number of permutations.
    rng : Generator
        Decides folds, permutations and blocks.

    Returns
    -------
    ClassShift
    """
    of_class = np.flatnonzero(cohort.y == code)
    index = of_class[np.argsort(cohort.units[of_class], kind="stable")]
    index = index[~np.isin(cohort.units[index], cohort.in_both)]
    n_in_both = len(np.intersect1d(cohort.units[of_class], cohort.in_both))
    first, patients = np.unique(cohort.units[index], return_index=True, return_inverse=True)[1:]
    is_test = cohort.in_test[index][first]
    n_test, n_train = int(is_test.sum()), int((~is_test).sum())
    auc, p_value, controls = ScoreInterval(np.nan, np.nan, np.nan), np.nan, None
    if min(n_test, n_train) >= MIN_PATIENTS:
        rows = images.rows[index]
        auc, p_value = two_sample_test(rows, patients, is_test, n_permutations, rng)
        if n_train >= MIN_BLOCKS * MIN_PATIENTS:
            ranks = np.minimum.reduceat(images.ranks[index], first)
            controls = block_controls(rows, patients, is_test, ranks, rng)
    return ClassShift(
        cohort.class_names[code],
        n_train,
        n_test,
        n_in_both,
        auc,
        p_value,
        controls,
        _reason(n_train, n_test, cohort.part_names),
        *_differences(images, index, patients, is_test),
    )


def _reason(n_train, n_test, part_names):
    for n_patients, name in zip((n_train, n_test), part_names, strict=True):
        if n_patients < MIN_PATIENTS:
            return f"{n_patients} patients of {name} are too few: {MIN_PATIENTS} are needed"
    needed = MIN_BLOCKS * MIN_PATIENTS
    if n_train < needed:
        return f"{n_train} patients of {part_names[0]} are too few for blocks: {needed} are needed"
    return ""


def _differences(images, index, patients, is_test):
    if min(is_test.sum(), (~is_test).sum()) < 2:
        return {}, None, None
    means = patient_means(images.statistics[index], patients).T
    found = {
        name: standardised_difference(values[~is_test], values[is_test])
        for name, values in zip(images.names, means, strict=True)
    }
    if images.small is None:
        return found, None, None
    means = patient_means(images.small[index], patients)
    return found, *mean_difference(means[~is_test], means[is_test])
