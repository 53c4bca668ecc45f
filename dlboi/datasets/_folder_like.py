"""Read a folder as another set was read."""

from __future__ import annotations

import numpy as np
from sklearn.utils import Bunch


def settings_like(like: Bunch, size, crop, channels):
    """Return the settings to take over, checked against those given.

    Parameters
    ----------
    like : Bunch
        What a function of :mod:`dlboi.datasets` returned.
    size, crop : tuple (height, width) or None
        Explicit settings, which may not contradict `like`.
    channels : {"auto", 1, 3}
        As `size` and `crop`.

    Returns
    -------
    target_names : list of str
    size, crop : tuple (height, width) or None
    channels : {1, 3}
    expected : tuple (shape, dtype or None, text)
        As :func:`dlboi.datasets._decode_files.decode_files` takes it.
    """
    try:
        target_names = [str(name) for name in like.target_names]
        of_like = like.image_shape
        # Sets that were not read from files have no size of their own to keep.
        wanted = like.get("size", of_like[1:]), like.get("crop"), of_like[0]
    except (AttributeError, TypeError) as error:
        raise ValueError(
            "The 'like' parameter of load_image_folder must be a set that a function of "
            f"dlboi.datasets returned. Got a {type(like).__name__} with the keys "
            f"{sorted(like)} instead."
        ) from error
    given = size, crop, None if channels == "auto" else channels
    for name, value, other in zip(("size", "crop", "channels"), given, wanted, strict=True):
        if value is not None and value != other:
            raise ValueError(
                f"The '{name}' parameter of load_image_folder must be {other!r}, as in 'like', or "
                f"be left out. Got {value!r} instead."
            )
    data = like.get("data")
    decoded = isinstance(data, np.ndarray) and data.ndim > 1
    return target_names, *wanted, (of_like[1:], data.dtype if decoded else None, "the set 'like'")
