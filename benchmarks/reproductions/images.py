"""The real images of the reproductions, read once a size."""

import functools
from pathlib import Path

from dlboi.datasets import load_image_folder

CHEST_PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"
BIOPSY_CASE = r"(\d{7})"


class Images:
    """Chest X-rays and biopsies in folders.

    Parameters
    ----------
    folder : path-like
        Holds ``chest_xray/{train,test}/<class>`` and ``colorectal_biopsies/<class>``.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    @functools.cache  # noqa: B019 - as long as the command runs
    def chest(self, size: int):
        """Return the chest X-rays, training and test."""
        folder = self.folder / "chest_xray"
        train = load_image_folder(folder / "train", size=size, groups=CHEST_PATIENT)
        return train, load_image_folder(folder / "test", like=train, groups=CHEST_PATIENT)

    @functools.cache  # noqa: B019 - as above
    def biopsies(self, size: int):
        """Return the biopsies, all of them."""
        folder = self.folder / "colorectal_biopsies"
        return load_image_folder(folder, size=size, groups=BIOPSY_CASE)
