"""Rows in place of images, for simulations of the bias study that need thousands of fits."""

import numpy as np

from dlboi.bias._cohort import cohort_of
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, Settings


def make_rows(
    rng,
    n_patients,
    *,
    prevalence=0.5,
    distance=2.0,
    displacement=0.0,
    n_columns=4,
    first_patient=0,
):
    """Return rows, classes and patients; a patient has one class and three images on average.

    The first column tells the classes, whose means are `distance` standard deviations apart and
    displaced by `displacement`; the others are noise.
    """
    patients = np.repeat(np.arange(n_patients), rng.geometric(1 / 3, n_patients))
    y = rng.permutation(np.arange(n_patients) < round(prevalence * n_patients))[patients]
    X = np.sqrt(0.3) * rng.normal(size=(n_patients, n_columns))[patients]
    X += np.sqrt(0.7) * rng.normal(size=(len(y), n_columns))
    X[:, 0] += distance * (y - 0.5) + displacement
    return X, y.astype(int), patients + first_patient


def make_materials(train, test, *, candidates=None, n_resamples=4, seed=0):
    """Return materials that learn from the rows, or from some columns for each candidate."""
    cohort = cohort_of(train, test)
    columns = [slice(None)] if candidates is None else candidates
    learners = [LogisticLearner(cohort.X[:, each], cohort.y, cohort.n_classes) for each in columns]
    return Materials(cohort, learners, Settings(n_resamples=n_resamples, seed=seed))
