"""Arrays divided into training, validation and test parts, by patient."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils._param_validation import validate_params
from sklearn.utils.validation import _num_samples

from dlboi._validation import draw_seed
from dlboi.model_selection._choose_part import choose_part
from dlboi.model_selection._class_codes import class_codes
from dlboi.model_selection._patient_table import patient_table
from dlboi.model_selection._shares import SIZE_CONSTRAINTS, share

_CALLER = "group_train_val_test_split"


@validate_params(
    {
        "groups": ["array-like", None],
        "stratify": ["array-like", None],
        "val_size": SIZE_CONSTRAINTS,
        "test_size": SIZE_CONSTRAINTS,
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def group_train_val_test_split(
    *arrays: ArrayLike,
    groups: ArrayLike | None = None,
    stratify: ArrayLike | None = None,
    val_size: float | int = 0.2,
    test_size: float | int = 0.2,
    random_state: int | np.random.RandomState | None = None,
) -> list:
    """Divide arrays into training, validation and test parts; no patient is in two of them.

    Parameters
    ----------
    *arrays : array-like of shape (n_samples, ...)
        Images, labels, patients, file names: arrays, lists, data frames or sparse matrices of one
        length.
    groups : array-like of shape (n_samples,), default=None
        Patient (or slide, or case) of each image. None divides by image.
    stratify : array-like of shape (n_samples,), default=None
        Class of each image: each part has about the same share of each class, and images of each.
        None divides without regard to classes.
    val_size : float or int, default=0.2
        Size of the validation part: a share of all images, between 0 and 1, or a number of them.
    test_size : float or int, default=0.2
        Size of the test part, likewise.
    random_state : int, RandomState instance or None, default=None
        Decides the division. An int gives the same division at each call.

    Returns
    -------
    splitting : list, length=3 * len(arrays)
        Training, validation and test part of the first array, of the second, and so on, in the
        order of the images.

    Raises
    ------
    ValueError
        There is no array, lengths differ, `groups` or `stratify` lack entries, the sizes leave no
        training images, or the patients do not suffice: three are needed (for each class, where
        `stratify` is given), and sizes that whole patients can have.

    See Also
    --------
    dlboi.model_selection.StratifiedGroupShuffleSplit : Divides many times; how patients are chosen.

    Notes
    -----
    The test part is chosen first, then the validation part of what is left. Sizes are as near as
    whole patients allow.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.model_selection import group_train_val_test_split
    >>> y = np.repeat([0, 1], [40, 60])
    >>> patients = np.arange(100) // 2
    >>> y_train, y_val, y_test, *parts = group_train_val_test_split(
    ...     y, patients, groups=patients, stratify=y, random_state=0
    ... )
    >>> [np.bincount(part).tolist() for part in (y_train, y_val, y_test)]
    [[24, 36], [8, 12], [8, 12]]
    >>> [len(np.unique(part)) for part in parts]
    [30, 10, 10]
    """
    if not arrays:
        raise ValueError(
            f"The 'arrays' parameter of {_CALLER} must hold at least one array. Got none instead: "
            "pass what is to be divided."
        )
    arrays = indexable(*arrays)
    n_samples = _num_samples(arrays[0])
    classes, codes = None, np.zeros(n_samples, dtype=int)
    if stratify is not None:
        classes, codes = class_codes(
            stratify,
            n_samples,
            name="stratify",
            caller=_CALLER,
            way_out="pass None to divide without regard to classes.",
        )
    holder = "arrays" if stratify is None else "stratify"
    table = patient_table(codes, classes, groups, caller=_CALLER, name=holder)
    rng = np.random.default_rng(draw_seed(random_state))
    parts = _choose_parts(table, val_size, test_size, rng)
    return [_safe_indexing(array, part) for array in arrays for part in parts]


def _choose_parts(table, val_size, test_size, rng):
    """Return the indices of the training, validation and test images."""
    n_samples = len(table.codes)
    val = share(val_size, n_samples, name="val_size", caller=_CALLER)
    test = share(test_size, n_samples, name="test_size", caller=_CALLER)
    if val + test >= 1:
        raise ValueError(
            f"The 'val_size' and 'test_size' parameters of {_CALLER} must leave images to train "
            f"on. Got {val_size} and {test_size} of {n_samples} images instead: lower one of them."
        )
    totals = table.counts.sum(axis=0)
    table.refuse_too_few(3)
    testing = choose_part(table, test * totals, rng, n_rest=2, name="test", size="test_size")
    validating = choose_part(
        table, val * totals, rng, among=~testing, name="validation", size="val_size"
    )
    return [table.images_of(part) for part in (~testing & ~validating, validating, testing)]
