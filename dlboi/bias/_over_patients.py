"""Intervals of what training and test images give together, over the patients of both."""

from collections.abc import Callable

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.bias._effect import Effect
from dlboi.metrics import patient_jackknife_interval


def over_patients(
    cohort: Cohort,
    statistic: Callable[[np.ndarray, np.ndarray], np.ndarray],
    *,
    train: np.ndarray | None = None,
    test: np.ndarray | None = None,
) -> Effect:
    """Return a statistic with its interval over patients.

    Parameters
    ----------
    cohort : Cohort
        The images.
    statistic : callable
        Takes weights of the training and of the test images, each of shape
        (n_weightings, n_images), and returns an array of shape (n_weightings,).
    train, test : ndarray of int, default=None
        Indices of the images that count, into the pool; None takes all of the part.

    Returns
    -------
    Effect
        Without bounds where leaving out one patient leaves a class without images.

    Notes
    -----
    Patients of one part are independent of those of the other. One who is in both parts is left
    out of both at once; all patients are then one set.
    """
    units = [cohort.units[cohort.train if train is None else train]]
    units.append(cohort.units[cohort.test if test is None else test])
    if not len(np.intersect1d(*units)):
        return Effect.from_interval(patient_jackknife_interval(statistic, units))
    n_train = len(units[0])

    def of_pool(weights):
        return statistic(weights[:, :n_train], weights[:, n_train:])

    return Effect.from_interval(patient_jackknife_interval(of_pool, [np.concatenate(units)]))
