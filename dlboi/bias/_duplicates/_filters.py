"""Resizing and blurring of square images as products of small matrices."""

import functools

import torch


@functools.lru_cache(maxsize=64)
def resize_matrix(size_in: int, size_out: int, zoom: float = 1.0) -> torch.Tensor:
    """Return the matrix that resizes one axis, with antialiasing.

    Parameters
    ----------
    size_in, size_out : int
        Pixels before and after.
    zoom : float, default=1.0
        Central part of the axis that is kept, 0 to 1.

    Returns
    -------
    Tensor of float32 of shape (size_out, size_in)
        Triangle weights as wide as a new pixel, and never narrower than an old one.
    """
    step = size_in * zoom / size_out
    centres = size_in * (1 - zoom) / 2 + (torch.arange(size_out) + 0.5) * step
    distance = (torch.arange(size_in) + 0.5 - centres[:, None]).abs() / max(step, 1.0)
    weights = (1 - distance).clamp(min=0)
    return weights / weights.sum(dim=1, keepdim=True)


@functools.lru_cache(maxsize=16)
def blur_matrix(size: int, sigma: float) -> torch.Tensor:
    """Return the matrix (size, size) that blurs one axis with a Gaussian, cut off at the ends."""
    position = torch.arange(size, dtype=torch.float32)
    weights = torch.exp(-0.5 * ((position - position[:, None]) / sigma) ** 2)
    return weights / weights.sum(dim=1, keepdim=True)


def resize(images: torch.Tensor, size: int, zoom: float = 1.0) -> torch.Tensor:
    """Resize images (n, h, w) to (n, size, size); the aspect ratio is not kept."""
    height, width = images.shape[1:]
    rows, columns = resize_matrix(height, size, zoom), resize_matrix(width, size, zoom)
    return rows @ images @ columns.T


def blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur square images (n, size, size); sigma in pixels."""
    matrix = blur_matrix(images.shape[-1], sigma)
    return matrix @ images @ matrix.T
