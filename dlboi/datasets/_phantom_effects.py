"""What may befall any phantom after it is drawn: a signature, a shift, noise, a copy."""

import numpy as np
from scipy import ndimage

_GLYPHS = {
    "A": ("01110", "10001", "11111", "10001", "10001"),
    "P": ("11110", "10001", "11110", "10000", "10000"),
    "R": ("11110", "10001", "11110", "10010", "10001"),
}


def coordinates(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return y and x of the pixel centres, from -1 to 1."""
    centres = ((np.arange(size, dtype=np.float32) + 0.5) * (2 / size)) - 1
    return centres[:, None], centres[None, :]


def smooth_step(value: np.ndarray) -> np.ndarray:
    """Return 0 below -1, 1 above 1, and a smooth rise between."""
    t = np.clip(value * 0.5 + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def cloud(rng: np.random.Generator, size: int, scale: float) -> np.ndarray:
    """Return smooth noise of mean 0 and standard deviation 1; `scale` is in image widths."""
    sigma = max(scale * size, 0.3)
    step = max(int(sigma / 1.5), 1)  # a coarse grid carries smooth noise just as well
    coarse = max(-(-size // step) + 4, 6)
    field = rng.standard_normal((coarse, coarse), dtype=np.float32)
    field = ndimage.gaussian_filter(field, sigma / step, mode="wrap")
    if step > 1:
        field = ndimage.zoom(field, step, order=1, grid_mode=True, mode="grid-wrap")
    field = field[:size, :size]
    return (field - field.mean()) / (field.std() + 1e-6)


def patient_signature(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a pattern of waves and flecks that is the same in all images of a patient."""
    y, x = coordinates(size)
    waves = np.zeros((size, size), dtype=np.float32)
    for _ in range(3):
        angle, cycles, phase = rng.uniform(0, np.pi), rng.uniform(2, 7), rng.uniform(0, 2 * np.pi)
        along = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
        waves += np.sin(np.float32(np.pi * cycles) * along + np.float32(phase))
    return (waves / 3 + 0.6 * cloud(rng, size, 0.03)).astype(np.float32)


def shifted(image: np.ndarray, strength: float) -> np.ndarray:
    """Return an image, in the range 0 to 1, as another device would take it: soft and pale."""
    if not strength:
        return image
    sigma = [strength * len(image) / 55] * 2 + [0] * (image.ndim - 2)
    soft = ndimage.gaussian_filter(image, sigma)
    return 0.5 + (soft - 0.5) * (1 - 0.35 * strength) + 0.08 * strength


def stamp_letters(image: np.ndarray, text: str, top: float, left: float, height: float) -> None:
    """Draw bright letters into a grey image; positions and height in image widths."""
    size = len(image)
    pixel = max(round(height * size / 5), 1)
    letters = [np.array([[int(c) for c in row] for row in _GLYPHS[letter]]) for letter in text]
    gap = np.zeros((5, 1), dtype=int)
    glyph = np.hstack([part for letter in letters for part in (letter, gap)])
    glyph = np.kron(glyph, np.ones((pixel, pixel), dtype=int)).astype(bool)
    row, column = round(top * size), round(left * size)
    view = image[row : row + glyph.shape[0], column : column + glyph.shape[1]]
    view[glyph[: view.shape[0], : view.shape[1]]] = 0.97


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Return the grey levels 0 to 255 of an image in the range 0 to 1."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def near_copy(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a uint8 image changed by one grey level at most, as saving it anew would."""
    change = rng.integers(-1, 2, size=image.shape, dtype=np.int16)
    return np.clip(image + change, 0, 255).astype(np.uint8)
