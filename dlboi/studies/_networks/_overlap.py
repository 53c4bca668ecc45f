"""What the test images share with the images that a network learns and chooses from."""

import warnings

from dlboi.evaluation._image_digest import image_digest
from dlboi.exceptions import DlboiWarning


def overlap_sentences(cohort) -> list[str]:
    """Return one sentence each on patients and on images that are on both sides.

    Parameters
    ----------
    cohort : Cohort
        The parts. Training and validation images are one side, test images the other.

    Returns
    -------
    list of str
        Empty where nothing is shared.

    Notes
    -----
    Images are the same where all their bytes are (of the file, where paths are given): an image
    that was saved anew, turned or resized is not found.
    """
    sentences = []
    sides = (cohort.training, cohort.validation), (cohort.test,)
    if all(part.groups is not None for side in sides for part in side):
        known, tested = (_union(part.groups.tolist() for part in side) for side in sides)
        if n_shared := len(known & tested):
            sentences.append(
                f"{_count(n_shared, 'patient')} in both the training and the test images, so the "
                "test accuracy may be too high (unless different patients have the same name)."
            )
    known = _union(map(image_digest, part.images) for part in sides[0])
    if n_shared := sum(image_digest(image) in known for image in cohort.test.images):
        sentences.append(
            f"{_count(n_shared, 'test image')} also among the training or validation images, byte "
            "for byte, so the test accuracy may be too high."
        )
    return sentences


def warn_of_overlap(cohort) -> None:
    """Warn of patients and images that are on both sides."""
    for sentence in overlap_sentences(cohort):
        warnings.warn(sentence, DlboiWarning, stacklevel=3)


def _union(iterables):
    return set().union(*iterables)


def _count(number, noun):
    return f"{number} {noun} is" if number == 1 else f"{number} {noun}s are"
