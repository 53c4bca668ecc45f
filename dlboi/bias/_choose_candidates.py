"""The candidate that is best for other patients, who have no part in the choice."""

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.bias._patient_folds import divisions


def choose_candidates(
    cohort: Cohort,
    learners: list,
    halves: np.ndarray,
    *,
    by_patient: bool,
    n_folds: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Choose a candidate for each half of the training patients, by the other half alone.

    The score of a candidate is that of a cross-validation inside the half on which it is chosen.
    A cross-validation of all training images would not do, whichever of its images were looked at:
    its classifiers have learnt from the other half too, and a candidate to which noise tells the
    classes of all these images would be chosen for what it has on the other half.

    Parameters
    ----------
    cohort : Cohort
        The images.
    learners : list of LogisticLearner or EstimatorLearner
        Candidates.
    halves : ndarray of int of shape (n_repeats, n_train)
        Half of each training image, 0 or 1; patients are not divided.
    by_patient : bool
        Whether the images of a patient stay together in the cross-validations, too.
    n_folds : int
        Folds of each.
    rng : Generator
        Decides the folds.

    Returns
    -------
    chosen : ndarray of int of shape (n_repeats, 2)
        Index of the candidate for the images of each half. Of equally good ones the first is
        taken, as where a half has too few patients to learn from.
    """
    training, scored, places = _inner_folds(cohort, halves, by_patient, n_folds, rng)
    n_right = np.zeros((len(learners), len(halves), 2))
    if not training:
        return n_right.argmax(axis=0)
    for of_learner, learner in zip(n_right, learners, strict=True):
        predicted = learner.predict(training, scored)
        for place, index, proba in zip(places, scored, predicted, strict=True):
            of_learner[place] += np.sum(proba.argmax(axis=1) == cohort.y[index])
    return n_right.argmax(axis=0)[:, ::-1]


def fits_of_repeat(n_candidates: int, n_folds: int) -> int:
    """Return how many fits one repeat of a validation takes, with the choice among candidates."""
    return n_candidates * n_folds * (1 if n_candidates == 1 else 3)


def _inner_folds(cohort, halves, by_patient, n_folds, rng):
    """Images to learn from and to score, and repeat and half, of each fit."""
    units, y = cohort.units[cohort.train], cohort.y[cohort.train]
    training, scored, places = [], [], []
    for repeat, half in enumerate(halves):
        for k in np.unique(half):
            images = np.flatnonzero(half == k)
            folds = divisions(y[images], units[images], n_folds, 1, rng, by_patient=by_patient)[0]
            for fold in np.unique(folds):
                learnt = images[folds != fold]
                if len(np.unique(y[learnt])) > 1:
                    training.append(cohort.train[learnt])
                    scored.append(cohort.train[images[folds == fold]])
                    places.append((repeat, k))
    return training, scored, places
