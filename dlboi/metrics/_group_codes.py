"""The check of patient (group) labels, for the functions of this folder."""

import numpy as np


def group_codes(groups, n_samples, *, caller):
    """Return groups as codes 0, 1, …; None makes each image a group of its own.

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or None
        Patient (or slide) of each image.

    n_samples : int
        Number of images.

    caller : str
        Name of the public function, for the messages.

    Returns
    -------
    codes : ndarray of int of shape (n_samples,)

    Raises
    ------
    ValueError
        Where `groups` has another length, lacks an entry, or holds labels of several kinds.
    """
    if groups is None:
        return np.arange(n_samples)
    wanted = f"The 'groups' parameter of {caller} must"
    if np.shape(groups) != (n_samples,):
        raise ValueError(
            f"{wanted} name the group of each of the {n_samples} images. Got an array of shape"
            f" {np.shape(groups)} instead."
        )
    # Looked at one by one: numpy would make the string "nan" of a NaN among strings.
    missing = [position for position, group in enumerate(groups) if _is_missing(group)]
    if missing:
        raise ValueError(
            f"{wanted} name the group of every image. Got none at position {missing[0]} instead."
        )
    try:
        return np.unique(np.asarray(groups), return_inverse=True)[1]
    except TypeError as error:
        raise ValueError(f"{wanted} hold labels of one kind. Got {error} instead.") from error


def _is_missing(group):
    try:
        return group is None or bool(group != group)
    except TypeError:  # pandas' NA is neither equal to itself nor not
        return True
