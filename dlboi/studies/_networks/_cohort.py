"""One division of a set into training, validation and test images."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import Bunch

from dlboi.reporting._words import counted
from dlboi.training import validation_split


class Part(NamedTuple):
    """Images of one part, with the names of their classes and their patients (or None)."""

    images: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None

    def share_of(self, name: str) -> float:
        """Share of the images that are of a class."""
        return float((self.target == name).mean())

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

    @property
    def most_frequent(self) -> str:
        """Name of the class with most training images, the first of equals."""
        names, counts = np.unique(self.training.target, return_counts=True)
        return str(names[counts.argmax()])


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

    Raises
    ------
    ValueError
        There are too few images or patients to divide, a part has images of one patient, or the
        classes of `test` are others.
    """
    whole, names = _whole(train), np.asarray(train.target_names, dtype=str)
    unknown = [] if test is None else np.setdiff1d(_whole(test).target, names)
    if len(unknown):
        raise ValueError(
            f"The classes of the test images must be those of the training images, "
            f"{', '.join(names)}. Got {', '.join(unknown)} instead: load them with "
            "load_image_folder(..., like=the training images)."
        )
    rest = whole
    try:
        if test is None:
            rest, held_out = _split(whole, test_fraction, seed)
        else:
            held_out = _whole(test)
        training, validation = _split(rest, validation_fraction, seed + 1)
    except ValueError as error:
        if whole.groups is None:
            raise
        raise ValueError(f"The images cannot be divided: {_found(whole)}. {error}") from error
    for name, part in (("validation", validation), ("test", held_out)):
        if part.n_patients == 1:
            given = name == "test" and test is not None
            raise ValueError(
                f"The {name} part has images of one patient, and an interval needs two or more: "
                f"{_found(part if given else whole)}. Pass images of more patients"
                + ("." if given else f", or a larger '{name}_fraction'.")
            )
    return Cohort(training, validation, held_out, names)


def _whole(images):
    names = np.asarray(images.target_names, dtype=str)
    return Part(images.data, names[images.target], images.groups)


def _found(part):
    """Say how many patients there are: a wrong expression shows in this number."""
    n_patients, n_images = part.n_patients, len(part.target)
    return (
        f"groups found {counted(n_patients, 'patient')} in {n_images} images; check "
        "the expression, or what else names the patients"
    )


def _split(part, fraction, seed):
    groups = part.groups
    classes = np.unique(part.target, return_inverse=True)[1]
    patients = None if groups is None else np.unique(groups, return_inverse=True)[1]
    indices = validation_split(classes, fraction, groups=patients, seed=seed)
    return [
        Part(part.images[i], part.target[i], None if groups is None else groups[i]) for i in indices
    ]
