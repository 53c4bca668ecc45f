"""What ``dlboi info`` finds in one folder of images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dlboi.bias._file_facts import FileFacts, file_facts
from dlboi.datasets._decode_files import in_order
from dlboi.datasets._folder_groups import folder_groups
from dlboi.datasets._folder_scan import find_images
from dlboi.datasets._image_files import read_image
from dlboi.evaluation._image_digest import image_digest
from dlboi.exceptions import ImageFileError

# Every file is decoded to see whether it can be; this size is the least work for JPEG.
_DECODED_SIZE = 16


@dataclass(frozen=True)
class FolderFacts:
    """Facts of a folder that has one sub-folder a class.

    Attributes
    ----------
    root : Path
        The folder.
    classes : dict of str to int
        Number of files of each class.
    files : list of str
        Paths below `root`.
    groups : ndarray of str of shape (n_files,) or None
        Patient of each file.
    headers : FileFacts
        What the headers of the files say.
    digests : list of bytes
        Hash of the bytes of each file.
    problems : dict of str to str
        Files that cannot be used as images, each with the reason.
    n_passed_over : int
        Other files.
    """

    root: Path
    classes: dict[str, int]
    files: list[str]
    groups: np.ndarray | None
    headers: FileFacts
    digests: list[bytes]
    problems: dict[str, str]
    n_passed_over: int

    @property
    def labels(self) -> list[str]:
        """Class of each file."""
        return [file.partition("/")[0] for file in self.files]

    @property
    def patients(self) -> set[str]:
        """Patients that have images; empty where they are not known."""
        return set() if self.groups is None else set(self.groups.tolist())

    def patients_of(self, name: str) -> set[str]:
        """Return the patients that have images of a class."""
        pairs = zip(self.groups.tolist(), self.labels, strict=True)
        return {patient for patient, label in pairs if label == name}

    def sizes(self) -> list[tuple[int, int]]:
        """Return the sizes (height, width) that occur, in pixels, from the smallest."""
        read = self.headers.is_read
        pairs = zip(self.headers.height[read], self.headers.width[read], strict=True)
        return sorted({(int(height), int(width)) for height, width in pairs})

    def modes(self) -> dict[str, int]:
        """Return the number of files by how pixels are stored: "L" is grey, "RGB" colour."""
        names, counts = np.unique(self.headers.mode[self.headers.is_read], return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))


def folder_facts(root: Path, *, groups: str | None, verbose: bool) -> FolderFacts:
    """Look at all files of a folder.

    Parameters
    ----------
    root : Path
        Folder whose sub-folders are the classes.
    groups : str or None
        Regular expression that finds the patient in the path of a file.
    verbose : bool
        Whether to show a progress bar.

    Returns
    -------
    FolderFacts
    """
    images, n_passed_over = find_images(root)
    files = [file for of_class in images.values() for file in of_class]
    patients = folder_groups(files, groups, root)
    paths = [str(root / file) for file in files]
    bar = tqdm(
        in_order(_look, paths, n_jobs=-1),
        total=len(paths),
        disable=not verbose,
        desc=f"Looking at {root.name}",
        unit="img",
    )
    digests, problems = zip(*bar, strict=True)
    return FolderFacts(
        root=root,
        classes={name: len(of_class) for name, of_class in images.items()},
        files=files,
        groups=patients,
        headers=file_facts(paths),
        digests=list(digests),
        problems={path: said for path, said in zip(paths, problems, strict=True) if said},
        n_passed_over=n_passed_over,
    )


def _look(path):
    """Return the hash of a file, and what is wrong with it."""
    problem = ""
    try:
        read_image(path, size=_DECODED_SIZE)
    except ImageFileError as error:
        problem = str(error)
    return image_digest(path), problem
