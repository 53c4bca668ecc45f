"""The check of patient (group) labels."""

import numpy as np
from sklearn.utils import check_array


def check_groups(groups, *, n_samples: int) -> np.ndarray:
    """Return `groups` as codes 0, 1, … of shape (n_samples,).

    Parameters
    ----------
    groups : array-like of shape (n_samples,)
        Patient (or slide, or case) of each image.
    n_samples : int
        Number of images.

    Returns
    -------
    ndarray of int of shape (n_samples,)

    Raises
    ------
    ValueError
        `groups` has another length than the images, or an entry is missing.
    """
    groups = check_array(
        groups, ensure_2d=False, dtype=None, ensure_all_finite=False, input_name="groups"
    )
    if groups.shape != (n_samples,):
        raise ValueError(
            "The 'groups' parameter of fit must have one entry an image, shape "
            f"({n_samples},). Got shape {groups.shape} instead."
        )
    missing = np.array([group is None or group != group for group in groups.tolist()])
    if missing.any():
        raise ValueError(
            "The 'groups' parameter of fit must name the patient of every image. Got "
            f"{missing.sum()} missing entries, the first at index {np.flatnonzero(missing)[0]}; "
            "give images without a known patient a label of their own."
        )
    return np.unique(groups, return_inverse=True)[1]
