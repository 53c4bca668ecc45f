"""Validation inside the training images, repeated, and the same classifiers on the test images."""

import functools
from dataclasses import dataclass

import numpy as np

from dlboi.bias._choose_candidates import choose_candidates
from dlboi.bias._cohort import Cohort
from dlboi.bias._patient_folds import divisions


@dataclass(frozen=True)
class Crossfit:
    """What classifiers of a repeated cross-validation say.

    Attributes
    ----------
    proba : ndarray of shape (n_repeats, n_train, n_classes)
        Probabilities of each training image by the classifier that has not learnt from it.
    test_proba : ndarray of shape (n_repeats * n_folds, n_test, n_classes)
        Probabilities of the test images by each classifier.
    y_train, y_test : ndarray of int
        Codes of the classes.
    best_correct : ndarray of bool of shape (n_repeats, n_train)
        What the candidate that is best in the whole repeat is right on: the score that is reported
        when candidates are compared and the best is named. With one candidate, `correct`.
    """

    proba: np.ndarray
    test_proba: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray
    best_correct: np.ndarray

    @functools.cached_property
    def correct(self) -> np.ndarray:
        """Whether each training image is classified correctly, (n_repeats, n_train)."""
        return self.proba.argmax(axis=2) == self.y_train

    @functools.cached_property
    def test_correct(self) -> np.ndarray:
        """Whether each test image is, by each classifier, (n_repeats * n_folds, n_test)."""
        return self.test_proba.argmax(axis=2) == self.y_test


def crossfit(
    cohort: Cohort, learners: list, *, by_patient: bool, n_repeats: int, n_folds: int, seed: int
) -> Crossfit:
    """Cross-validate inside the training images.

    Parameters
    ----------
    cohort : Cohort
        The images.
    learners : list of LogisticLearner or EstimatorLearner
        Candidates. Where there are several, the one that scores an image is chosen without the
        images of its patient: in each repeat patients are divided into halves, and the candidate
        that is best in a cross-validation inside one half scores the other. (The best on four
        fifths would be nearly the same for each fifth, so that the choice would not be done anew.
        And what is scored must not be learnt from before the choice: noise that tells the classes
        of all these images looks good on either half, by classifiers that learn from both.) Of the
        classifiers that score the test images, every other one is that of the other choice.
    by_patient : bool
        Whether the images of a patient stay together. Otherwise the folds are those by patient,
        permuted among the images of each class: they have the same numbers of images of each class
        in every fold. Folds drawn by image would be more even than folds by patient, which alone
        raises the accuracy where patients are few.
    n_repeats, n_folds : int
        Repeats, each with folds of its own, and folds.
    seed : int
        Decides the folds; with the same seed those by image are permutations of those by patient.

    Returns
    -------
    Crossfit
    """
    rng = np.random.default_rng(seed)
    units, y = cohort.units[cohort.train], cohort.y[cohort.train]
    halves = divisions(y, units, 2, n_repeats, rng)
    folds = divisions(y, units, n_folds, n_repeats, rng, by_patient=by_patient)
    found = [_predict(cohort, learner, folds, n_folds) for learner in learners]
    proba, test_proba = (np.stack(each) for each in zip(*found, strict=True))
    correct = proba.argmax(axis=3) == y  # (n_candidates, n_repeats, n_train)
    repeats = np.arange(n_repeats)
    best = correct.mean(axis=2).argmax(axis=0)
    chosen = np.zeros((n_repeats, 2), dtype=np.int64)
    if len(learners) > 1:
        chosen = choose_candidates(
            cohort, learners, halves, by_patient=by_patient, n_folds=n_folds, rng=rng
        )
    by_fold = chosen[repeats[:, None], (repeats[:, None] + np.arange(n_folds)) % 2]
    return Crossfit(
        proba=proba[
            np.take_along_axis(chosen, halves, axis=1), repeats[:, None], np.arange(len(y))
        ],
        test_proba=test_proba[by_fold.ravel(), np.arange(n_repeats * n_folds)],
        y_train=y,
        y_test=cohort.y[cohort.test],
        best_correct=correct[best, repeats],
    )


def _predict(cohort, learner, folds, n_folds):
    n_train, n_test = len(cohort.train), len(cohort.test)
    held_out = [np.flatnonzero(fold == k) for fold in folds for k in range(n_folds)]
    training = [np.delete(cohort.train, index) for index in held_out]
    scored = [np.append(cohort.train[index], cohort.test) for index in held_out]
    predicted = learner.predict(training, scored)
    proba = np.empty((len(folds), n_train, cohort.n_classes))
    for number, (index, found) in enumerate(zip(held_out, predicted, strict=True)):
        proba[number // n_folds, index] = found[: len(index)]
    return proba, np.stack([found[len(found) - n_test :] for found in predicted])
