"""The divisions of the images that all levels of a study are given alike."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv

from dlboi.studies._runner._study_data import StudyData
from dlboi.training import validation_split


class Split(NamedTuple):
    """One division of the images, and the seed of what is fitted on it.

    Attributes
    ----------
    repeat, fold : int
        From 0.
    seed : int
        For the classifiers whose `random_state` is None.
    training : ndarray of int
        Sorted indices.
    validation, test : ndarray of int or None
        None where there is none, or where it is a set of its own.
    """

    repeat: int
    fold: int
    seed: int
    training: np.ndarray
    validation: np.ndarray | None
    test: np.ndarray | None


def split_plan(
    data: StudyData, *, validation: float | None, test: float | None, cv, n_repeats: int, seed: int
) -> list[Split]:
    """Divide the images once for each run of a level.

    Fractions are drawn anew for each repeat, stratified and by patient. The first repeats are the
    same whatever their number.

    Parameters
    ----------
    data : StudyData
        The images.
    validation, test : float or None
        Shares of the images: `test` of all, `validation` of what is left.
    cv : int, splitter, iterable or None
        Folds to test on. An int: that many, stratified, by patient, drawn anew for each repeat.
    n_repeats : int
        Number of repeats.
    seed : int
        Decides the divisions.

    Returns
    -------
    list of Split
    """
    plan = []
    for repeat, repeat_seed in enumerate(np.random.SeedSequence(seed).generate_state(n_repeats)):
        repeat_seed = int(repeat_seed)
        folds = _test_parts(data, test, cv, repeat_seed)
        for fold, (rest, held_out) in enumerate(folds):
            training, checked = rest, None
            if validation is not None:
                (split_seed,) = np.random.SeedSequence((repeat_seed, fold)).generate_state(1)
                inner, outer = _divide(data, rest, validation, int(split_seed), "validation")
                training, checked = rest[inner], rest[outer]
            plan.append(Split(repeat, fold, repeat_seed, training, checked, held_out))
    return plan


def _test_parts(data, test, cv, seed):
    everything = np.arange(len(data))
    if cv is not None:
        if isinstance(cv, int):
            kind = StratifiedKFold if data.groups is None else StratifiedGroupKFold
            cv = kind(cv, shuffle=True, random_state=seed)
        splitter = check_cv(cv, data.target, classifier=True)
        return list(splitter.split(everything, data.target, data.groups))
    if test is None:
        return [(everything, None)]
    return [_divide(data, everything, test, seed, "test")]


def _divide(data, index, fraction, seed, name):
    codes = np.unique(data.target, return_inverse=True)[1]
    groups = None if data.groups is None else data.codes[index]
    try:
        return validation_split(codes[index], fraction, groups=groups, seed=seed)
    except ValueError as error:
        n_patients = "" if groups is None else f" of {len(np.unique(groups))} patients"
        raise ValueError(
            f"The '{name}' parameter, {fraction}, cannot divide {len(index)} images{n_patients}. "
            f"Pass a set of its own, or another share. ({error})"
        ) from error
