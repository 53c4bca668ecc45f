"""How many independent images a set is worth."""

import numpy as np

_SPREAD = 1e-12


def effective_patients(groups: np.ndarray) -> float:
    """Return Kish's effective number of patients, (Σ n)² / Σ n² over images n of a patient.

    Parameters
    ----------
    groups : ndarray of int of shape (n_images,)
        Patients.

    Returns
    -------
    float
        The number of patients where all have as many images, less where some have most of them.
    """
    sizes = np.unique(groups, return_counts=True)[1].astype(float)
    return float(sizes.sum() ** 2 / np.sum(sizes**2))


def effective_images(groups: np.ndarray, correlation: float) -> float:
    """Return the number of independent images that say as much of a mean.

    Parameters
    ----------
    groups : ndarray of int of shape (n_images,)
        Patients.
    correlation : float
        Of images of one patient, from 0 (all images count) to 1 (only patients count).

    Returns
    -------
    float
    """
    n, n_eff = len(groups), effective_patients(groups)
    return float(n / (1 + (n / n_eff - 1) * correlation))


def intraclass_correlation(rows: np.ndarray, strata: np.ndarray, groups: np.ndarray) -> float:
    """Return the correlation of images of one patient, within classes, by analysis of variance.

    Parameters
    ----------
    rows : ndarray of shape (n_images, n_features)
        Features; each counts the same.
    strata : ndarray of int of shape (n_images,)
        Classes: a difference between them is none between patients.
    groups : ndarray of int of shape (n_images,)
        Patients.

    Returns
    -------
    float
        From 0 to 1; NaN where no patient has two images of a class, or all are of one patient.
    """
    rows = rows.astype(float)
    for stratum in np.unique(strata):
        rows[strata == stratum] -= rows[strata == stratum].mean(axis=0)
    units = np.unique(np.column_stack([strata, groups]), axis=0, return_inverse=True)[1].ravel()
    sizes = np.bincount(units)
    df_between, df_within = len(sizes) - len(np.unique(strata)), len(units) - len(sizes)
    if df_between < 1 or df_within < 1:
        return np.nan
    means = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(means, units, rows)
    means /= sizes[:, None]
    between = (sizes[:, None] * means**2).sum(axis=0) / df_between
    within = ((rows - means[units]) ** 2).sum(axis=0) / df_within
    size = (len(units) - np.sum(sizes**2) / len(units)) / (len(sizes) - 1)
    varies = between + within > _SPREAD
    if not varies.any():
        return np.nan
    between, within = between[varies], within[varies]
    return float(np.clip((between - within) / (between + (size - 1) * within), 0, 1).mean())
