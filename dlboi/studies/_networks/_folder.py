"""A folder of results that is complete or not there."""

import re
import tempfile
from pathlib import Path

from dlboi.reporting import Page

_PAGE = "index.html"
_TABLE = "results.csv"
_LONGEST_STEM = 60  # characters; file systems take 255 bytes


def write_folder(folder: Path, *, page: Page, texts: dict[str, str], classifiers: dict) -> Path:
    """Write a page, its figures, texts and classifiers to a folder, all together.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; what is there is replaced. :func:`check_folder` guards it.
    page : dlboi.reporting.Page
        The page. Its figures are written as PNG files, too, and closed.
    texts : dict of str to str
        Contents of files by their names; ``results.csv`` among them.
    classifiers : dict of str to ImageClassifier
        The fitted classifiers.

    Returns
    -------
    pathlib.Path
        The page in the folder.
    """
    import matplotlib.pyplot as plt

    shown, folder = folder, folder.resolve()  # "." has neither a name nor a parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        new = Path(temporary) / folder.name
        (new / "figures").mkdir(parents=True)
        (new / "classifiers").mkdir()
        page.save(new / _PAGE)
        for name, text in texts.items():
            (new / name).write_text(text, encoding="utf-8")
        titles = ["_".join(section.title.lower().split()) for section in page.sections]
        for stem, section in zip(_file_stems(titles), page.sections, strict=True):
            for number, figure in enumerate(section.figures, start=1):
                figure.figure.savefig(new / "figures" / f"{stem}_{number}.png", dpi=150)
                plt.close(figure.figure)
        for stem, classifier in zip(_file_stems(classifiers), classifiers.values(), strict=True):
            classifier.save(new / "classifiers" / f"{stem}.safetensors")
        if folder.exists():
            folder.rename(Path(temporary) / "replaced")
        new.rename(folder)
    return shown / _PAGE


def _file_stems(names):
    """Return names, all different, that are files of their folder whatever they were made of."""
    stems = []
    for name in names:
        stem = re.sub(r"[^\w.()+ -]", "_", name).lstrip(".")[:_LONGEST_STEM]
        while stem in ("", *stems):
            stem += "_"
        stems.append(stem)
    return stems


def check_folder(folder: Path) -> None:
    """Raise OSError where results could not be written to a folder, and leave no trace.

    Parameters
    ----------
    folder : pathlib.Path
        Where results are to go; it and its parents need not be there.
    """
    parent = folder
    try:
        refuse_foreign_folder(folder)
        # A probe, as access rights do not tell of a file system that is full or read-only.
        parent = next(path for path in folder.resolve().parents if path.exists())
        with tempfile.TemporaryDirectory(dir=parent, prefix=f".{folder.resolve().name}."):
            pass
    except OSError as error:
        if error.errno is None:  # what refuse_foreign_folder says is complete
            raise
        raise type(error)(
            f"The folder '{folder}' cannot be written: {error.strerror} ('{parent}'). Name another "
            "folder to write to."
        ) from error


def refuse_foreign_folder(folder: Path) -> None:
    """Raise FileExistsError where a folder holds anything but earlier results."""
    if not folder.exists():
        return
    is_ours = (folder / _PAGE).is_file() and (folder / _TABLE).is_file()
    if not folder.is_dir() or (any(folder.iterdir()) and not is_ours):
        raise FileExistsError(
            f"{folder} holds something that is no earlier comparison, and it is left as it is. "
            "Name another folder to write to."
        )
