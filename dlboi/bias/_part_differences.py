"""In what test and training patients of one class differ on average."""

import numpy as np

from dlboi.metrics import MeanInterval
from dlboi.metrics._t_interval import t_interval


def patient_means(values: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Return the mean of the images of each patient.

    Parameters
    ----------
    values : ndarray of shape (n_images, ...)
        One value, or several, an image.
    patients : ndarray of int of shape (n_images,)
        Patients 0, 1, …, in ascending order.

    Returns
    -------
    means : ndarray of shape (n_patients, ...)
    """
    starts = np.flatnonzero(np.diff(patients, prepend=-1))
    sizes = np.diff(starts, append=len(patients))
    sums = np.add.reduceat(values, starts, axis=0, dtype=float)
    return sums / sizes.reshape(-1, *[1] * (values.ndim - 1))


def standardised_difference(train: np.ndarray, test: np.ndarray) -> MeanInterval:
    """Return the difference of two means in standard deviations, with its 95 % interval.

    Parameters
    ----------
    train, test : ndarray of shape (n_patients,)
        One value a patient, of two patients or more.

    Returns
    -------
    interval : MeanInterval
        Test less train, over the root of the mean of both variances. Bounds are NaN where the
        values do not vary, and the estimate too where they do not and yet differ.

    Notes
    -----
    The standard error is Bonett's, for unequal variances [1]_; the quantile is that of Student's t
    distribution with Welch's degrees of freedom.

    References
    ----------
    .. [1] Bonett, D. G. (2008). Confidence intervals for standardized linear contrasts of means.
       Psychological Methods 13, 99-109.
    """
    variances = np.array([part.var(ddof=1) for part in (train, test)])
    df = np.array([len(train), len(test)]) - 1
    apart = float(test.mean() - train.mean())
    pooled = variances.mean()
    if pooled <= (1e-12 * max(abs(train.mean()), abs(test.mean()))) ** 2:
        return MeanInterval(0.0 if np.isclose(apart, 0) else np.nan, np.nan, np.nan, np.nan)
    estimate = apart / np.sqrt(pooled)
    of_spread = estimate**2 * np.sum(variances**2 / df) / (8 * pooled**2)
    error = np.sqrt(of_spread + np.sum(variances / df) / pooled)
    shares = variances / (df + 1)
    return t_interval(estimate, error, shares.sum() ** 2 / np.sum(shares**2 / df), 0.95)


def mean_difference(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the difference of two mean images, and the same in standard errors.

    Parameters
    ----------
    train, test : ndarray of shape (n_patients, n_channels, height, width)
        One image a patient, of two patients or more.

    Returns
    -------
    difference : ndarray of shape (n_channels, height, width)
        Test less train.
    scaled : ndarray of shape (n_channels, height, width)
        Over its standard error; 0 where the pixel does not vary.
    """
    difference = test.mean(axis=0) - train.mean(axis=0)
    error = np.sqrt(train.var(axis=0, ddof=1) / len(train) + test.var(axis=0, ddof=1) / len(test))
    return difference, np.divide(difference, error, out=np.zeros_like(error), where=error > 0)
