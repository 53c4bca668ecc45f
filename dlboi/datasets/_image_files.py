"""Decode one image file to a uint8 or uint16 array."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from dlboi.exceptions import ImageFileError, MissingPathError

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff")

_FORMATS = ("BMP", "JPEG", "PNG", "TIFF")
_ANOTHER_FILE = "Replace the file by an intact copy, or take it out of the set."


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
        PNG, JPEG, TIFF (grey also with 16 bits) or BMP file.
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
        uint8, or uint16 where the file holds 16-bit grey. Colour with 16 bits a channel is
        read with its upper 8 bits.

    Raises
    ------
    MissingPathError
        If the file is not there.
    ImageFileError
        If the file is empty, truncated, no image, too large, or holds what has no single
        meaning here: several pages, transparency, floating-point or 32-bit pixels. Also if
        it is smaller than `crop`.

    Notes
    -----
    Where `size` is less than half of a JPEG's size, the decoder scales it down on the way, to
    no less than twice `size`. The result differs from a full decode by a few grey levels at
    sharp edges and by less elsewhere.
    """
    size, crop = as_height_width(size), as_height_width(crop)
    try:
        with Image.open(path, formats=_FORMATS) as image:
            image = _loaded(image, path, size if crop is None else None)
    except (ImageFileError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise MissingPathError(f"There is no image file {os.fspath(path)!r}.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _unusable(
            path,
            "it would decode to more pixels than Pillow allows",
            "Cut it into tiles, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust the file.",
        ) from error
    except UnidentifiedImageError as error:
        empty = Path(path).stat().st_size == 0
        what = "it is empty (0 bytes)" if empty else "it is no PNG, JPEG, TIFF or BMP image"
        raise _unusable(path, what, _ANOTHER_FILE) from error
    except Exception as error:  # damaged files raise nearly anything inside Pillow
        what = f"it is truncated or damaged ({type(error).__name__}: {error})"
        raise _unusable(path, what, _ANOTHER_FILE) from error

    if crop is not None:
        if image.height < crop[0] or image.width < crop[1]:
            raise _unusable(
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


def _unusable(path, what, way_out):
    return ImageFileError(f"The image file {os.fspath(path)!r} cannot be used: {what}. {way_out}")


def _loaded(image, path, size):
    """Decode into mode L, RGB or I;16."""
    if image.format in ("PNG", "TIFF") and getattr(image, "n_frames", 1) > 1:
        raise _unusable(
            path, f"it holds {image.n_frames} pages", "Save each page as a file of its own."
        )
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
    raise _unusable(
        path,
        f"its pixels have mode {image.mode!r} (floating-point, 32-bit or an unusual colour space)",
        "Save it with 8 bits a channel, or as 16-bit grey.",
    )


def _transparent(path):
    return _unusable(
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
