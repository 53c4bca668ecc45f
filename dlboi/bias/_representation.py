"""The representation of images that the bias study has of its own."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

_MAX_COMPONENTS = 50
_PATIENTS_PER_COMPONENT = 4
# Components with less than this share of the first one's standard deviation are rounding.
_LEAST = 1e-4


def represent(X: np.ndarray, units: np.ndarray, *, seed: int) -> np.ndarray:
    """Return whitened principal components of images or of rows.

    They are computed from all images that are handed in, without their classes. For training and
    test images together that is what makes it exact to permute which image is of which part: a
    permutation does not change the representation.

    Parameters
    ----------
    X : ndarray of shape (n_images, ...)
        Small images, or rows of features.
    units : ndarray of int of shape (n_images,)
        Patients: there is at most one component for four of them, and there are at most 50.
    seed : int
        Decides the rounding of the components.

    Returns
    -------
    rows : ndarray of shape (n_images, n_components)
        One column of zeros where all images are the same.
    """
    pixels = StandardScaler().fit_transform(X.reshape(len(X), -1).astype(np.float32))
    if not pixels.any():
        return np.zeros((len(X), 1))
    n_components = len(np.unique(units)) // _PATIENTS_PER_COMPONENT
    n_components = min(_MAX_COMPONENTS, max(2, n_components), *pixels.shape)
    reduction = PCA(n_components, svd_solver="randomized", random_state=seed)
    rows = reduction.fit_transform(pixels).astype(float)
    spread = rows.std(axis=0)
    kept = spread > _LEAST * spread.max()
    return rows[:, kept] / spread[kept]
