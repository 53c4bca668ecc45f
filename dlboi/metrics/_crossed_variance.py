"""Variance of a mean over patients and runs, and what follows from it."""

from typing import NamedTuple

import numpy as np
from scipy import optimize, stats


class VarianceParts(NamedTuple):
    """Variances of a mean over runs and images, and the number of runs.

    Parameters
    ----------
    patients : float
        Between patients, of the mean over the runs.

    runs : float
        Between runs, of the mean over the images; 0 with one run.

    both : float
        What is peculiar to one run on one patient, which is in both of them; 0 with one run.

    n_runs : int
        Number of runs.
    """

    patients: float
    runs: float
    both: float
    n_runs: int


def variance_parts(values, codes):
    """Return the variances of a mean over runs and images.

    Parameters
    ----------
    values : ndarray of float of shape (n_runs, n_samples)
        One value a run and image.

    codes : ndarray of int of shape (n_samples,)
        Patients 0, 1, …, at least two.

    Returns
    -------
    parts : VarianceParts
    """
    (n_runs, n_samples), n_groups = values.shape, codes.max() + 1
    centred = values - values.mean()
    cells = np.array([np.bincount(codes, weights=row) for row in centred]) * n_groups / n_samples
    of_patient, of_run = cells.mean(axis=0), cells.mean(axis=1)
    patients = np.sum(of_patient**2) / (n_groups * (n_groups - 1))
    if n_runs == 1:
        return VarianceParts(patients, 0.0, 0.0, 1)
    residuals = cells - of_patient - of_run[:, None]
    both = np.sum(residuals**2) / ((n_runs - 1) * (n_groups - 1) * n_runs * n_groups)
    return VarianceParts(patients, of_run.var(ddof=1) / n_runs, both, n_runs)


def half_width(p, patients_df, parts):
    """Return the half width of the interval with the level 1 - p."""
    quantile = stats.t.isf(p / 2, patients_df)
    return add_runs(quantile * np.sqrt(parts.patients), p, quantile, parts)


def add_runs(patients_half, p, quantile, parts):
    """Return the half width over patients and runs, from that over patients."""
    if parts.n_runs == 1:
        return patients_half
    patients_alone = max(0.0, patients_half**2 - quantile**2 * parts.both)
    runs = stats.t.isf(p / 2, parts.n_runs - 1) ** 2 * parts.runs
    return max(float(patients_half), float(np.sqrt(patients_alone + runs)))


def p_value(distance, patients_df, parts):
    """Return the p at which the half width equals the distance of the mean from 0."""

    def excess(log_p):
        return half_width(np.exp(log_p), patients_df, parts) - distance

    smallest = np.log(1e-100)
    if excess(smallest) <= 0:
        return 0.0
    if distance == 0:
        return 1.0
    return float(np.exp(optimize.brentq(excess, smallest, 0.0)))
