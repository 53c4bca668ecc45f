"""Test accuracy at a threshold that is chosen on other test patients."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from dlboi.bias._calibrated_offsets import calibrated_offsets
from dlboi.bias._cohort import Cohort
from dlboi.bias._crossfit import Crossfit
from dlboi.bias._patient_folds import divisions

MIN_PATIENTS = 4
_MAX_ROUNDS = 5
_SMALLEST = 1e-15  # probability: keeps logarithms finite
_ROUNDING = 1e-12
_AT_ONCE = 2_000_000  # probabilities


@dataclass(frozen=True)
class ThresholdScores:
    """What is right on the test images where thresholds are chosen on test images.

    Attributes
    ----------
    correct : ndarray of bool of shape (n_runs, n_test) or None
        At the threshold that calibration on the images of other patients asks for; None where
        `reason` says why there is no such threshold.
    oracle : ndarray of bool of shape (n_runs, n_test) or None
        At the threshold that is best for all test images, these included.
    validated : ndarray of bool of shape (n_repeats, n_train) or None
        In validation, at the threshold that calibration on other patients asks for at the
        prevalence of test.
    reason : str
        Why there are none, or empty.
    """

    correct: np.ndarray | None
    oracle: np.ndarray | None
    validated: np.ndarray | None
    reason: str = ""


def threshold_scores(
    cohort: Cohort, crossfit: Crossfit, *, n_folds: int, seed: int
) -> ThresholdScores:
    """Choose thresholds for each classifier of the validation by patient.

    Parameters
    ----------
    cohort : Cohort
        The images.
    crossfit : Crossfit
        The validation.
    n_folds : int
        Folds of patients, on all but one of which the threshold for that one is chosen.
    seed : int
        Decides the folds.

    Returns
    -------
    ThresholdScores
    """
    y, of_test = crossfit.y_test, cohort.units[cohort.test]
    if reason := _refuse(cohort, y, of_test):
        return ThresholdScores(None, None, None, reason)
    rng = np.random.default_rng(seed)
    prevalence, of_train = (
        np.bincount(codes, minlength=cohort.n_classes) / len(codes)
        for codes in (y, crossfit.y_train)
    )
    weights = (prevalence / of_train)[crossfit.y_train]
    logs = _log(crossfit.test_proba)
    correct = _cross_fitted(logs, y, np.ones(len(y)), of_test, n_folds, rng)
    oracle = np.stack([_is_correct(run, y, best_offsets(run, y, np.ones(len(y)))) for run in logs])
    of_train = cohort.units[cohort.train]
    validated = _cross_fitted(
        _log(crossfit.proba), crossfit.y_train, weights, of_train, n_folds, rng
    )
    return ThresholdScores(correct, oracle, validated)


def _cross_fitted(logs, y, weights, units, n_folds, rng):
    """Say what is right, (n_runs, n_images), at thresholds that are chosen on other patients."""
    folds = divisions(y, units, min(n_folds, len(np.unique(units))), len(logs), rng)
    correct = np.empty(folds.shape, dtype=bool)
    for block in np.array_split(np.arange(len(logs)), 1 + logs.size // _AT_ONCE):
        for fold in np.unique(folds):
            is_held_out = folds[block] == fold
            offsets = calibrated_offsets(logs[block], y, weights * ~is_held_out)
            is_right = _is_correct(logs[block], y, offsets[:, None])
            correct[block] = np.where(is_held_out, is_right, correct[block])
    return correct


def _is_correct(logs, y, offsets):
    return (logs + offsets).argmax(axis=-1) == y


def _log(proba):
    return np.log(np.maximum(proba, _SMALLEST))


def best_offsets(logs: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return what to add to the log-probabilities so that most images are classified correctly.

    With two classes this is the threshold of the second class's probability with the highest
    accuracy. With more, the offset of one class after another is the best one given the others',
    until none changes. Where several do as well, the present one stays; if it is not among them,
    the middle of the nearest interval of best ones is taken.

    Parameters
    ----------
    logs : ndarray of shape (n_images, n_classes)
        Logarithms of probabilities.
    y : ndarray of int of shape (n_images,)
        Classes.
    weights : ndarray of shape (n_images,)
        What each image counts.

    Returns
    -------
    offsets : ndarray of shape (n_classes,)
    """
    n_classes = logs.shape[1]
    offsets = np.zeros(n_classes)
    for _ in range(_MAX_ROUNDS if n_classes > 2 else 1):
        before = offsets.copy()
        for code in range(1 if n_classes == 2 else 0, n_classes):
            others = np.delete(np.arange(n_classes), code)
            moved = logs + offsets
            best_other = others[moved[:, others].argmax(axis=1)]
            ahead = moved[:, code] - np.take_along_axis(moved, best_other[:, None], axis=1)[:, 0]
            gains = weights * ((y == code).astype(int) - (y == best_other))
            cut = _best_cut(expit(ahead), gains)
            offsets[code] -= logit(np.clip(cut, _SMALLEST, 1 - _SMALLEST))
        if np.array_equal(offsets, before):
            break
    return offsets


def _best_cut(scores, gains):
    """Return the cut, 0.5 if it can be, above which the gains have the largest sum."""
    scores, position = np.unique(scores[gains != 0], return_inverse=True)
    gains = np.bincount(position, weights=gains[gains != 0], minlength=len(scores))
    low, high = np.append(0.0, scores), np.append(scores, 1.0)  # a cut is in [low, high)
    totals = np.append(np.cumsum(gains[::-1])[::-1], 0.0)
    distance = np.maximum(0, np.maximum(low - 0.5, 0.5 - high))
    best = np.flatnonzero(totals > totals.max() - _ROUNDING * np.abs(gains).sum())
    if np.any((low[best] <= 0.5) & (high[best] > 0.5)):
        return 0.5
    nearest = best[distance[best].argmin()]
    return (low[nearest] + high[nearest]) / 2


def _refuse(cohort, y, units):
    """Say why no threshold can be chosen on other test patients, or nothing."""
    n_patients = len(np.unique(units))
    test, what = cohort.part_names[1], "images" if cohort.groups is None else "patients"
    if n_patients < MIN_PATIENTS:
        return f"{test} has {n_patients} {what}; a threshold needs {MIN_PATIENTS} or more."
    present = np.unique(y)
    if len(present) < 2:
        only = cohort.class_names[present[0]]
        return f"All images of {test} are of class {only}: there is no threshold to choose."
    for code in present:
        if len(np.unique(units[y == code])) < 2:
            return (
                f"Class {cohort.class_names[code]} has one of the {what} of {test}; a threshold "
                "that is chosen on others needs two."
            )
    return ""
