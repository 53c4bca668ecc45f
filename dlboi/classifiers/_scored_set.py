"""Sets to validate on or to monitor, checked."""

import numpy as np

from dlboi._validation import plain
from dlboi.classifiers._input import check_images, check_labels
from dlboi.training import ImageArray, ImageFiles


def check_scored_set(
    estimator, name, data, classes, image_shape, decoding
) -> tuple[ImageArray | ImageFiles, np.ndarray, np.ndarray]:
    """Check a pair (X, y) to validate on or to monitor; return images and encoded classes.

    Parameters
    ----------
    estimator : ImageClassifier
        Gives its name to the messages.
    name : str
        What messages call the pair.
    data : tuple of (X, y)
        The pair.
    classes : ndarray
        The classes of the training images.
    image_shape : tuple of (int, int, int)
        The shape of the training images.
    decoding : Decoding
        How files are decoded.

    Returns
    -------
    images : ImageArray or ImageFiles
    target : ndarray of int
        Classes of the images that can be used.
    index : ndarray of int
        Which these are.
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        got = f"{type(data)} of length {len(data)}" if hasattr(data, "__len__") else repr(data)
        raise ValueError(f"The {name} parameter of fit must be a pair (X, y). Got {got} instead.")
    X, y = data
    try:
        images = check_images(estimator, X, image_shape=image_shape, decoding=decoding)
        y = check_labels(estimator, y, images)
        index = images.intact()
    except ValueError as error:
        raise ValueError(f"The {name} parameter of fit cannot be used: {error}") from error
    unknown = np.setdiff1d(y, classes)
    if len(unknown):
        raise ValueError(
            f"The {name} parameter of fit holds labels that y does not: {plain(unknown)}. y has "
            f"{plain(classes)}; load the set with like=training_set to have the same coding."
        )
    return images, np.searchsorted(classes, y[index]), index
