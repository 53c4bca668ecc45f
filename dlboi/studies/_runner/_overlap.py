"""What the sets of a study share: images and patients that are in two of them."""

import itertools
import warnings

from dlboi.evaluation._study_data import StudyData
from dlboi.exceptions import DlboiWarning
from dlboi.reporting._words import counted

_WHAT = {
    "data": "training images ('data')",
    "train": "'train'",
    "validation": "'validation'",
    "test": "'test'",
}


def check_overlap(sets: dict[str, StudyData]) -> None:
    """Warn of images and patients that are in two sets; refuse test images to validate on.

    Parameters
    ----------
    sets : dict of str to StudyData
        ``data`` (or ``train``), and ``validation`` and ``test`` where they are sets of their own.

    Raises
    ------
    ValueError
        Most of the test images are validation images: they would choose the epoch.

    Warns
    -----
    DlboiWarning
        With the number of images (byte for byte) or patients that are shared.
    """
    for first, second in itertools.combinations(sets, 2):
        a, b = sets[first], sets[second]
        n_images = len(set(a.image_digests) & set(b.image_digests))
        if {first, second} == {"validation", "test"} and n_images > 0.5 * min(len(a), len(b)):
            raise ValueError(
                f"The 'validation' and 'test' parameters share {n_images} images. Validation "
                "images choose the epoch, so that a score on them is no test. Pass validation=0.2 "
                "to draw them from the training images."
            )
        shared = [f"{counted(n_images, 'image')} (byte for byte)"] if n_images else []
        if a.groups is not None and b.groups is not None:
            n_patients = len(set(a.groups.tolist()) & set(b.groups.tolist()))
            shared += [counted(n_patients, "patient")] if n_patients else []
        if shared:
            warnings.warn(
                f"The {_WHAT[first]} and {_WHAT[second]} share {' and '.join(shared)}: scores on "
                "the latter may be too high (unless different patients have the same name).",
                DlboiWarning,
                stacklevel=4,
            )
