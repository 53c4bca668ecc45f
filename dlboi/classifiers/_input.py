"""From what users hand to fit and predict to images, classes and weights that are checked."""

import math
import os

import numpy as np
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_feature_names, validate_data

from dlboi._validation import (
    check_image_shape,
    image_layout,
    plain,
    refuse_missing,
    refuse_missing_paths,
    refuse_mixed_labels,
    refuse_single_image,
    refuse_what_is_no_set,
)
from dlboi.training import ImageArray, ImageFiles
from dlboi.training._decoding import Decoding


def check_images(
    estimator, X, *, image_shape=None, decoding: Decoding | None = None
) -> ImageArray | ImageFiles:
    """Check X and return it as a set of images, without a copy of the pixels.

    Parameters
    ----------
    estimator : ImageClassifier
        Gives its name to the messages; in ``fit`` it is told the number of features.
    X : array-like
        Images, flat rows or paths.
    image_shape : tuple of (int, int, int), default=None
        Channels, height and width that the images must have. None, in ``fit``: the estimator's
        `image_shape` parameter or the images themselves say it.
    decoding : Decoding, default=None
        How files are decoded in ``fit``; None elsewhere.

    Returns
    -------
    ImageArray or ImageFiles
    """
    reset = image_shape is None
    asked = check_image_shape(estimator)
    expected = asked if reset else image_shape
    refuse_what_is_no_set(X)
    paths = _as_paths(X)
    if paths is None:
        _refuse_ragged(X)
        if not reset:
            refuse_single_image(getattr(X, "shape", ()), image_shape)
        array = _check_array(estimator, X, reset=reset)
        images = ImageArray(array, image_layout(array.shape, expected))
    else:
        if not len(paths):
            raise ValueError("X holds 0 sample(s), but a minimum of 1 path is required.")
        _check_feature_names(estimator, paths, reset=reset)
        resize = asked is not None
        images = ImageFiles(paths, expected, resize=resize, decoding=decoding)
        if reset:
            estimator.n_features_in_ = math.prod(images.image_shape)
    if expected is not None and images.image_shape != tuple(expected):
        name = type(estimator).__name__
        told = (
            f"the 'image_shape' parameter of {name} is"
            if reset
            else f"{name} was fitted with images of shape"
        )
        raise ValueError(
            f"X holds images of shape {images.image_shape} (channels, height, width), but {told} "
            f"{tuple(expected)}. load_image_folder(..., like=training_set) loads images as those "
            "of another set."
        )
    return images


def check_labels(estimator, y, images) -> np.ndarray:
    """Return y as a 1-D array of class labels, one an image."""
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None."
        )
    refuse_missing(y, name="y", reason="leave images without a label out.")
    refuse_mixed_labels(y)
    y = check_array(y, ensure_2d=False, dtype=None, input_name="y", estimator=estimator)
    if y.ndim == 2 and y.shape[1] > 1:
        raise ValueError(
            f"y should be a 1d array, got an array of shape {y.shape} instead. If its columns are "
            "the classes (one-hot), pass y.argmax(axis=1)."
        )
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    check_consistent_length(images, y)
    return y


def encode_classes(estimator, y, *, n_samples) -> np.ndarray:
    """Return one label, or one an image, as positions in ``classes_``."""
    labels = np.broadcast_to(y, n_samples) if np.ndim(y) == 0 else np.asarray(y)
    known = plain(estimator.classes_)
    unknown = [label for label in dict.fromkeys(plain(labels.ravel())) if label not in known]
    if labels.shape != (n_samples,) or unknown:
        raise ValueError(
            f"The 'y' parameter must be one label or one an image ({n_samples}), from {known}. "
            f"Got shape {labels.shape} and the unknown labels {unknown}."
        )
    return np.searchsorted(estimator.classes_, labels)


def _check_array(estimator, X, *, reset):
    n_axes = np.ndim(X) if isinstance(X, (list, tuple)) else getattr(X, "ndim", 2)
    try:
        if n_axes not in (3, 4):
            return validate_data(estimator, X, reset=reset, allow_nd=True)
        array = check_array(X, allow_nd=True, ensure_2d=False, input_name="X", estimator=estimator)
    except ValueError as error:
        for what, is_bad in {"NaN": np.isnan, "infinity": np.isinf}.items():
            if str(error).startswith(f"Input X contains {what}"):
                # Without scikit-learn's further lines, which advise other estimators.
                raise ValueError(
                    f"{str(error).splitlines()[0]} The first image with one is at index "
                    f"{_first_image(X, is_bad)}."
                ) from None
        raise
    _check_feature_names(estimator, array, reset=reset)
    if reset:
        estimator.n_features_in_ = math.prod(array.shape[1:])
    return array


def _first_image(X, is_bad):
    images = check_array(X, allow_nd=True, ensure_2d=False, ensure_all_finite=False)
    return next(index for index, image in enumerate(images) if is_bad(image).any())


def _as_paths(X):
    """Return X as an array of strings if it names files, else None."""
    if isinstance(X, (list, tuple)):
        elements = X
    elif getattr(X, "ndim", None) == 1 and getattr(X, "dtype", None) is not None:
        X = np.asarray(X)
        if X.dtype.kind == "U":
            return X
        elements = X if X.dtype.kind == "O" else ()
    else:
        return None
    refuse_missing_paths(elements)
    if len(elements) and isinstance(elements[0], (str, os.PathLike)):
        return np.array([os.fspath(element) for element in elements])
    return None


def _refuse_ragged(X):
    is_array = isinstance(X, np.ndarray)
    if not (isinstance(X, (list, tuple)) or (is_array and X.dtype.kind == "O" and X.ndim == 1)):
        return
    shapes = {np.shape(image) for image in X if isinstance(image, np.ndarray) and image.ndim > 1}
    if len(shapes) > 1 or (shapes and is_array):
        raise ValueError(
            f"X must be one array of images of one size. Got separate arrays of shapes "
            f"{sorted(shapes)[:3]}: bring them to one size (load_image_folder(..., size=128) does) "
            "and join them with numpy.stack."
        )
