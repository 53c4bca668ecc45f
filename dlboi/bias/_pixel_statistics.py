"""Low-level statistics of the pixels of a batch."""

import numpy as np
import torch
from scipy.stats import entropy

_DARK, _BRIGHT = 0.02, 0.98
_N_LEVELS = 64


def pixel_statistics(images: torch.Tensor) -> dict[str, np.ndarray]:
    """Return the statistics of the pixels that :func:`image_statistics` names.

    Parameters
    ----------
    images : Tensor of shape (n_images, n_channels, height, width)
        Values from 0 to 1.

    Returns
    -------
    dict of str to ndarray of shape (n_images,)
    """
    grey = images.mean(dim=1)
    border, centre = _border_and_centre(grey)
    sharpness, noise = _sharpness_and_noise(grey)
    flat = grey.flatten(1)
    colour = images.amax(dim=1) - images.amin(dim=1)
    found = {
        "brightness": flat.mean(dim=1),
        "contrast": _variance(flat).sqrt(),
        "sharpness": sharpness,
        "noise": noise,
        "border": border,
        "border_minus_centre": border - centre,
        "nearly_black": (flat <= _DARK).float().mean(dim=1),
        "nearly_white": (flat >= _BRIGHT).float().mean(dim=1),
        "entropy": _entropy(flat),
        "asymmetry": (grey - grey.flip(2)).abs().flatten(1).mean(dim=1),
        "saturation": colour.flatten(1).mean(dim=1),
    }
    return {name: values.numpy() for name, values in found.items()}


def _variance(flat):
    # In double precision, so that images of one grey have none.
    mean = flat.mean(dim=1, keepdim=True, dtype=torch.float64).float()
    return (flat - mean).square().mean(dim=1)


def _sharpness_and_noise(grey):
    """Without the rim; zeros where nothing but rim is there."""
    if min(grey.shape[1:]) < 3:
        return torch.zeros(2, len(grey))
    vertical, horizontal = (_second_difference(grey, axis) for axis in (1, 2))
    laplacian = vertical[:, :, 1:-1] + horizontal[:, 1:-1]
    texture = _second_difference(vertical, 2).abs().flatten(1).mean(dim=1)
    return _variance(laplacian.flatten(1)), texture * np.sqrt(np.pi / 2) / 6


def _second_difference(images, axis):
    n = images.shape[axis] - 2
    before, here, after = (images.narrow(axis, start, n) for start in range(3))
    return before + after - 2 * here


def _border_and_centre(grey):
    n, height, width = grey.shape
    is_border = torch.ones(height, width, dtype=torch.bool)
    rim = [max(1, length // 16) for length in (height, width)]
    is_border[rim[0] : height - rim[0], rim[1] : width - rim[1]] = False
    quarter = [length // 4 for length in (height, width)]
    centre = grey[:, quarter[0] : height - quarter[0], quarter[1] : width - quarter[1]]
    return grey[:, is_border].mean(dim=1), centre.reshape(n, -1).mean(dim=1)


def _entropy(flat):
    levels = (flat * _N_LEVELS).clamp(0, _N_LEVELS - 1).to(torch.uint8).numpy()
    counts = np.array([np.bincount(image, minlength=_N_LEVELS) for image in levels])
    return torch.from_numpy(entropy(counts, base=2, axis=1))
