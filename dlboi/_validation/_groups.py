"""The check of patient (group) labels."""

import numpy as np
from sklearn.utils import check_array

from dlboi._validation._missing import refuse_missing


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
        `groups` has another length than the images, an entry is missing, or entries are of kinds
        that have no common order.
    """
    shape = np.shape(groups)
    if shape != (n_samples,):
        raise ValueError(
            "The 'groups' parameter of fit must have one entry an image, shape "
            f"({n_samples},). Got shape {shape} instead."
        )
    refuse_missing(
        groups,
        name="groups",
        reason="give images without a known patient a label of their own.",
    )
    groups = check_array(
        groups, ensure_2d=False, dtype=None, ensure_all_finite=False, input_name="groups"
    )
    try:
        return np.unique(groups, return_inverse=True)[1]
    except TypeError as error:
        raise ValueError(
            f"The 'groups' parameter of fit must hold entries of one kind ({error}). Make all of "
            "them strings, or all numbers."
        ) from error
