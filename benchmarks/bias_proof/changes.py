"""Changes of images: other devices, other visits of a patient, and copies."""

import numpy as np
from PIL import Image
from scipy import ndimage


def blurred(images: np.ndarray, sigma: float, veil: np.ndarray) -> np.ndarray:
    """Blur images with a Gaussian of `sigma` pixels, and add the image `veil`."""
    return _grey(ndimage.gaussian_filter(images.astype(np.float32), (0, sigma, sigma)) + veil)


def brightened(images: np.ndarray, levels: float) -> np.ndarray:
    """Add grey levels."""
    return _grey(images + np.float32(levels))


def seen_again(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn, move and brighten images as if a patient was X-rayed again."""
    angles, factors = rng.uniform(-4, 4, len(images)), rng.uniform(0.9, 1.1, len(images))
    moved = [
        Image.fromarray(image).rotate(
            angle,
            Image.Resampling.BILINEAR,
            translate=tuple(rng.integers(-1, 2, 2).tolist()),
            fillcolor=int(np.median(image)),
        )
        for image, angle in zip(images, angles, strict=True)
    ]
    return _grey(np.stack([np.asarray(each) for each in moved]) * factors[:, None, None])


def augmented(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Copy images, cropped by 2 % at most, mirrored or not, and up to 5 % brighter or darker."""
    side = images.shape[1]
    factors, is_mirrored = rng.uniform(0.95, 1.05, len(images)), rng.random(len(images)) < 0.5
    copies = []
    for image in images:
        left, top, right, bottom = rng.uniform(0, 0.02 * side, 4)
        box = (left, top, side - right, side - bottom)
        copies.append(
            np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC, box))
        )
    copies = np.stack(copies)
    copies[is_mirrored] = copies[is_mirrored, :, ::-1]
    return _grey(copies * factors[:, None, None])


def _grey(values):
    return values.round().clip(0, 255).astype(np.uint8)
