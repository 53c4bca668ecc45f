"""Draw a synthetic tile of H&E-stained colorectal tissue."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from dlboi.datasets._phantom_effects import cloud, smooth_step
from dlboi.datasets._tissue_types import TISSUES

# Optical density that a stain adds to red, green and blue (after Ruifrok and Johnston 2001).
_HAEMATOXYLIN = np.array([0.650, 0.704, 0.286])
_EOSIN = np.array([0.09, 0.954, 0.283])


def draw_stain(rng: np.random.Generator, spread: float) -> dict[str, np.ndarray | float]:
    """Return how one patient's slide is stained; `spread` scales how slides differ."""
    hue_h, hue_e = rng.normal(0, 0.05, 3), rng.normal(0, 0.05, 3)
    strength_h, strength_e = rng.normal(0, 0.13), rng.normal(0, 0.16)
    return {
        "haematoxylin": np.maximum(_HAEMATOXYLIN + spread * hue_h, 0.02),
        "eosin": np.maximum(_EOSIN + spread * hue_e, 0.02),
        "strength_h": 1.45 * np.exp(spread * strength_h),
        "strength_e": 0.85 * np.exp(spread * strength_e),
        "light": 0.95 + spread * rng.normal(0, 0.012, 3),
    }


def render_tissue(
    stain: dict[str, np.ndarray | float],
    rng: np.random.Generator,
    size: int,
    tissue: int,
    n_foreign: float,
) -> np.ndarray:
    """Draw one tile.

    Parameters
    ----------
    stain : dict
        What :func:`draw_stain` returned.
    rng : Generator
        Random numbers of this tile.
    size : int
        Height and width in pixels; the tile is about 0.1 mm wide.
    tissue : int
        Position in ``TISSUES``.
    n_foreign : float
        Largest part of the tile, 0 to 1, that another tissue may cover.

    Returns
    -------
    image : ndarray of shape (size, size, 3), float32
        Colours from 0 to 1, without noise.
    """
    names = list(TISSUES)
    other = (tissue + rng.integers(1, len(names))) % len(names)
    part = n_foreign * rng.uniform(-0.6, 1)
    drawing, neighbour = rng.spawn(2)
    h, e = TISSUES[names[tissue]](drawing, size)
    if part > 0.02:
        edge = cloud(neighbour, size, 0.25)
        over = smooth_step((np.quantile(edge, part) - edge) / 0.15)
        other_h, other_e = TISSUES[names[other]](neighbour, size)
        h, e = h + over * (other_h - h), e + over * (other_e - e)
    density = np.maximum(h, 0)[..., None] * np.float32(
        stain["strength_h"] * stain["haematoxylin"]
    ) + np.maximum(e, 0)[..., None] * np.float32(stain["strength_e"] * stain["eosin"])
    image = np.float32(stain["light"]) * np.exp(-density)
    return ndimage.gaussian_filter(image, (0.45, 0.45, 0)).astype(np.float32)


def draw_ink(image: np.ndarray, has_marker: bool, rng: np.random.Generator) -> None:
    """Draw the stroke of a pen across the top-left corner, where there is one."""
    tilt = np.float32(rng.uniform(0.7, 1.3))
    if not has_marker:
        return
    size = len(image)
    place = (np.arange(size, dtype=np.float32) + 0.5) / size
    distance = np.abs(place[:, None] + tilt * place[None, :] - 0.22)
    ink = 0.85 * smooth_step((0.09 - distance) / 0.03)[..., None]
    image += ink * (np.float32([0.05, 0.45, 0.35]) - image)
