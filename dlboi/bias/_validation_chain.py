"""The part of the decomposition that lies inside the training images."""

import itertools
from dataclasses import dataclass

import numpy as np

from dlboi.bias._gain import gain
from dlboi.bias._materials import Materials

_BETTER_NETWORK = (
    "what the network of the reported score does better than the estimator of the study"
)


@dataclass(frozen=True)
class ValidationChain:
    """Scores from the reported one down to the validation by patient.

    Attributes
    ----------
    scores : dict of str to float
        Accuracies in their order.
    terms : dict of str to Effect
        Their differences.
    merged : list of str
        What is not told apart, in sentences.
    start : ndarray of shape (n_repeats, n_train) or float
        The first score: what is right in validation, or a number that was reported.
    """

    scores: dict
    terms: dict
    merged: list
    start: np.ndarray | float


def validation_chain(materials: Materials, reported: float | None) -> ValidationChain:
    """Go from the reported score to that of the validation by patient.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.
    reported : float or None
        A reported validation accuracy.

    Returns
    -------
    ValidationChain
    """
    has_patients, has_candidates = materials.cohort.groups is not None, materials.has_candidates
    by_image, by_patient = materials.shuffled.correct, materials.grouped.correct
    is_joint = has_patients and reported is not None and not has_candidates
    chain, names = {}, []
    if has_candidates or reported is not None:
        chain["reported"] = materials.shuffled.best_correct if reported is None else reported
        names.append("selection and leakage" if is_joint else "selection")
    if not is_joint:
        chain["re-selected" if has_candidates else "by image"] = by_image
    if has_patients:
        chain["by patient"] = by_patient
        names += [] if is_joint else ["leakage"]
    return ValidationChain(
        scores={name: float(np.mean(values)) for name, values in chain.items()},
        terms={
            name: gain(*pair, materials.cohort.units[materials.cohort.train])
            for name, pair in zip(names, itertools.pairwise(chain.values()), strict=True)
        },
        merged=_merged(has_patients, has_candidates, reported is not None),
        start=next(iter(chain.values())),
    )


def _merged(has_patients, has_candidates, is_reported):
    sentences = []
    if not has_candidates and not is_reported:
        sentences.append("There are no candidates and no reported score: selection is no term.")
    elif not has_candidates and has_patients:
        sentences.append(
            "Selection and leakage are not told apart, as there are no candidates. The term also "
            f"holds {_BETTER_NETWORK}."
        )
    elif not has_candidates:
        sentences.append(f"There are no candidates: selection also holds {_BETTER_NETWORK}.")
    if not has_patients:
        sentences.append(
            "Leakage and ranking are not told apart, as patients are not known: images of one may "
            "be on both sides in validation."
        )
    return sentences
