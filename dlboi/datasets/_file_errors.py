"""Errors that name the image file, whatever a decoder has raised."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from dlboi.exceptions import DlboiError, ImageFileError, MissingPathError

ANOTHER_FILE = "Replace the file by an intact copy, or take it out of the set."


def unusable(path: str | os.PathLike[str], what: str, way_out: str) -> ImageFileError:
    """Return the error of a file that cannot be used.

    Parameters
    ----------
    path : str or path-like
        The file.
    what : str
        What is wrong with it.
    way_out : str
        One sentence.

    Returns
    -------
    ImageFileError
    """
    return ImageFileError(f"The image file {os.fspath(path)!r} cannot be used: {what}. {way_out}")


def check_pixels(path: str | os.PathLike[str], height: int, width: int) -> None:
    """Refuse an image of more pixels than Pillow holds for safe, before it is decoded."""
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and height * width > limit:
        raise _too_large(path, f"{height}x{width}")


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn errors of decoders into :class:`ImageFileError` or :class:`MissingPathError`.

    Parameters
    ----------
    path : str or path-like
        The file that the errors are to name.
    """
    try:
        yield
    except (DlboiError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise MissingPathError(f"There is no image file {os.fspath(path)!r}.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path, error) from error
    except UnidentifiedImageError as error:
        empty = Path(path).stat().st_size == 0
        no_image = "it is no PNG, JPEG, TIFF or BMP image, and no DICOM file"
        what = "it is empty (0 bytes)" if empty else no_image
        raise unusable(path, what, ANOTHER_FILE) from error
    except Exception as error:  # damaged files raise nearly anything inside decoders
        what = f"it is truncated or damaged ({type(error).__name__}: {error})"
        raise unusable(path, what, ANOTHER_FILE) from error


def _too_large(path, how_large):
    return unusable(
        path,
        f"it would decode to more pixels than Pillow allows ({how_large})",
        "Cut it into tiles, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust the file.",
    )
