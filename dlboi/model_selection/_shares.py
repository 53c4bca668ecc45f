"""Sizes of the parts, as shares of the images."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval, RealNotInt

#: What a size may be, as scikit-learn's train_test_split has it.
SIZE_CONSTRAINTS = [
    Interval(RealNotInt, 0, 1, closed="neither"),
    Interval(Integral, 1, None, closed="left"),
]


def share(size: Real, n_samples: int, *, name: str, caller: str) -> float:
    """Return the share of the images that a size means.

    Parameters
    ----------
    size : float or int
        A share, or a number of images.
    n_samples : int
        Number of images.
    name, caller : str
        Name of the parameter, and who has it, for the message.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        `size` is an int of all images or more.
    """
    if not isinstance(size, Integral):
        return float(size)
    if size >= n_samples:
        raise ValueError(
            f"The '{name}' parameter of {caller} must be smaller than the number of images, "
            f"{n_samples}. Got {size} instead: pass fewer, or a share of them as a float."
        )
    return size / n_samples
