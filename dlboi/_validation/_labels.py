"""Checks of class labels."""

from numbers import Number

import numpy as np


def refuse_mixed_labels(y) -> None:
    """Raise a ValueError if some labels are text and others numbers.

    Lists are looked at before numpy sees them: it would make text of all of them.
    """
    if not isinstance(y, (list, tuple)):
        y = np.asarray(y)
        if y.dtype.kind != "O" or y.ndim != 1:
            return
        y = y.tolist()
    text = next((label for label in y if isinstance(label, (str, bytes))), None)
    number = next((label for label in y if isinstance(label, (Number, np.bool_))), None)
    if text is not None and number is not None:
        text, number = plain([text, number])
        raise ValueError(
            "y must hold labels of one kind, all text or all numbers. Got both, such as "
            f"{text!r} and {number!r}: make all of them text, [str(label) for label in y]."
        )


def plain(values) -> list:
    """Return values as Python's own types, in which messages show them."""
    values = values.tolist() if isinstance(values, np.ndarray) else values
    return [value.item() if isinstance(value, np.generic) else value for value in values]
