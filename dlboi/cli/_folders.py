"""How folders of images are laid out on the command line."""

from pathlib import Path

from dlboi.exceptions import ImageFileError, ImageFolderError

_N_NAMED = 5


def parts_of(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the folders of training and test images, and of those beside them.

    Parameters
    ----------
    folder : Path
        Folder that may have both; where it has not, two empty lists are returned.
    """
    names = []
    if folder.is_dir():
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    found = [
        next((name for name in names if name.lower() in part), None)
        for part in (("train", "training"), ("test", "testing"))
    ]
    if None in found:
        return [], []
    return found, [name for name in names if name not in found and not name.startswith(".")]


def images_to_predict(folder: Path) -> list[str]:
    """Return the images below a folder, laid out as they may be, as paths below it.

    Parameters
    ----------
    folder : Path
        Folder of images, in sub-folders or not.

    Raises
    ------
    ImageFileError
        Files that should be images are none.
    """
    from dlboi.bias._file_facts import file_facts
    from dlboi.datasets._folder_scan import find_all_images

    files = find_all_images(folder)
    if not files:
        raise ImageFolderError(
            f"The folder '{folder}' holds no image. Give one with PNG, JPEG, TIFF, BMP or "
            "DICOM files."
        )
    unreadable = file_facts(folder / file for file in files).unreadable
    if unreadable:
        more = f" and {len(unreadable) - _N_NAMED} more" if len(unreadable) > _N_NAMED else ""
        raise ImageFileError(
            f"{len(unreadable)} of the {len(files)} files of '{folder}' are no images: "
            f"{', '.join(map(repr, unreadable[:_N_NAMED]))}{more}. Replace them by intact copies, "
            "or take them out of the folder."
        )
    return files
