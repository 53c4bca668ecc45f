"""Changes that make a near duplicate of an image, to measure what the search finds."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def changed(image: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return changed copies of an image.

    Parameters
    ----------
    image : ndarray of uint8 of shape (height, width)
        Grey levels.
    rng : numpy.random.Generator
        Chooses the quality of the JPEG file and where the crop lies.

    Returns
    -------
    dict of str to ndarray of uint8
        The copies by the names of the changes.
    """
    quality = int(rng.integers(50, 96))
    return {
        "JPEG, quality 50": jpeg(image, 50),
        "JPEG, quality 50 to 95": jpeg(image, quality),
        "crop of 2 %": crop(image, 0.02, rng),
        "brightness +5 %": brighter(image, 1.05),
        "brightness -5 %": brighter(image, 0.95),
        "horizontal flip": image[:, ::-1],
        "vertical flip": image[::-1],
        "rotation by 90°": np.rot90(image),
        "rotation by 180°": np.rot90(image, 2),
        "rotation by 270°": np.rot90(image, 3),
    }


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """Return an image as it comes back from a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def crop(image: np.ndarray, part: float, rng: np.random.Generator) -> np.ndarray:
    """Cut a part of height and width off, of it a random share at the left and at the top.

    The result is resized to the size of before.
    """
    height, width = image.shape[:2]
    n_rows, n_columns = (max(1, round(part * side)) for side in (height, width))
    top, left = int(rng.integers(n_rows + 1)), int(rng.integers(n_columns + 1))
    box = (left, top, left + width - n_columns, top + height - n_rows)
    cut = Image.fromarray(np.ascontiguousarray(image)).crop(box)
    return np.asarray(cut.resize((width, height), Image.Resampling.BILINEAR))


def brighter(image: np.ndarray, factor: float) -> np.ndarray:
    """Return an image of uint8 with its grey levels multiplied, and cut off at 255."""
    return np.clip(np.rint(image * factor), 0, 255).astype(np.uint8)
