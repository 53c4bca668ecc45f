"""Resizing and blurring of square images as products of small matrices."""

import functools

import torch
from torch.nn import functional


@functools.lru_cache(maxsize=16)
def zoom_matrix(size_in: int, size_out: int, part: float) -> torch.Tensor:
    """Return the matrix that resizes the central part of one axis, with antialiasing.

    Parameters
    ----------
    size_in, size_out : int
        Pixels before and after.
    part : float
        Part of the axis that is kept, 0 to 1.

    Returns
    -------
    Tensor of float32 of shape (size_out, size_in)
        Triangle weights as wide as a new pixel, and never narrower than an old one.
    """
    step = size_in * part / size_out
    centres = size_in * (1 - part) / 2 + (torch.arange(size_out) + 0.5) * step
    distance = (torch.arange(size_in) + 0.5 - centres[:, None]).abs() / max(step, 1.0)
    weights = (1 - distance).clamp(min=0)
    return weights / weights.sum(dim=1, keepdim=True)


@functools.lru_cache(maxsize=16)
def blur_matrix(size: int, sigma: float) -> torch.Tensor:
    """Return the matrix (size, size) that blurs one axis with a Gaussian, cut off at the ends."""
    position = torch.arange(size, dtype=torch.float32)
    weights = torch.exp(-0.5 * ((position - position[:, None]) / sigma) ** 2)
    return weights / weights.sum(dim=1, keepdim=True)


def resize(images: torch.Tensor, size: int) -> torch.Tensor:
    """Resize images (n, h, w) to (n, size, size); the aspect ratio is not kept."""
    return functional.interpolate(images[None], (size, size), mode="bilinear", antialias=True)[0]


def zoom(images: torch.Tensor, size: int, part: float) -> torch.Tensor:
    """Resize the central part of square images (n, s, s) to (n, size, size)."""
    matrix = zoom_matrix(images.shape[-1], size, part)
    return matrix @ images @ matrix.T


def blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur square images (n, size, size); sigma in pixels."""
    matrix = blur_matrix(images.shape[-1], sigma)
    return matrix @ images @ matrix.T
