"""One division of a set into training, validation and test images."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import Bunch

from dlboi._validation import check_groups
from dlboi.training import validation_split


class Part(NamedTuple):
    """Images of one part, with their classes and patients (or None)."""

    images: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None

    @property
    def n_patients(self) -> int | None:
        """Number of patients, None where they are not known."""
        return None if self.groups is None else len(np.unique(self.groups))


class Cohort(NamedTuple):
    """The parts that every classifier of a study is given."""

    training: Part
    validation: Part
    test: Part
    target_names: np.ndarray


def divide_cohort(
    train: Bunch,
    test: Bunch | None,
    *,
    validation_fraction: float,
    test_fraction: float,
    seed: int,
) -> Cohort:
    """Divide a set once, stratified and by patient.

    Parameters
    ----------
    train : Bunch
        ``data``, ``target``, ``target_names`` and ``groups`` (or None).
    test : Bunch or None
        A test set of its own; None takes `test_fraction` of `train`.
    validation_fraction, test_fraction : float
        Share of the images; the former of what is left for training.
    seed : int
        Decides the parts.

    Returns
    -------
    Cohort
    """
    whole = Part(train.data, train.target, train.groups)
    rest = whole
    if test is None:
        rest, held_out = _split(whole, test_fraction, seed)
    else:
        held_out = Part(test.data, test.target, test.groups)
    training, validation = _split(rest, validation_fraction, seed + 1)
    return Cohort(training, validation, held_out, np.asarray(train.target_names))


def _split(part, fraction, seed):
    groups = part.groups
    codes = None if groups is None else check_groups(groups, n_samples=len(part.target))
    indices = validation_split(part.target, fraction, groups=codes, seed=seed)
    return [
        Part(part.images[i], part.target[i], None if groups is None else groups[i]) for i in indices
    ]
