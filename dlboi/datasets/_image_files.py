"""Decode one image file, or one frame of it, to a uint8 or uint16 array."""

from __future__ import annotations

import os

import numpy as np
from PIL import Image, ImageOps

from dlboi.datasets._bounded_file import open_bounded
from dlboi.datasets._dicom import dicom_image
from dlboi.datasets._dicom_header import DICOM_SUFFIXES, is_dicom
from dlboi.datasets._file_errors import check_pixels, naming, unusable
from dlboi.datasets._frame_names import split_frame

IMAGE_SUFFIXES = (".bmp", *DICOM_SUFFIXES, ".jpeg", ".jpg", ".png", ".tif", ".tiff")
PILLOW_FORMATS = ("BMP", "JPEG", "PNG", "TIFF")


def read_image(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    crop: int | tuple[int, int] | None = None,
    channels: int | None = None,
) -> np.ndarray:
    """Decode an image file.

    Palettes and CMYK become RGB, one-bit images become 0 and 255, the orientation in the
    EXIF data is applied, and an alpha channel that is opaque everywhere is dropped.

    Parameters
    ----------
    path : str or path-like
        PNG, JPEG, TIFF (grey also with 16 bits), BMP or, with pydicom, DICOM file. A frame of a
        DICOM file with several is named by its position, from 0, as in ``scan.dcm[3]``.
    size : int or tuple (height, width), default=None
        Size to resize to, in pixels, with antialiasing and after `crop`. The aspect ratio
        is not kept. None keeps the size of the file.
    crop : int or tuple (height, width), default=None
        Size in pixels of the top-left corner to cut out.
    channels : {1, 3}, default=None
        1 turns colour into luminance, 3 repeats grey; None keeps what the file has.

    Returns
    -------
    image : ndarray of shape (height, width) or (height, width, 3)
        uint8, or uint16 where a PNG or TIFF file holds 16-bit grey. Colour with 16 bits a
        channel is read with its upper 8 bits.

    Raises
    ------
    MissingPathError
        If the file is not there.
    ImageFileError
        If the file is empty, truncated, no image, larger than ``PIL.Image.MAX_IMAGE_PIXELS``,
        or holds what has no single meaning here: several pages or frames, transparency,
        floating-point or 32-bit pixels. Also if it is smaller than `crop`.
    PydicomImportError
        If the file is a DICOM file and pydicom is not installed.

    Notes
    -----
    DICOM images are read as a viewer shows them at first, in 256 grey levels: rescaled, through
    the first window or VOI table of the file, MONOCHROME1 inverted [1]_. Where there is no window,
    8-bit images stay as they are, and the smallest and largest value of deeper ones become 0 and
    255, so that their grey levels cannot be compared between files. Palettes and YBR become RGB.

    Pillow and pydicom warn where only what stands beside the pixels is damaged; the image is read
    all the same. With ``warnings.simplefilter("error")`` such a file is an ImageFileError that
    names it.

    Where `size` is less than half of a JPEG's size, the decoder scales it down on the way, to
    no less than twice `size`. The result differs from a full decode by a few grey levels at
    sharp edges and by less elsewhere.

    References
    ----------
    .. [1] DICOM Standard, PS3.3, C.11.1 (modality LUT) and C.11.2 (VOI LUT).
    """
    size, crop = as_height_width(size), as_height_width(crop)
    with naming(path):
        image = _decoded(path, size if crop is None else None)
    if crop is not None:
        if image.height < crop[0] or image.width < crop[1]:
            raise unusable(
                path,
                f"its {image.height}x{image.width} pixels are fewer than crop={crop}",
                "Crop to less, or take the file out of the set.",
            )
        image = image.crop((0, 0, crop[1], crop[0]))
    if channels == 1 and image.mode == "RGB":
        image = image.convert("L")
    array = _resized(image, size)
    return np.repeat(array[..., None], 3, axis=2) if channels == 3 and array.ndim == 2 else array


def as_height_width(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    """Return a size as (height, width); an int stands for a square."""
    if size is None:
        return None
    height, width = (size, size) if isinstance(size, int | np.integer) else size
    return int(height), int(width)


def _decoded(path, size):
    file, frame = split_frame(path)
    if frame is not None or is_dicom(file):
        return dicom_image(file, frame)
    with open_bounded(file) as content, Image.open(content, formats=PILLOW_FORMATS) as image:
        check_pixels(path, image.height, image.width)
        return _loaded(image, path, size)


def _loaded(image, path, size):
    """Decode into mode L, RGB or I;16."""
    # Not `n_frames`: to count the pages takes minutes where there are a million.
    if image.format in ("PNG", "TIFF") and image.is_animated:
        raise unusable(path, "it holds several pages", "Save each page as a file of its own.")
    if size is not None:
        # Square, because the EXIF orientation may swap the sides. Only JPEG takes it.
        image.draft(None, (2 * max(size), 2 * max(size)))
    image.load()
    is_png = image.format == "PNG"
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") or (image.mode == "I" and is_png):
        array = np.asarray(image).astype(np.uint16)
        if "transparency" in image.info and np.any(array == image.info["transparency"]):
            raise _transparent(path)
        return Image.fromarray(array)
    if image.has_transparency_data:
        grey = image.mode in ("L", "LA")
        image = image.convert("LA" if grey else "RGBA")
        if image.getchannel("A").getextrema()[0] < 255:
            raise _transparent(path)
        return image.convert("L" if grey else "RGB")
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "CMYK", "YCbCr", "RGBX"):
        return image.convert("RGB")
    raise unusable(
        path,
        f"its pixels have mode {image.mode!r} (floating-point, 32-bit or an unusual colour space)",
        "Save it with 8 bits a channel, or as 16-bit grey.",
    )


def _transparent(path):
    return unusable(
        path,
        "it has transparent pixels, whose colour depends on what lies behind them",
        "Flatten it onto its background and save it without the alpha channel.",
    )


def _resized(image, size):
    target = None if size is None or size == (image.height, image.width) else size[::-1]
    if target is None:
        return np.array(image)
    if image.mode == "I;16":
        # Pillow resizes 16-bit modes with a loss; its float mode has none.
        exact = Image.fromarray(np.asarray(image).astype(np.float32))
        exact = np.asarray(exact.resize(target, Image.Resampling.BILINEAR))
        return np.clip(np.rint(exact), 0, 65535).astype(np.uint16)
    return np.array(image.resize(target, Image.Resampling.BILINEAR, reducing_gap=3.0))
