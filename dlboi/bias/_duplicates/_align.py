"""Align pairs of small images by scale and shift, many pairs at once."""

import torch
from torch.nn import functional

#: Part of the image at each side that is left out, for an aligned crop has nothing there.
MARGIN = 0.05
_LARGEST_SHIFT, _LARGEST_SCALE = 0.12, 1.1  # shifts in half image widths
_ORIGINAL = torch.tensor([1.0, 0.0, 1.0, 0.0])


def start_of(scale: torch.Tensor) -> torch.Tensor:
    """Return the alignments (n, 4), scale and shift by columns and by rows, of given scales."""
    return _ORIGINAL.to(scale.dtype) * torch.stack([scale] * 4, dim=1)


def window(size: int) -> torch.Tensor:
    """Return 1 inside the margin and 0 in it, of shape (size, size)."""
    edge = max(1, round(MARGIN * size))
    inside = torch.zeros(size, size)
    inside[edge:-edge, edge:-edge] = 1
    return inside


def normalise(images: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Return images (n, size, size) of mean 0 and norm 1 inside the window, 0 outside."""
    mean = (images * inside).sum(dim=(1, 2), keepdim=True) / inside.sum()
    images = (images - mean) * inside
    return images / images.norm(dim=(1, 2), keepdim=True).clamp(min=1e-12)


def warp(images: torch.Tensor, alignment: torch.Tensor) -> torch.Tensor:
    """Return images (n, size, size), seen through their alignments (n, 4)."""
    n, size, _ = images.shape
    centres = (torch.arange(size) + 0.5) * 2 / size - 1
    columns = alignment[:, 0, None] * centres + alignment[:, 1, None]
    rows = alignment[:, 2, None] * centres + alignment[:, 3, None]
    grid = torch.empty(n, size, size, 2)
    grid[..., 0], grid[..., 1] = columns[:, None, :], rows[:, :, None]
    return functional.grid_sample(
        images[:, None], grid, padding_mode="border", align_corners=False
    )[:, 0]


def align(
    fixed: torch.Tensor, moving: torch.Tensor, alignment: torch.Tensor, n_steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Improve alignments by Gauss-Newton steps on the correlation.

    The inverse compositional method (Baker and Matthews 2004): derivatives are those of the fixed
    image, computed once.

    Parameters
    ----------
    fixed, moving : Tensor of shape (n, size, size)
        Pairs of images.
    alignment : Tensor of shape (n, 4)
        Where to start.
    n_steps : int
        Number of steps.

    Returns
    -------
    alignment : Tensor of shape (n, 4)
    similarity : Tensor of shape (n,)
        Correlation of the aligned images inside the window.
    """
    size = fixed.shape[-1]
    inside = window(size)
    fixed = normalise(fixed, inside)
    derivatives = _derivatives(fixed, inside)
    curvature = derivatives @ derivatives.transpose(1, 2)
    # Images without structure in one direction have no alignment in it: no step is taken.
    ridge = 1e-4 * curvature.diagonal(dim1=1, dim2=2) + 1e-9
    curvature = curvature + torch.diag_embed(ridge)
    for _ in range(n_steps):
        seen = normalise(warp(moving, alignment), inside).flatten(1)
        slope = derivatives @ seen[:, :, None]
        step = torch.linalg.solve(curvature, slope)[..., 0].clamp(-0.1, 0.1)
        alignment = _after(alignment, step)
    seen = normalise(warp(moving, alignment), inside)
    return alignment, (fixed * seen).sum(dim=(1, 2))


def _derivatives(fixed, inside):
    """Return the derivatives (n, 4, pixels) by scale and shift, of columns and of rows."""
    size = fixed.shape[-1]
    centres = (torch.arange(size) + 0.5) * 2 / size - 1
    by_row, by_column = (slope * size / 2 for slope in torch.gradient(fixed, dim=(1, 2)))
    parts = (by_column * centres, by_column, by_row * centres[:, None], by_row)
    parts = (torch.stack(parts, dim=1) * inside).flatten(2)
    # Brightness and contrast are free: only what changes neither counts.
    flat, image = inside.flatten(), fixed.flatten(1)
    parts = parts - (parts.sum(dim=2, keepdim=True) / flat.sum()) * flat
    return parts - (parts @ image[:, :, None]) * image[:, None]


def _after(alignment, step):
    """Return the alignment after the inverse of a step."""
    scale = alignment[:, 0::2] / (1 + step[:, 0::2])
    shift = alignment[:, 1::2] - scale * step[:, 1::2]
    scale = scale.clamp(1 / _LARGEST_SCALE, _LARGEST_SCALE)
    shift = shift.clamp(-_LARGEST_SHIFT, _LARGEST_SHIFT)
    return torch.stack([scale[:, 0], shift[:, 0], scale[:, 1], shift[:, 1]], dim=1)
