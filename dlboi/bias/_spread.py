"""How much more effects vary between permuted parts than their intervals say."""

import numpy as np

# The spread of fewer permutations is not known well enough.
MIN_PERMUTATIONS = 20


def left_out_shares(right: np.ndarray, asked: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return a share of correct answers with each patient left out.

    Parameters
    ----------
    right, asked : ndarray of shape (n_images,)
        How often each image is classified correctly, and how often it is classified.
    units : ndarray of int of shape (n_images,)
        Patient of each image, 0 to n_units - 1.

    Returns
    -------
    shares : ndarray of shape (1 + n_patients,)
        The first is that of all patients, the others are those without one of the patients of whom
        there are answers. NaN where none are left.
    """
    n_asked = np.bincount(units, asked)
    n_right = np.bincount(units, right)[n_asked > 0]
    n_asked = n_asked[n_asked > 0]
    right_left = n_right.sum() - np.append(0, n_right)
    asked_left = n_asked.sum() - np.append(0, n_asked)
    unknown = np.full(len(asked_left), np.nan)
    return np.divide(right_left, asked_left, out=unknown, where=asked_left > 0)


def jackknife_variance(values: np.ndarray) -> float:
    """Return the variance over patients of a statistic.

    Parameters
    ----------
    values : ndarray of shape (1 + n_patients,)
        With all patients, and with each of them left out.

    Returns
    -------
    variance : float
        NaN where the statistic needs a patient.
    """
    n_patients = len(values) - 1
    if n_patients < 2:
        return np.nan
    return (n_patients - 1) / n_patients * np.sum((values[1:] - values[0]) ** 2)


def widening(differences: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Return by how much intervals are to be widened.

    An interval over the patients that are scored takes the classifiers as they are, but each
    validated patient is among those that the other classifiers learn from. Between permuted parts,
    where everything is learnt anew, the variance over scored patients can be held against the whole
    one. That is around the mean of the permuted parts, which is not zero where all of them have
    other shares of the classes.

    Parameters
    ----------
    differences : ndarray of shape (n_permutations, ...)
        Effects in permuted parts.
    variances : ndarray of shape (n_permutations, ...)
        Their variances over the patients that are scored.

    Returns
    -------
    factors : ndarray of shape (...)
        1 or more; 1 where there are fewer than 20 permutations, or variances are not known.
    """
    factors = np.ones(np.shape(differences)[1:])
    if len(differences) < MIN_PERMUTATIONS:
        return factors
    whole, scored = np.var(differences, axis=0, ddof=1), np.mean(variances, axis=0)
    is_known = np.isfinite(whole) & (scored > 0)
    ratio = np.divide(whole, scored, out=np.ones_like(factors), where=is_known)
    return np.sqrt(np.maximum(1, ratio))
