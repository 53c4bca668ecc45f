"""Training and test images as one pool."""

import functools
from dataclasses import dataclass

import numpy as np

from dlboi._validation import group_codes, plain
from dlboi.evaluation._study_data import study_data


@dataclass(frozen=True)
class Cohort:
    """Training and test images as one pool, the training images first.

    Attributes
    ----------
    X : ndarray of shape (n_images, ...)
        Images, rows of features, or paths of files.
    y : ndarray of int of shape (n_images,)
        Codes of the classes, from 0.
    classes : ndarray of shape (n_classes,)
        Labels.
    class_names : list of str
        Names of the labels.
    groups : ndarray of int of shape (n_images,) or None
        Codes of the patients; one code is one patient, in whichever part.
    group_names : ndarray or None
        What the patients were called, by code.
    in_test : ndarray of bool of shape (n_images,)
        Whether an image is of the test part.
    filenames : ndarray of str of shape (n_images,) or None
        Where the images come from.
    part_names : tuple of (str, str)
        Names of the two parts, in sentences.
    """

    X: np.ndarray
    y: np.ndarray
    classes: np.ndarray
    class_names: list
    groups: np.ndarray | None
    group_names: np.ndarray | None
    in_test: np.ndarray
    filenames: np.ndarray | None
    part_names: tuple[str, str]

    def __len__(self) -> int:
        return len(self.y)

    def __sizeof__(self) -> int:
        """Return the bytes of the images, too: a cluster sends what is large only once."""
        return super().__sizeof__() + self.X.nbytes

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @functools.cached_property
    def train(self) -> np.ndarray:
        """Indices of the training images."""
        return np.flatnonzero(~self.in_test)

    @functools.cached_property
    def test(self) -> np.ndarray:
        """Indices of the test images."""
        return np.flatnonzero(self.in_test)

    @functools.cached_property
    def units(self) -> np.ndarray:
        """Codes of the patients, or of the images where patients are not known."""
        return np.arange(len(self)) if self.groups is None else self.groups

    @functools.cached_property
    def in_both(self) -> np.ndarray:
        """Codes of the patients with images in both parts."""
        return np.intersect1d(self.units[self.train], self.units[self.test])


def cohort_of(train, test=None, *, origin=None, held_out=None) -> Cohort:
    """Put training and test images into one pool.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.

    Returns
    -------
    Cohort

    Raises
    ------
    ValueError
        Both or neither of `test` and `origin` are given; a set is empty or its parts differ in
        length; images of the two sets differ in shape; a class of the test set is not in the
        training set; there is one class; patients are named in one set only; `held_out` is no
        origin.
    """
    if (test is None) == (origin is None):
        raise ValueError(
            "Either the 'test' parameter, with test images, or the 'origin' parameter, with the "
            f"origin of each image, must be given. Got {'neither' if test is None else 'both'} "
            "instead."
        )
    names = _filenames(train)
    train = study_data(train, "train")
    if origin is not None:
        in_test, part_names = _parts_by_origin(origin, held_out, len(train))
        order = np.argsort(in_test, kind="stable")
        pool, in_test = train.take(order), in_test[order]
        images, target, groups = pool.images, pool.target, pool.groups
        names = None if names is None else names[order]
        titles = train.names
    else:
        part_names = ("train", "test")
        test_names = _filenames(test)
        test = study_data(test, "test")
        names = None if names is None or test_names is None else np.append(names, test_names)
        _refuse_other_shapes(train.images, test.images)
        images = np.concatenate([train.images, test.images])
        target = np.concatenate([train.target, test.target])
        groups = _both_groups(train.groups, test.groups)
        in_test = np.arange(len(target)) >= len(train)
        titles = {**test.names, **train.names}
    classes = np.unique(target[~in_test])
    _refuse_classes(classes, target[in_test])
    codes = None
    if groups is not None:
        codes = group_codes(groups, len(target), caller="'train' and 'test'")
    return Cohort(
        X=images,
        y=np.searchsorted(classes, target),
        classes=classes,
        class_names=[titles.get(label, str(label)) for label in classes.tolist()],
        groups=codes,
        group_names=None if groups is None else np.unique(groups),
        in_test=in_test,
        filenames=names,
        part_names=part_names,
    )


def _filenames(data):
    names = data.get("filenames") if hasattr(data, "get") else None
    return None if names is None else np.asarray(names)


def _parts_by_origin(origin, held_out, n_images):
    origin = np.asarray(origin)
    if origin.shape != (n_images,):
        raise ValueError(
            f"The 'origin' parameter must name the origin of each of the {n_images} images. Got an "
            f"array of shape {origin.shape} instead."
        )
    values = np.unique(origin)
    if held_out is None and len(values) == 2:
        held_out = values[1]
    if len(values) < 2 or held_out not in values:
        raise ValueError(
            "The 'origin' parameter must hold two origins or more, and 'held_out' must be the one "
            f"that plays the test part. Got the origins {plain(values)} and held_out="
            f"{held_out!r} instead."
        )
    others = " and ".join(str(value) for value in values if value != held_out)
    return origin == held_out, (others, str(held_out))


def _both_groups(train, test):
    if (train is None) != (test is None):
        known, unknown = ("test", "train") if train is None else ("train", "test")
        raise ValueError(
            f"Patients ('groups') are named in '{known}', not in '{unknown}'. Name them in both, "
            "or in neither: whether a patient is in both decides what leakage there may be."
        )
    if train is None:
        return None
    if train.dtype.kind != test.dtype.kind and "U" in (train.dtype.kind, test.dtype.kind):
        raise ValueError(
            "The 'groups' of 'train' and 'test' must be of one kind, or no patient could be in "
            f"both. Got {train.dtype} and {test.dtype} instead."
        )
    return np.concatenate([train, test])


def _refuse_other_shapes(train, test):
    if train.shape[1:] != test.shape[1:]:
        raise ValueError(
            f"Images of 'train' and 'test' must have one shape. Got {train.shape[1:]} and "
            f"{test.shape[1:]} instead. load_image_folder(..., like=train) loads images as those "
            "of another set."
        )


def _refuse_classes(classes, test_target):
    if len(classes) < 2:
        raise ValueError(
            f"The 'train' parameter must hold two classes or more. Got {plain(classes)} instead."
        )
    unknown = np.setdiff1d(test_target, classes)
    if len(unknown):
        raise ValueError(
            f"The 'test' parameter holds classes that 'train' does not: "
            f"{plain(unknown)}. Leave those images out, or check that both sets number "
            "their classes alike (load_image_folder(..., like=train))."
        )
