"""Checks of parameters that are sequences of sizes."""

from numbers import Integral


def check_sizes(estimator, name: str, *, may_be_empty: bool = False) -> tuple[int, ...]:
    """Return a parameter as a tuple of positive ints, or say what is wrong with it."""
    sizes = getattr(estimator, name)
    if not all(isinstance(size, Integral) and size > 0 for size in sizes) or not (
        len(sizes) or may_be_empty
    ):
        raise ValueError(
            f"The {name!r} parameter of {type(estimator).__name__} must be a sequence of ints of "
            f"at least 1{'' if may_be_empty else ', not empty'}. Got {sizes!r} instead."
        )
    return tuple(int(size) for size in sizes)


def check_odd(estimator, name: str) -> int:
    """Return a parameter that must be an odd int."""
    size = getattr(estimator, name)
    if size % 2 == 0:
        raise ValueError(
            f"The {name!r} parameter of {type(estimator).__name__} must be an odd int, for only "
            f"then has a kernel a centre. Got {size!r} instead."
        )
    return int(size)


def check_image_shape(estimator) -> tuple[int, int, int] | None:
    """Return the 'image_shape' parameter as a tuple (c, h, w) or None."""
    shape = estimator.image_shape
    if shape is None:
        return None
    positive = all(isinstance(size, Integral) and size > 0 for size in shape)
    if len(shape) != 3 or not positive or shape[0] not in (1, 3):
        raise ValueError(
            f"The 'image_shape' parameter of {type(estimator).__name__} must be None or (channels, "
            f"height, width), with 1 or 3 channels. Got {shape!r} instead."
        )
    return tuple(int(size) for size in shape)
