"""Expected calibration error and its confidence interval."""

import numpy as np
from scipy import special, stats

_N_BINS = 10
_LEAST_IN_BIN = 10


def calibration_error(codes, y_proba):
    """Return the expected calibration error, as the Notes of evaluation_scores describe it.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Column of `y_proba` of the true class.

    y_proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    Returns
    -------
    error : float
    """
    gaps, bins = _gaps_and_bins(codes, y_proba)
    by_bin, sizes, deviations = _by_bin(gaps, bins)
    variances = np.bincount(bins, weights=deviations**2) * sizes / np.maximum(sizes - 1, 1)
    naive = np.abs(by_bin).sum()
    expected = _mean_of_folded_normal(by_bin, np.sqrt(variances) / gaps.size).sum()
    return float(max(0.0, 2 * naive - expected))


def calibration_bounds(codes, y_proba, patients, confidence_level):
    """Return the bounds that the Notes of score_intervals describe, NaN with one patient.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Column of `y_proba` of the true class.

    y_proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    patients : ndarray of int of shape (n_samples,)
        Patients 0, 1, ….

    confidence_level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : tuple of float
    """
    n_patients = patients.max() + 1
    if n_patients < 2:
        return np.nan, np.nan
    gaps, bins = _gaps_and_bins(codes, y_proba)
    by_bin, _, deviations = _by_bin(gaps, bins)
    n, n_bins = gaps.size, by_bin.size
    parts = np.bincount(patients * n_bins + bins, deviations, n_patients * n_bins) / n
    parts = parts.reshape(n_patients, n_bins)
    inflation = n_patients / (n_patients - 1)

    confidence = y_proba.max(axis=1)
    calibrated = np.bincount(bins, weights=confidence * (1 - confidence)) / n**2
    variances = np.maximum(inflation * np.sum(parts**2, axis=0), calibrated)
    signs = special.erf(by_bin / np.sqrt(2 * variances + np.finfo(float).tiny))
    variance = inflation * np.sum((parts @ signs) ** 2)
    variance += (1 - 2 / np.pi) * np.sum(variances * (1 - signs**2))
    # Few errors, or none, in few patients do not make it certain that there are few.
    n_wrong = n_patients * np.mean(y_proba.argmax(axis=1) != codes)
    wrong = (n_wrong + 2) / (n_patients + 4)
    variance += wrong * (1 - wrong) / n_patients / (n_wrong + 1)

    half = stats.t.ppf((1 + confidence_level) / 2, n_patients - 1) * np.sqrt(variance)
    naive = np.abs(by_bin).sum()
    largest_bias = np.sqrt(2 / np.pi * variances).sum()
    return float(max(0.0, naive - largest_bias - half)), float(min(1.0, naive + half))


def _gaps_and_bins(codes, y_proba):
    """Return, for each image, right (1) or wrong (0) less the confidence, and its bin 0, 1, …."""
    confidence = y_proba.max(axis=1)
    n_bins = int(np.clip(codes.size // _LEAST_IN_BIN, 1, _N_BINS))
    edges = np.quantile(confidence, np.arange(1, n_bins) / n_bins)
    # Images of one confidence stay in one bin, so that bins may be missing.
    bins = np.unique(np.searchsorted(edges, confidence, side="right"), return_inverse=True)[1]
    return (y_proba.argmax(axis=1) == codes) - confidence, bins


def _by_bin(gaps, bins):
    """Return the sum of the gaps of each bin over all images, its size, and the deviations."""
    sums, sizes = np.bincount(bins, weights=gaps), np.bincount(bins)
    return sums / gaps.size, sizes, gaps - (sums / sizes)[bins]


def _mean_of_folded_normal(mean, deviation):
    deviation = np.maximum(deviation, 1e-12)
    ratio = mean / deviation
    return deviation * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + mean * special.erf(
        ratio / np.sqrt(2)
    )
