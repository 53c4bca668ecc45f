"""Decode one frame of a DICOM file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

from dlboi.datasets._bounded_file import open_bounded
from dlboi.datasets._dicom_grey import grey_levels
from dlboi.datasets._dicom_header import count_frames, read_header
from dlboi.datasets._file_errors import check_pixels, unusable

_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_DECODERS = 'pip install python-gdcm, or pip install "pylibjpeg[all]"'


def dicom_image(path: str | os.PathLike[str], frame: int | None) -> Image.Image:
    """Return a frame as an image of mode L or RGB.

    Parameters
    ----------
    path : str or path-like
        The file.
    frame : int or None
        Position of the frame; None for the only one.

    Returns
    -------
    image : PIL.Image.Image

    Raises
    ------
    ImageFileError
        If the file is no DICOM file, holds no image, more frames than one where `frame` is None,
        too many pixels, or pixels that cannot be decoded.
    PydicomImportError
        If pydicom is not installed.
    """
    header = read_header(path)
    n_frames = count_frames(header, path)
    if frame is None and n_frames > 1:
        raise unusable(
            path,
            f"it holds {n_frames} frames",
            "load_image_folder takes each as an image of its own; one alone is named by its "
            f"position, as in {Path(path).name + '[0]'!r}.",
        )
    if frame is not None and frame >= n_frames:
        raise unusable(path, f"it has no frame {frame}: it holds {n_frames}", "Count from 0.")
    check_pixels(path, header.Rows, header.Columns)
    stored = _stored_values(path, frame or 0, header)
    kind = header.PhotometricInterpretation
    if kind in ("MONOCHROME1", "MONOCHROME2") and stored.ndim == 2:
        return Image.fromarray(grey_levels(stored, header, frame or 0))
    if kind == "PALETTE COLOR" and stored.ndim == 2:
        return Image.fromarray(_palette_colours(stored, header, path))
    if kind in _COLOUR and stored.ndim == 3 and stored.shape[2] == 3:
        return Image.fromarray((stored >> max(0, header.BitsStored - 8)).astype(np.uint8))
    raise unusable(
        path,
        f"its pixels have the photometric interpretation {kind!r}, which is not read here",
        "Save it as MONOCHROME2 or RGB.",
    )


def _stored_values(path, frame, header):
    """Return the pixels as they are stored, (height, width) or (height, width, samples)."""
    from pydicom.pixels import get_decoder, pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise unusable(
            path,
            f"its pixels are stored as {syntax.name!r}, which pydicom does not decode",
            "Save it without compression.",
        ) from error
    if not decoder.is_available:
        raise unusable(
            path,
            f"its pixels are compressed as {syntax.name!r}, and no decoder for that is installed",
            f"Install one ({_DECODERS}), or save it without compression.",
        )
    try:
        with open_bounded(path) as file:
            return pixel_array(file, index=frame)
    except RuntimeError as error:  # of all decoders that are installed
        raise unusable(
            path,
            f"its pixels, compressed as {syntax.name!r}, cannot be decoded "
            f"({' '.join(str(error).split())})",
            f"Replace the file by an intact copy, or install another decoder ({_DECODERS}).",
        ) from error


def _palette_colours(stored, header, path):
    from pydicom.pixels import apply_color_lut

    colours = apply_color_lut(stored, header)[..., :3]
    n_entries = header.RedPaletteColorLookupTableDescriptor[0] or 2**16
    if colours.dtype == np.uint8:
        if n_entries > 256:  # pydicom would hold positions in the type of the entries
            raise unusable(
                path,
                f"its palette has {n_entries} entries of 8 bits, which pydicom mixes up",
                "Save it as RGB.",
            )
        return colours
    return (colours >> 8).astype(np.uint8)
