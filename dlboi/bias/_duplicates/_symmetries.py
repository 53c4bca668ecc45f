"""The eight flips and rotations of a square; rotations turn to the left, as numpy.rot90 does."""

import torch

# Bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps rows and columns before.
NAMES = (
    "none",
    "horizontal flip",
    "vertical flip",
    "rotation by 180°",
    "transposition",
    "rotation by 270°",
    "rotation by 90°",
    "transposition and rotation by 180°",
)


def turned(images: torch.Tensor, code: int) -> torch.Tensor:
    """Apply one symmetry to square images (n, size, size)."""
    if code & 4:
        images = images.transpose(1, 2)
    return images.flip([axis for axis, bit in ((1, 2), (2, 1)) if code & bit])


def transform(images: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Apply to each of the square images (n, size, size) the symmetry of its code (n,)."""
    result = images.clone()
    for code in range(1, len(NAMES)):
        has_it = codes == code
        result[has_it] = turned(images[has_it], code)
    return result
