"""Missing entries of labels and groups."""

import numpy as np


def first_missing(values) -> int | None:
    """Return the index of the first entry that is None, NaN, NA or NaT; None if there is none.

    Lists are looked at before numpy sees them: it would make the string ``"nan"`` of a NaN that
    stands between strings.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Labels or groups.
    """
    if not isinstance(values, (list, tuple)):
        values = np.asarray(values)
        if values.dtype.kind in "biuSU":
            return None
        values = values.ravel().tolist()
    return next((index for index, value in enumerate(values) if _is_missing(value)), None)


def refuse_missing(values, *, name: str, reason: str) -> None:
    """Raise a ValueError if an entry is missing.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Labels.
    name : str
        What the message calls them.
    reason : str
        How the message goes on after the index of the missing entry.
    """
    if (index := first_missing(values)) is not None:
        raise ValueError(
            f"The {name!r} parameter of fit must have an entry for every image. Got none at index "
            f"{index} instead: {reason}"
        )


def _is_missing(value):
    if value is None or np.ndim(value) > 0:
        return value is None
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA is neither equal to itself nor not
        return True
