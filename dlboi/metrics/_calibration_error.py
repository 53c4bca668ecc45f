"""Expected calibration error."""

import numpy as np

N_BINS = 10


def calibration_bins(confidence):
    """Return the bin, 0, 1, …, of each image: bins of equal numbers; ties stay together."""
    edges = np.quantile(confidence, np.arange(1, N_BINS) / N_BINS)
    return np.unique(np.searchsorted(edges, confidence, side="right"), return_inverse=True)[1]


def calibration_error(codes, y_proba):
    """Return the expected calibration error of the predicted class."""
    confidence = y_proba.max(axis=1)
    gap = (y_proba.argmax(axis=1) == codes) - confidence
    bins = calibration_bins(confidence)
    return float(np.abs(np.bincount(bins, weights=gap)).sum() / gap.size)
