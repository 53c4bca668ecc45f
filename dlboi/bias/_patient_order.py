"""The order in which the training images came about, as far as it is known."""

import re

import numpy as np

from dlboi.bias._cohort import Cohort


def train_ranks(cohort: Cohort, order=None) -> tuple[np.ndarray, str]:
    """Return the place of each training image in the order of the data.

    Parameters
    ----------
    cohort : Cohort
        The images.
    order : array-like of shape (n_train,), default=None
        Something that can be sorted, such as dates. None takes the file names, in which numbers
        count as numbers, or the place in the data where there are none.

    Returns
    -------
    ranks : ndarray of int of shape (n_train,)
        Equal entries have equal ranks.
    name : str
        What the order is that of.
    """
    if order is not None:
        return np.unique(order, return_inverse=True)[1], "'order'"
    if cohort.filenames is None:
        return np.arange(len(cohort.train)), "place in the data"
    names = [_natural_key(str(name)) for name in cohort.filenames[cohort.train]]
    ranks = np.empty(len(names), dtype=int)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return ranks, "file names"


def check_order(order, cohort: Cohort, origin=None, held_out=None) -> np.ndarray | None:
    """Check an order of the images of `train`, and return that of the training images.

    Parameters
    ----------
    order : array-like or None
        One entry an image that `train` holds.
    cohort : Cohort
        The images.
    origin, held_out
        See :func:`cohort_of`.

    Returns
    -------
    ndarray of shape (n_train,) or None
    """
    if order is None:
        return None
    n_images = len(cohort.train) if origin is None else len(cohort)
    order = np.asarray(order)
    if order.shape != (n_images,) or order.dtype.kind == "O":
        raise ValueError(
            "The 'order' parameter of covariate_shift must have one number, text or numpy date for "
            f"each of the {n_images} images of 'train'. Got an array of {order.dtype} of shape "
            f"{order.shape} instead."
        )
    n_missing = np.count_nonzero(order != order)
    if n_missing:
        raise ValueError(
            "The 'order' parameter of covariate_shift must put every image of 'train' in order. Got"
            f" {n_missing} missing entries instead; file names are taken where it is None."
        )
    if origin is None:
        return order
    origin = np.asarray(origin)
    return order[origin != (np.unique(origin)[-1] if held_out is None else held_out)]


def _natural_key(name):
    """Return text and numbers in turn, so that image-10 comes after image-9."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]
