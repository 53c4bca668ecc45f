"""Find the images of a folder that has one sub-folder a class."""

from __future__ import annotations

import os
from pathlib import Path

from dlboi.datasets._dicom_header import dicom_facts, is_dicom
from dlboi.datasets._frame_names import frame_name
from dlboi.datasets._image_files import IMAGE_SUFFIXES
from dlboi.exceptions import ImageFolderError, MissingPathError

_PARTS = {"train", "training", "test", "testing", "val", "valid", "validation"}
_LAYOUT = "Put the images of each class into a sub-folder of its own: ROOT/CLASS/IMAGE."


def find_images(root: Path, *, nested: bool = False) -> tuple[dict[str, list[str]], int]:
    """Return the images of each class and how many other files there were.

    Parameters
    ----------
    root : Path
        Folder whose sub-folders are the classes.
    nested : bool, default=False
        Whether the class folders are known to have sub-folders, so that these may be the same
        in all classes.

    Returns
    -------
    images : dict of str to list of str
        Paths relative to `root`, with forward slashes; classes and paths in the order of
        their characters, the same on every machine. Of a DICOM file with several frames each
        is named, in their order.
    n_ignored : int
        Number of visible files that are no image of a class.
    """
    _check_folder(root)
    entries = [entry for entry in root.iterdir() if not entry.name.startswith(".")]
    classes = sorted(entry.name for entry in entries if entry.is_dir())
    n_ignored = len(entries) - len(classes)
    if not classes:
        raise ImageFolderError(f"The folder '{root}' has no sub-folder. {_LAYOUT}")
    _check_no_part(root, classes)

    images = {}
    for name in classes:
        files = sorted(_walk(root / name, root))
        found = [f"{name}/{file}" for file in files if _is_image(root / name / file)]
        n_ignored += len(files) - len(found)
        images[name] = _by_frame(found, root)
        if not found:
            raise ImageFolderError(
                f"The class folder '{root / name}' holds no image "
                f"({', '.join(IMAGE_SUFFIXES)}). Fill it, or take it away."
            )
    if not nested:
        _check_no_level_above(root, images)
    return images, n_ignored


def find_all_images(root: Path) -> list[str]:
    """Return the images below a folder, whether it has class folders or not.

    Parameters
    ----------
    root : Path
        The folder.

    Returns
    -------
    list of str
        Paths relative to `root`, with forward slashes, in the order of their characters. Of a
        DICOM file with several frames each is named.
    """
    _check_folder(root)
    files = []
    for entry in root.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            files += [f"{entry.name}/{file}" for file in _walk(entry, root)]
        else:
            files.append(entry.name)
    return _by_frame(sorted(file for file in files if _is_image(root / file)), root)


def _is_image(path):
    return path.name.lower().endswith(IMAGE_SUFFIXES) or is_dicom(path)


def _by_frame(files, root):
    """Return the files, and in the place of those with several frames the names of these."""
    names = []
    for file in files:
        n_frames = dicom_facts(root / file)[2] if is_dicom(root / file) else 1
        names += [frame_name(file, i) for i in range(n_frames)] if n_frames > 1 else [file]
    return names


def _check_folder(root):
    if not root.exists():
        raise MissingPathError(f"There is no folder '{root}'. Check the path.")
    if not root.is_dir():
        raise ImageFolderError(f"'{root}' is a file, not a folder of images. {_LAYOUT}")


def _check_no_part(root, classes):
    if all(name.lower() in _PARTS for name in classes):
        raise ImageFolderError(
            f"The folders {', '.join(map(repr, classes))} of '{root}' are parts of a set, not "
            f"classes. Give one of them, such as '{root / _first_part(classes)}'."
        )


def _check_no_level_above(root, images):
    """Refuse folders that look like hospitals or parts, each with the same classes."""
    below = [{file.split("/", 2)[1] for file in files} for files in images.values()]
    direct = any(file.count("/") == 1 for files in images.values() for file in files)
    if direct or len(below) < 2 or any(names != below[0] for names in below):
        return
    shown = sorted(below[0])
    raise ImageFolderError(
        f"The folders {', '.join(map(repr, images))} of '{root}' hold no image themselves, but "
        f"all the same sub-folders ({', '.join(map(repr, shown[:3]))}"
        f"{', ...' if len(shown) > 3 else ''}), as if these were the classes. Give one of them, "
        f"such as '{root / _first_part(images)}'. If the sub-folders are patients, say so with "
        "groups=1."
    )


def _first_part(names):
    names = list(names)
    return next((name for name in names if name.lower().startswith("train")), names[0])


def _walk(folder, root):
    """Yield the visible files below a folder, each real folder once: links may form loops."""
    seen = {_identity(root)}
    pending = [("", folder)]
    while pending:
        prefix, folder = pending.pop()
        if (identity := _identity(folder)) in seen:
            continue
        seen.add(identity)
        # In order, so that of two links to one folder it is always the same that counts.
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True):
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if path.is_dir():
                pending.append((f"{prefix}{entry.name}/", path))
            else:
                yield prefix + entry.name


def _identity(folder):
    status = folder.stat()
    return status.st_dev, status.st_ino
