"""The check of what is said of each image: its class, its patient, where it comes from."""

import numpy as np
from sklearn.utils.multiclass import type_of_target


def label_codes(
    labels, n_samples: int, *, name: str, caller: str, content: str, way_out: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct labels, sorted, and the code of each image.

    Parameters
    ----------
    labels : array-like of shape (n_samples,)
        Label of each image.
    n_samples : int
        Number of images.
    name, caller : str
        Name of the parameter, and who has it, for the messages.
    content : str
        What a label says, for the messages.
    way_out : str
        What to do about it, for the messages.

    Returns
    -------
    distinct : ndarray of shape (n_labels,)
    codes : ndarray of int of shape (n_samples,)

    Raises
    ------
    ValueError
        There are no labels, or not one an image, one is missing, or they have no common order.
    """
    wanted = f"The '{name}' parameter of {caller} must hold the {content} of each image"
    if labels is None or np.shape(labels) != (n_samples,):
        got = "None" if labels is None else f"shape {np.shape(labels)}"
        raise ValueError(f"{wanted}, shape ({n_samples},). Got {got} instead: {way_out}")
    if (index := _first_missing(labels)) is not None:
        raise ValueError(f"{wanted}. Got none at index {index} instead: {way_out}")
    try:
        return np.unique(np.asarray(labels), return_inverse=True)
    except TypeError as error:
        raise ValueError(
            f"{wanted}, all text or all numbers. Got both instead ({error}): make all of them text."
        ) from error


def class_codes(
    labels, n_samples: int, *, name: str, caller: str, way_out: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return classes and codes as `label_codes` does, of labels that can be classes.

    Parameters
    ----------
    labels, n_samples, name, caller, way_out
        As in `label_codes`.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
    codes : ndarray of int of shape (n_samples,)

    Raises
    ------
    ValueError
        As `label_codes`, or labels are numbers that are not whole.
    """
    about = {"name": name, "caller": caller, "way_out": way_out}
    classes, codes = label_codes(labels, n_samples, content="class", **about)
    kind = type_of_target(np.asarray(labels))
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"The '{name}' parameter of {caller} must hold class labels, text or whole numbers. "
            f"Got {kind} values instead: {way_out}"
        )
    return classes, codes


def _first_missing(labels):
    """Return the index of the first None, NaN, NaT or NA, or None.

    Lists are looked at before numpy sees them: it would make the string ``"nan"`` of a NaN that
    stands between strings.
    """
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "biuSU":
        return None
    return next((index for index, label in enumerate(labels) if _is_missing(label)), None)


def _is_missing(label):
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas' NA is neither equal to itself nor not
        return True
