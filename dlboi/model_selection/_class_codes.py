"""The check of classes that a set of images is divided by."""

import numpy as np
from sklearn.utils.multiclass import type_of_target

from dlboi._validation import label_codes


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
