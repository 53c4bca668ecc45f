"""The check of what is said of each image: its patient, its class, where it comes from."""

import numpy as np

from dlboi._validation._missing import first_missing


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
    wanted = f"The {name!r} parameter of {caller} must hold the {content} of each image"
    if labels is None or np.shape(labels) != (n_samples,):
        got = "None" if labels is None else f"shape {np.shape(labels)}"
        raise ValueError(f"{wanted}, shape ({n_samples},). Got {got} instead: {way_out}")
    if (index := first_missing(labels)) is not None:
        raise ValueError(f"{wanted}. Got none at index {index} instead: {way_out}")
    try:
        return np.unique(np.asarray(labels), return_inverse=True)
    except TypeError as error:
        raise ValueError(
            f"{wanted}, all text or all numbers. Got both instead ({error}): make all of them text."
        ) from error


def group_codes(groups, n_samples: int, *, caller: str, name: str = "groups") -> np.ndarray:
    """Return the patient (or slide, or case) of each image as a code 0, 1, ….

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or None
        Patients; None makes each image one of its own.
    n_samples : int
        Number of images.
    caller : str
        Who has the parameter, for the messages.
    name : str, default="groups"
        Name of the parameter.

    Returns
    -------
    ndarray of int of shape (n_samples,)

    Raises
    ------
    ValueError
        As :func:`label_codes`.
    """
    if groups is None:
        return np.arange(n_samples)
    way_out = "give images without a known patient a label of their own."
    about = {"name": name, "caller": caller, "content": "patient", "way_out": way_out}
    return label_codes(groups, n_samples, **about)[1]
