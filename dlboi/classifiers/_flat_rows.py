"""Flat rows that hold colour images in another order than they are read in."""

import math
import warnings

import numpy as np

from dlboi.exceptions import DlboiWarning

_RECIPE = (
    "Pass the images as they are, (n, h, w, 3), or flatten them with the channels first: "
    "X.transpose(0, 3, 1, 2).reshape(len(X), -1), and image_shape=(3, h, w)."
)

# Rows to look at, and the shortest side of an image that a row is suspected to be.
_N_ROWS = 32
_MIN_SIDE = 8


def warn_of_colour_rows(images, *, shape_is_given: bool, stacklevel: int) -> None:
    """Warn where flat rows look like colour images that are read as something else.

    Two cases: rows of 3·s² values without `image_shape`, which are read as a strip; and rows that
    are read as three planes, but in which a value is more like the third next than like the next,
    as in (h, w, 3) flattened.

    Parameters
    ----------
    images : ImageArray
        Images of a flat array; others are passed over.
    shape_is_given : bool
        Whether the user has said the shape.
    stacklevel : int
        As in :func:`warnings.warn`, from the caller's point of view.
    """
    if getattr(images, "order", None) != "flat":
        return
    n_values = math.prod(images.image_shape)
    side = math.isqrt(n_values // 3)
    message = None
    if not shape_is_given and images.image_shape[1] == 1 and 3 * side**2 == n_values:
        if side >= _MIN_SIDE:
            message = (
                f"The rows of X have {n_values} = 3×{side}×{side} values and are read as strips of "
                "height 1. Are they colour images?"
            )
    elif images.image_shape[0] == 3 and _is_interleaved(images.array[:_N_ROWS]):
        message = (
            f"The rows of X are read as {images.image_shape} (channels, height, width), but their "
            "values look like (height, width, channels)."
        )
    if message is not None:
        warnings.warn(f"{message} {_RECIPE}", DlboiWarning, stacklevel=stacklevel + 1)


def _is_interleaved(rows):
    rows = rows.astype(np.float64)
    to_next = np.abs(rows[:, 3:] - rows[:, 2:-1]).mean()
    to_third_next = np.abs(rows[:, 3:] - rows[:, :-3]).mean()
    return to_next > 1.2 * to_third_next
