"""Missing entries of labels and groups."""

import numpy as np


def refuse_missing(values, *, name: str, reason: str) -> None:
    """Raise a ValueError if an entry is None, NaN, NA or NaT.

    Lists are looked at before numpy sees them: it would make the string ``"nan"`` of a NaN that
    stands between strings.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Labels or groups.
    name : str
        What the message calls them.
    reason : str
        How the message goes on after the number of missing entries.
    """
    if not isinstance(values, (list, tuple)):
        values = np.asarray(values)
        if values.dtype.kind in "biuSU":
            return
        values = values.ravel().tolist()
    missing = [index for index, value in enumerate(values) if _is_missing(value)]
    if missing:
        raise ValueError(
            f"The {name!r} parameter of fit must have an entry for every image. Got "
            f"{len(missing)} missing entries, the first at index {missing[0]}; {reason}"
        )


def _is_missing(value):
    if value is None or np.ndim(value) > 0:
        return value is None
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA is neither equal to itself nor not
        return True
