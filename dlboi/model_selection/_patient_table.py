"""How many images of each class each patient has."""

from dataclasses import dataclass

import numpy as np

from dlboi._validation import group_codes, plain
from dlboi.training._group_choice import group_counts


@dataclass(frozen=True)
class PatientTable:
    """What parts are chosen from.

    Attributes
    ----------
    codes : ndarray of int of shape (n_samples,)
        Patient of each image; where patients are not known, each image has one of its own.
    counts : ndarray of shape (n_patients, n_classes)
        Images of each patient by class.
    classes : ndarray of shape (n_classes,) or None
        Labels; None where the images are not told apart by class.
    caller, name : str
        Who divides the images, and the parameter that says what patients (or classes) there are,
        for messages.
    unit : str
        What moves as a whole: ``"patient"`` or ``"image"``.
    """

    codes: np.ndarray
    counts: np.ndarray
    classes: np.ndarray | None
    caller: str
    name: str
    unit: str

    def images_of(self, part: np.ndarray) -> np.ndarray:
        """Return the sorted indices of the images of a part, a mask of the patients."""
        return np.flatnonzero(part[self.codes])

    def those_of(self, code: int) -> str:
        """Return what patients (or images) with images of a class are called."""
        if self.classes is None:
            return f"{self.unit}s"
        images = " with images" if self.unit == "patient" else ""
        return f"{self.unit}s{images} of class {plain([self.classes[code]])[0]!r}"

    def refuse_too_few(self, n_parts: int, needed: np.ndarray | None = None) -> None:
        """Raise a ValueError if a class has fewer patients than there are parts.

        Parameters
        ----------
        n_parts : int
            Each of them has a patient of the class.
        needed : ndarray of bool of shape (n_classes,), default=None
            Classes that must be in all parts; None says all.
        """
        n_patients = (self.counts > 0).sum(axis=0)
        scarce = n_patients < n_parts
        scarce = np.flatnonzero(scarce if needed is None else scarce & needed)
        if scarce.size:
            code = scarce[0]
            leave = "" if self.classes is None else ", leave that class out, or join it to another"
            raise ValueError(
                f"The '{self.name}' parameter of {self.caller} must have at least {n_parts} "
                f"{self.those_of(code)}, one for each part. Got {n_patients[code]} instead: add "
                f"{self.unit}s{leave}."
            )


def patient_table(
    codes: np.ndarray, classes: np.ndarray | None, groups, *, caller: str, name: str
) -> PatientTable:
    """Count images by patient and class.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Code of the class of each image.
    classes : ndarray of shape (n_classes,) or None
        Labels of the codes; None where the images are not told apart by class.
    groups : array-like of shape (n_samples,) or None
        Patient of each image; None takes each image for a patient.
    caller, name : str
        Who divides the images, and the parameter that holds their classes, for the messages.

    Returns
    -------
    PatientTable

    Raises
    ------
    ValueError
        There are no images; `groups` has another length, lacks an entry, or holds labels of
        several kinds.
    """
    if len(codes) == 0:
        raise ValueError(f"{caller} needs images to divide. Got 0 instead: pass some.")
    patients = group_codes(groups, len(codes), caller=caller)
    name, unit = (name, "image") if groups is None else ("groups", "patient")
    return PatientTable(patients, group_counts(patients, codes), classes, caller, name, unit)
