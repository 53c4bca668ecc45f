"""Training and test images looked at as one set."""

import dataclasses

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.bias._crossfit import crossfit
from dlboi.bias._materials import Materials


def pooled(cohort: Cohort) -> Cohort:
    """Return the cohort with all of its images in the training part."""
    return dataclasses.replace(cohort, in_test=np.zeros(len(cohort), dtype=bool))


def best_in_pool(materials: Materials):
    """Return the candidate with the best validation accuracy in the pool, by patient.

    The choice does not look at which image is of which part, so that what is permuted or drawn
    again later need not repeat it.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    learner : LogisticLearner or EstimatorLearner
    """
    if not materials.has_candidates:
        return materials.learners[0]
    accuracies = [
        crossfit(
            pooled(materials.cohort),
            [learner],
            by_patient=True,
            n_repeats=1,
            n_folds=materials.settings.n_folds,
            seed=materials.seed_of("choice in the pool"),
        ).correct.mean()
        for learner in materials.learners
    ]
    return materials.learners[int(np.argmax(accuracies))]
