"""Learn from training or from test patients, and be scored on others of each."""

import dataclasses
import functools
from dataclasses import dataclass

import numpy as np

from dlboi.bias._class_rates import recalls_of, reweighted
from dlboi.bias._effect import Effect
from dlboi.bias._materials import Materials
from dlboi.bias._over_patients import over_patients
from dlboi.bias._patient_folds import class_strata, patient_folds
from dlboi.bias._permuted_parts import permute_parts
from dlboi.bias._spread import jackknife_variance, left_out_shares, widening
from dlboi.metrics import patient_jackknife_interval
from dlboi.training._group_choice import choose_groups

MIN_PATIENTS = 3
_MAX_DRAWS = 20
# Permuted parts, and draws of patients in each: they tell a factor, which is 1 to 1.5.
_N_PERMUTED, _N_DRAWS_EACH = 30, 4


@dataclass(frozen=True)
class DomainSwap:
    """Accuracies by the part that is learnt from and the part that is scored.

    Attributes
    ----------
    accuracy : ndarray of shape (2, 2)
        At the prevalence of test; rows: learnt from training or from test patients, columns:
        scored on training or on test patients. NaN where `reason` says why.
    low, high : ndarray of shape (2, 2)
        Bounds of 95 % intervals over the patients that are scored.
    n_images : int
        Images of each part in one resample, on average: four fifths of them are learnt from with
        five folds.
    harder : Effect
        Accuracy within training less that within test.
    foreign : Effect
        Accuracy on test patients of what has learnt from others of test, less that of what has
        learnt from training patients.
    reason : str
        Why there are none, or empty.
    """

    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n_images: int
    harder: Effect
    foreign: Effect
    reason: str = ""


def domain_swap(materials: Materials) -> DomainSwap:
    """Cross-validate within and across the two parts, with as many images of each class.

    Parameters
    ----------
    materials : Materials
        Cohort and validations; the first of its learners learns.

    Returns
    -------
    DomainSwap
    """
    cohort, settings, learner = materials.cohort, materials.settings, materials.learners[0]
    rng = np.random.default_rng(materials.seed_of("domain swap"))
    if reason := _refuse(cohort):
        return _unknown(reason)
    n_resamples = materials.budget.allow(
        "resamples of the table of domains", settings.n_resamples, 2 * settings.n_folds, learner
    )
    if not n_resamples:
        return _unknown("There was no time to learn within and across the parts.")
    draws = [_draw(cohort, settings.n_folds, rng) for _ in range(n_resamples)]
    draws = [draw for draw in draws if draw is not None]
    if not draws:
        return _unknown("No folds of the patients leave images of each class to learn from.")
    right, asked = _answers(cohort, draws, learner)
    result = _results(cohort, right, asked, int(asked[cohort.test].sum() / len(draws)))
    factor = _widening(cohort, learner, settings.n_folds, rng) if learner.is_fast else 1.0
    return dataclasses.replace(result, harder=result.harder.widened(factor))


def _answers(cohort, draws, learner):
    """How often each image is right, by those that learn from each part, and is asked about."""
    training, scored = _pairs(cohort, draws)
    right, asked = np.zeros((2, len(cohort))), np.zeros(len(cohort))
    for number, proba in enumerate(learner.predict(training, scored)):
        index, by_test = scored[number], number % 2
        right[by_test, index] += proba.argmax(axis=1) == cohort.y[index]
        asked[index] += by_test == 0  # both are asked about the same images
    return right, asked


def _widening(cohort, learner, n_folds, rng):
    """By how much the interval of the harder part is to be widened: see `widening`."""
    lost = []
    for in_test in permute_parts(cohort, _N_PERMUTED, rng):
        permuted = dataclasses.replace(cohort, in_test=in_test)
        draws = [_draw(permuted, n_folds, rng) for _ in range(_N_DRAWS_EACH)]
        draws = [draw for draw in draws if draw is not None]
        if draws:
            lost.append(_lost_within(permuted, *_answers(permuted, draws, learner)))
    return float(widening(*np.reshape(lost, (-1, 2)).T))


def _lost_within(cohort, right, asked):
    """Accuracy within training less that within test, and its variance over scored patients."""
    prevalence = np.bincount(cohort.y[cohort.test], minlength=cohort.n_classes)
    difference = variance = 0.0
    for learnt, sign in ((0, 1), (1, -1)):
        for code in np.flatnonzero(prevalence):
            counts = (cohort.in_test == bool(learnt)) & (cohort.y == code)
            shares = left_out_shares(right[learnt] * counts, asked * counts, cohort.units)
            weight = prevalence[code] / prevalence.sum()
            difference += sign * weight * shares[0]
            variance += weight**2 * jackknife_variance(shares)
    return difference, variance


