"""What the headers of image files say, before anything is resized."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dlboi.datasets._dicom_header import dicom_facts, is_dicom
from dlboi.datasets._frame_names import split_frame
from dlboi.datasets._image_files import PILLOW_FORMATS
from dlboi.exceptions import PydicomImportError


@dataclass(frozen=True)
class FileFacts:
    """Facts of files, one entry a file.

    Attributes
    ----------
    height, width : ndarray of float of shape (n_files,)
        Size in pixels, as it is stored; NaN where the file cannot be read.
    n_bytes : ndarray of float of shape (n_files,)
        Size of the file, divided by its frames; NaN where it is not there.
    mode : ndarray of str of shape (n_files,)
        How pixels are stored: "L" is grey, "RGB" colour; empty where the file cannot be read.
    missing : list of str
        Names that are no files.
    unreadable : list of str
        Files that are no images.
    """

    height: np.ndarray
    width: np.ndarray
    n_bytes: np.ndarray
    mode: np.ndarray
    missing: list
    unreadable: list

    @property
    def is_read(self) -> np.ndarray:
        """Whether each file could be read."""
        return np.isfinite(self.height)

    @property
    def aspect(self) -> np.ndarray:
        """Width over height."""
        return self.width / self.height

    @property
    def bytes_per_pixel(self) -> np.ndarray:
        """Bytes of the file for each pixel: low where it is compressed strongly, or smooth."""
        return self.n_bytes / (self.width * self.height)


def file_facts(filenames) -> FileFacts:
    """Read the headers of image files; pixels are not decoded.

    Parameters
    ----------
    filenames : iterable of str or path-like
        The files, or frames of DICOM files; those that are missing or no images are named in
        the result.

    Returns
    -------
    FileFacts
    """
    rows, missing, unreadable = [], [], []
    for name in filenames:
        file, frame = split_frame(name)
        path, row = Path(file), (np.nan, np.nan, np.nan, "")
        if not path.is_file():
            missing.append(str(path))
        else:
            n_bytes = path.stat().st_size
            try:
                if frame is not None or is_dicom(path):
                    height, width, n_frames, mode = dicom_facts(path)
                    row = (height, width, n_bytes / n_frames, mode)
                else:
                    with Image.open(path, formats=PILLOW_FORMATS) as image:
                        row = (image.height, image.width, n_bytes, image.mode)
            except PydicomImportError:
                raise
            except Exception:  # damaged headers raise nearly anything inside Pillow
                unreadable.append(str(path))
                row = (np.nan, np.nan, n_bytes, "")
        rows.append(row)
    height, width, n_bytes, mode = zip(*rows, strict=True) if rows else ((),) * 4
    sizes = (np.array(column, dtype=float) for column in (height, width, n_bytes))
    return FileFacts(*sizes, np.array(mode, dtype=str), missing, unreadable)
