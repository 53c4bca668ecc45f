"""What a threshold of the wrong height costs on test, and what no threshold gives back."""

import numpy as np

from dlboi.bias._class_rates import prevalence_of, recalls_of, reweighted
from dlboi.bias._cross_fitted_threshold import ThresholdScores
from dlboi.bias._effect import Effect
from dlboi.bias._materials import Materials
from dlboi.bias._over_patients import over_patients
from dlboi.metrics import patient_jackknife_interval


def threshold_effect(materials: Materials, at_threshold: np.ndarray) -> Effect:
    """Return the test accuracy at cross-fitted thresholds less that of the largest probability.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.
    at_threshold : ndarray of bool of shape (n_runs, n_test)
        What is right at the thresholds.

    Returns
    -------
    Effect
        Paired, over the test patients. A threshold mostly decides on few of them, for which the
        jackknife allows and the interval of a mean does not.
    """
    of_test = materials.cohort.units[materials.cohort.test]
    gained = (at_threshold.astype(float) - materials.grouped.test_correct).mean(axis=0)
    interval = patient_jackknife_interval(
        lambda weights: weights @ gained / weights.sum(axis=1), [of_test]
    )
    return Effect.from_interval(interval)


def ranking_effect(materials: Materials, at_threshold: np.ndarray) -> Effect:
    """Return the validation accuracy at the prevalence of test less a test accuracy.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.
    at_threshold : ndarray of bool of shape (n_runs, n_test)
        What is right on test, at cross-fitted thresholds as a rule.

    Returns
    -------
    Effect
        Over the patients of both parts. The thresholds stay as they are where a patient is left
        out.
    """
    crossfit, n_classes = materials.grouped, materials.cohort.n_classes
    validated, tested = crossfit.correct.mean(axis=0), at_threshold.mean(axis=0)

    def statistic(train, test):
        recalls = recalls_of(train, crossfit.y_train, validated, n_classes=n_classes)
        expected = reweighted(recalls, prevalence_of(test, crossfit.y_test, n_classes))
        return expected - test @ tested / test.sum(axis=1)

    return over_patients(materials.cohort, statistic)


def displaced_effect(materials: Materials, scores: ThresholdScores) -> Effect:
    """Return the threshold term less what the prevalence of test alone makes of it.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.
    scores : ThresholdScores
        With thresholds.

    Returns
    -------
    Effect
        Over the patients of both parts. The second is what thresholds give in validation at the
        prevalence of test, chosen for it on other patients. With few patients it is estimated too
        low, and the effect too high; ``python -m benchmarks.bias_coverage thresholds`` tells by how
        much.
    """
    crossfit, n_classes = materials.grouped, materials.cohort.n_classes
    tested = (scores.correct.astype(float) - crossfit.test_correct).mean(axis=0)
    validated = (scores.validated.astype(float) - crossfit.correct).mean(axis=0)

    def statistic(train, test):
        gains = recalls_of(train, crossfit.y_train, validated, n_classes=n_classes)
        expected = reweighted(gains, prevalence_of(test, crossfit.y_test, n_classes))
        return test @ tested / test.sum(axis=1) - expected

    return over_patients(materials.cohort, statistic)
