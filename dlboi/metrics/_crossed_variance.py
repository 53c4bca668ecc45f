"""Variance of a mean over patients and runs, and what follows from it."""

from typing import NamedTuple

import numpy as np
from scipy import stats

_SMALLEST_SKEWNESS = 1e-6  # below it, the transformation changes nothing but the last digits


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


def skewness_of_patients(values, codes):
    """Return the skewness of the patients' parts of a mean, divided by the root of their number.

    Parameters
    ----------
    values, codes : ndarray
        As for :func:`variance_parts`.

    Returns
    -------
    skewness : float
        0 where the patients do not differ.
    """
    parts = np.bincount(codes, weights=values.mean(axis=0) - values.mean())
    squares = np.mean(parts**2)
    if squares <= np.finfo(float).tiny:
        return 0.0
    return float(np.mean(parts**3) / squares**1.5 / np.sqrt(len(parts)))


def half_width(p, patients_df, parts, skewness=0.0):
    """Return the distance of the upper bound from the mean at the level 1 - p.

    That of the lower bound is had with the sign of `skewness` turned. It is never less than that
    without skewness.
    """
    quantile = stats.t.isf(p / 2, patients_df)
    if skewness > _SMALLEST_SKEWNESS:
        quantile = max(quantile, _skewed(quantile, skewness))
    return add_runs(quantile * np.sqrt(parts.patients), p, quantile, parts)


def _skewed(quantile, skewness):
    """Return the quantile on the long side of a skewed distribution: Hall's transformation."""
    return 3 / skewness * (1 - np.cbrt(1 - skewness * (quantile + skewness / 6)))


def add_runs(patients_half, p, quantile, parts):
    """Return the half width over patients and runs, from that over patients."""
    if parts.n_runs == 1:
        return patients_half
    patients_alone = max(0.0, patients_half**2 - quantile**2 * parts.both)
    runs = stats.t.isf(p / 2, parts.n_runs - 1) ** 2 * parts.runs
    return max(float(patients_half), float(np.sqrt(patients_alone + runs)))
