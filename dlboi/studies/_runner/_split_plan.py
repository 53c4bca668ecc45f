"""The divisions of the images that all levels of a study are given alike."""

import hashlib
import warnings
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv

from dlboi.evaluation._study_data import StudyData
from dlboi.exceptions import DlboiWarning
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

    @property
    def digest(self) -> str:
        """Hash of the seed and of all indices: a splitter may draw others at another time."""
        digest = hashlib.sha256(str(self.seed).encode())
        for index in (self.training, self.validation, self.test):
            digest.update(b"none" if index is None else np.asarray(index, np.int64).tobytes())
        return digest.hexdigest()[:16]


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

    Warns
    -----
    DlboiWarning
        A splitter has put images of a patient on both sides.
    """
    if cv is not None and not _is_number(cv):
        cv = check_cv(cv, data.target, classifier=True)  # once: it may be an iterator
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
    if cv is not None and data.groups is not None:
        _warn_of_shared_patients(data, plan)
    return plan


def _is_number(cv):
    return isinstance(cv, Integral) and not isinstance(cv, bool)


def _warn_of_shared_patients(data, plan):
    shared = [
        len(np.intersect1d(data.codes[split.training], data.codes[split.test])) for split in plan
    ]
    if any(shared):
        warnings.warn(
            f"The 'cv' parameter has put up to {max(shared)} patients into the training and the "
            "test images of a division: scores may be too high. Pass a number of folds, or a "
            "splitter that goes by groups, such as StratifiedGroupKFold.",
            DlboiWarning,
            stacklevel=4,
        )


def _test_parts(data, test, cv, seed):
    everything = np.arange(len(data))
    if cv is not None:
        if _is_number(cv):
            kind = StratifiedKFold if data.groups is None else StratifiedGroupKFold
            cv = kind(int(cv), shuffle=True, random_state=seed)
        with warnings.catch_warnings():
            # Ours says what it means, and only where it matters.
            warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
            return list(cv.split(everything, data.target, data.groups))
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
