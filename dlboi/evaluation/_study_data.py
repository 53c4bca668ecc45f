"""The images of a study, from any form in which they are handed in."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np

from dlboi._validation import group_codes
from dlboi.evaluation._image_digest import image_digest


@dataclass(frozen=True)
class StudyData:
    """Images with their classes and patients.

    Attributes
    ----------
    images : ndarray
        Images, or paths of files, as the classifiers take them.
    target : ndarray of shape (n_images,)
        Class labels.
    groups : ndarray of shape (n_images,) or None
        Patient of each image.
    names : dict
        Name of each label that has one.
    """

    images: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None
    names: dict

    def __len__(self) -> int:
        return len(self.target)

    def take(self, index: np.ndarray) -> "StudyData":
        """Return the images `index`."""
        groups = None if self.groups is None else self.groups[index]
        return StudyData(self.images[index], self.target[index], groups, self.names)

    @functools.cached_property
    def codes(self) -> np.ndarray | None:
        """Patients as numbers from 0."""
        return None if self.groups is None else np.unique(self.groups, return_inverse=True)[1]

    @functools.cached_property
    def image_digests(self) -> list[bytes]:
        """Hash of each image, of its file where paths are given."""
        return [image_digest(image) for image in self.images]

    @functools.cached_property
    def digest(self) -> str:
        """Hash of images, labels and patients in their order."""
        digest = hashlib.sha256(b"".join(self.image_digests))
        for column in (self.target, self.groups):
            digest.update(repr(None if column is None else column.tolist()).encode())
        return digest.hexdigest()[:16]


def study_data(data, name: str) -> StudyData:
    """Check images that are handed in.

    Parameters
    ----------
    data : Bunch, mapping, tuple of (X, y) or of (X, y, groups), or StudyData
        A Bunch as the loaders of :mod:`dlboi.datasets` return it, or arrays. A StudyData is
        returned as it is.
    name : str
        Name of the parameter, for errors.

    Returns
    -------
    StudyData

    Raises
    ------
    ValueError
        It is none of these, or its parts differ in length.
    """
    if isinstance(data, StudyData):
        return data
    names = {}
    if hasattr(data, "keys") and {"data", "target"} <= set(data.keys()):
        images, target, groups = data["data"], data["target"], data.get("groups")
        titles = data.get("target_names")
        if titles is not None:
            names = dict(enumerate(map(str, titles)))
    elif isinstance(data, (tuple, list)) and len(data) in (2, 3):
        images, target, groups = (*data, None)[:3]
    else:
        raise ValueError(
            f"The '{name}' parameter must be a Bunch of a loader (data, target, groups), (X, y) or "
            f"(X, y, groups). Got {type(data).__name__} instead."
        )
    images, target = np.asarray(images), np.asarray(target)
    if target.ndim != 1 or len(images) != len(target) or len(target) == 0:
        raise ValueError(
            f"The '{name}' parameter must hold one class label an image, and at least one image. "
            f"Got {len(images)} images and labels of shape {target.shape} instead."
        )
    if groups is not None:
        groups = np.asarray(groups)
        group_codes(groups, len(target), caller=f"'{name}'")
    return StudyData(images, target, groups, names)
