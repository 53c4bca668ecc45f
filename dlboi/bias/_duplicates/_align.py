"""Align pairs of small images by scale and shift, many pairs at once."""

import torch
from torch.nn import functional

#: Part of the image at each side that is left out, for an aligned crop has nothing there.
_MARGIN = 0.05
_LARGEST_SHIFT, _LARGEST_SCALE = 0.12, 1.1  # shifts in half image widths
_ORIGINAL = torch.tensor([1.0, 0.0, 1.0, 0.0])
_N_PARAMETERS = 4


def start_of(scale: torch.Tensor) -> torch.Tensor:
    """Return the alignments (n, 4), scale and shift by columns and by rows, of given scales."""
    return _ORIGINAL.to(scale.dtype) * torch.stack([scale] * _N_PARAMETERS, dim=1)


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
        Correlation of the aligned images inside the margin.
    """
    edge = max(1, round(_MARGIN * fixed.shape[-1]))
    rows = _rows(fixed, edge)
    gram = rows @ rows.transpose(1, 2)
    # Brightness and contrast are free: only what changes neither counts.
    free = gram[:, :_N_PARAMETERS, _N_PARAMETERS:]
    curvature = gram[:, :_N_PARAMETERS, :_N_PARAMETERS] - free @ free.transpose(1, 2)
    # Images without structure in one direction have no alignment in it: no step is taken.
    ridge = 1e-4 * curvature.diagonal(dim1=1, dim2=2) + 1e-9
    curvature = curvature + torch.diag_embed(ridge)
    for _ in range(n_steps):
        products = _products(rows, _warped(moving, alignment, edge))
        slope = products[:, :_N_PARAMETERS, None] - free @ products[:, _N_PARAMETERS:, None]
        step = torch.linalg.solve(curvature, slope)[..., 0].clamp(-0.1, 0.1)
        alignment = _after(alignment, step)
    return alignment, _products(rows, _warped(moving, alignment, edge))[:, _N_PARAMETERS]


def _rows(images, edge):
    """Return what images are compared with, of shape (n, 6, pixels inside the margin).

    Derivatives by scale and shift, of columns and of rows; the image with mean 0 and norm 1; and a
    flat image of norm 1.
    """
    n, size, _ = images.shape
    inside = slice(edge, size - edge)
    before, after = slice(edge - 1, size - edge - 1), slice(edge + 1, size - edge + 1)
    images = images - images[:, inside, inside].mean(dim=(1, 2), keepdim=True)
    norm = images[:, inside, inside].norm(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    images = images / norm
    side = size - 2 * edge
    rows = torch.empty(n, _N_PARAMETERS + 2, side, side)
    by_scale_of_columns, by_columns, by_scale_of_rows, by_rows, image, flat = rows.unbind(dim=1)
    torch.sub(images[:, inside, after], images[:, inside, before], out=by_columns).mul_(size / 4)
    torch.sub(images[:, after, inside], images[:, before, inside], out=by_rows).mul_(size / 4)
    centres = _centres(size, edge)
    torch.mul(by_columns, centres, out=by_scale_of_columns)
    torch.mul(by_rows, centres[:, None], out=by_scale_of_rows)
    image.copy_(images[:, inside, inside])
    flat.fill_(1 / side)
    return rows.flatten(2)


def _products(rows, seen):
    """Return the scalar products (n, 6) of rows and of images (n, pixels), taken to norm 1."""
    # A row times a matrix: a matrix times a column takes ten times as long in a batch.
    products = (seen[:, None] @ rows.transpose(1, 2))[:, 0]
    squares = seen.square().sum(dim=1) - products[:, -1].square()
    return products / squares.clamp(min=1e-24).sqrt()[:, None]


def _warped(images, alignment, edge):
    """Return images, seen through their alignments, inside the margin: (n, pixels)."""
    centres = _centres(images.shape[-1], edge)
    grid = torch.empty(len(images), len(centres), len(centres), 2)
    grid[..., 0] = (alignment[:, 0, None] * centres + alignment[:, 1, None])[:, None, :]
    grid[..., 1] = (alignment[:, 2, None] * centres + alignment[:, 3, None])[:, :, None]
    return functional.grid_sample(
        images[:, None], grid, padding_mode="border", align_corners=False
    ).flatten(1)


def _centres(size, edge):
    """Return where the pixels inside the margin are, from -1 to 1."""
    return ((torch.arange(size) + 0.5) * 2 / size - 1)[edge : size - edge]


def _after(alignment, step):
    """Return the alignment after the inverse of a step."""
    scale = alignment[:, 0::2] / (1 + step[:, 0::2])
    shift = alignment[:, 1::2] - scale * step[:, 1::2]
    scale = scale.clamp(1 / _LARGEST_SCALE, _LARGEST_SCALE)
    shift = shift.clamp(-_LARGEST_SHIFT, _LARGEST_SHIFT)
    return torch.stack([scale[:, 0], shift[:, 0], scale[:, 1], shift[:, 1]], dim=1)
