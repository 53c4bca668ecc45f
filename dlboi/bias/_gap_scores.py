"""Scores in validation and on the test images, and their differences."""

from typing import NamedTuple

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.bias._crossfit import Crossfit
from dlboi.bias._mean_auc import mean_auc
from dlboi.metrics import (
    MeanInterval,
    crossed_interval,
    difference_interval,
    patient_jackknife_interval,
)


class ScoreGap(NamedTuple):
    """A score in validation, on the test images, and the difference of the two.

    Attributes
    ----------
    validation, test, lost : MeanInterval
        With 95 % intervals over patients.
    """

    validation: MeanInterval
    test: MeanInterval
    lost: MeanInterval


class _Side(NamedTuple):
    """One of the two image sets: answers of several runs, classes and patients (None: unknown)."""

    correct: np.ndarray
    proba: np.ndarray
    y: np.ndarray
    groups: np.ndarray | None

    def of_class(self, code):
        """Return the part of the images that is of a class."""
        part = self.y == code
        groups = None if self.groups is None else self.groups[part]
        return _Side(self.correct[:, part], self.proba[:, part], self.y[part], groups)


def score_gaps(cohort: Cohort, validation: Crossfit) -> dict[str, ScoreGap]:
    """Return accuracy, balanced accuracy, recalls and area under the ROC curve on both sides.

    Parameters
    ----------
    cohort : Cohort
        The images.
    validation : Crossfit
        What classifiers say of training and test images.

    Returns
    -------
    scores : dict of str to ScoreGap
        NaN where a side does not show a class that the score needs.
    """
    of_train, of_test = (
        None if cohort.groups is None else cohort.groups[part]
        for part in (cohort.train, cohort.test)
    )
    sides = (
        _Side(validation.correct, validation.proba, validation.y_train, of_train),
        _Side(validation.test_correct, validation.test_proba, validation.y_test, of_test),
    )
    scores = {
        "accuracy": _proportion_gap(*sides),
        "balanced accuracy": _smooth_gap(*sides, _balanced_accuracy),
    }
    for code, name in enumerate(cohort.class_names):
        scores[f"recall of {name}"] = _proportion_gap(*(side.of_class(code) for side in sides))
    scores["area under the ROC curve"] = _smooth_gap(*sides, _area)
    return scores


def _proportion_gap(train, test):
    validation, on_test = (
        MeanInterval(*[np.nan] * 4)
        if not side.y.size
        else crossed_interval(side.correct, groups=side.groups, proportion=True)
        for side in (train, test)
    )
    if not (train.y.size and test.y.size):
        return ScoreGap(validation, on_test, MeanInterval(*[np.nan] * 4))
    lost = difference_interval(
        train.correct.mean(axis=0),
        test.correct.mean(axis=0),
        groups_first=train.groups,
        groups_second=test.groups,
    )
    return ScoreGap(validation, on_test, lost)


def _smooth_gap(train, test, statistic_of):
    on_train, on_test = statistic_of(train), statistic_of(test)
    of_train, of_test = (
        np.arange(side.y.size) if side.groups is None else side.groups for side in (train, test)
    )
    return ScoreGap(
        patient_jackknife_interval(on_train, [of_train]),
        patient_jackknife_interval(on_test, [of_test]),
        patient_jackknife_interval(lambda w, v: on_train(w) - on_test(v), [of_train, of_test]),
    )


def _balanced_accuracy(side):
    is_class = side.y == np.arange(side.proba.shape[2])[:, None]
    right = is_class * side.correct.mean(axis=0)

    def statistic(weights):
        totals = weights @ is_class.T
        hits = weights @ right.T
        return np.divide(hits, totals, out=np.full(hits.shape, np.nan), where=totals > 0).mean(
            axis=1
        )

    return statistic


def _area(side):
    return mean_auc(side.proba, side.y)