def _draw(cohort, n_folds, rng):
    """Images of patients with as many of each class in both parts, and their folds, or None."""
    totals = [np.bincount(cohort.y[part], minlength=cohort.n_classes) for part in _parts(cohort)]
    wanted = np.minimum(*totals)
    for _ in range(_MAX_DRAWS):
        images = np.concatenate([_some(cohort, part, wanted, rng) for part in _parts(cohort)])
        units = np.unique(cohort.units[images], return_inverse=True)[1]
        y, sizes = cohort.y[images] + cohort.n_classes * cohort.in_test[images], np.bincount(units)
        n_folds = min(n_folds, len(sizes))
        folds = patient_folds(class_strata(y, units), sizes, n_folds, rng)[units]
        n_outside = [np.unique(y[folds != fold]).size for fold in range(n_folds)]
        if min(n_outside) == 2 * np.count_nonzero(wanted):
            return images, folds
    return None


def _some(cohort, part, wanted, rng):
    """Images of the patients of a part who have about as many of each class as are wanted."""
    units = np.unique(cohort.units[part], return_inverse=True)[1]
    counts = np.zeros((units.max() + 1, cohort.n_classes))
    np.add.at(counts, (units, cohort.y[part]), 1)
    if np.array_equal(counts.sum(axis=0), wanted):
        return part
    return part[choose_groups(counts, wanted, rng)[units]]


def _pairs(cohort, draws):
    """List what is learnt from and scored: for each fold, by training and by test patients."""
    training, scored = [], []
    for images, folds in draws:
        for fold in range(folds.max() + 1):
            for in_test in (False, True):
                own = cohort.in_test[images] == in_test
                training.append(images[own & (folds != fold)])
                scored.append(images[folds == fold])
    return training, scored


def _results(cohort, right, asked, n_images):
    prevalence = np.bincount(cohort.y[cohort.test], minlength=cohort.n_classes)
    prevalence = prevalence / prevalence.sum()
    parts = [part[asked[part] > 0] for part in _parts(cohort)]

    def score(learnt, part, weights):
        index = parts[part]
        recalls = recalls_of(
            weights,
            cohort.y[index],
            right[learnt, index],
            asked[index],
            n_classes=cohort.n_classes,
        )
        return reweighted(recalls, prevalence)

    cells = np.empty((2, 2, 3))
    for learnt, part in np.ndindex(2, 2):
        statistic = functools.partial(score, learnt, part)
        interval = patient_jackknife_interval(statistic, [cohort.units[parts[part]]])
        cells[learnt, part] = interval[:3]
    foreign = patient_jackknife_interval(
        lambda weights: score(1, 1, weights) - score(0, 1, weights), [cohort.units[parts[1]]]
    )
    harder = over_patients(
        cohort,
        lambda train, test: score(0, 0, train) - score(1, 1, test),
        train=parts[0],
        test=parts[1],
    )
    low, high = np.maximum(0, cells[..., 1]), cells[..., 2]
    return DomainSwap(cells[..., 0], low, high, n_images, harder, Effect.from_interval(foreign))


def _parts(cohort):
    return cohort.train, cohort.test


def _unknown(reason):
    unknown = np.full((2, 2), np.nan)
    return DomainSwap(unknown, unknown, unknown, 0, Effect.unknown(), Effect.unknown(), reason)


def _refuse(cohort):
    """Say why the parts cannot be learnt from alike, or nothing."""
    what = "images" if cohort.groups is None else "patients"
    present = np.unique(cohort.y[cohort.test])
    if len(present) < 2:
        return (
            f"All images of {cohort.part_names[1]} are of class "
            f"{cohort.class_names[present[0]]}: there is nothing to learn from them."
        )
    for name, part in zip(cohort.part_names, _parts(cohort), strict=True):
        for code in present:
            n_holders = len(np.unique(cohort.units[part][cohort.y[part] == code]))
            if n_holders < MIN_PATIENTS:
                return (
                    f"Class {cohort.class_names[code]} has {n_holders} of the {what} of {name}; "
                    f"learning within the parts needs {MIN_PATIENTS} or more."
                )
    return ""
