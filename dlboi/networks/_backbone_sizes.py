"""Which images a backbone takes."""

from numbers import Integral

from dlboi.exceptions import BackboneError
from dlboi.networks._backbone_anatomy import (
    PROBE_SIZE,
    find_shapes,
    fixed_input_size,
    minimum_input_size,
)


def check_input_size(
    name: str, image_size: tuple[int, int], input_size: int | tuple[int, int] | None
) -> tuple[tuple[int, int], int | None]:
    """Return height and width of what the body of a backbone is given.

    Parameters
    ----------
    name : str
        One of :func:`list_backbones`.
    image_size : tuple of (int, int)
        Height and width of the images.
    input_size : int, tuple of (int, int) or None
        Side, or height and width, to which they are resized.

    Returns
    -------
    size : tuple of (int, int)
        Height and width after resizing.
    built_for : int or None
        The side for which a vision transformer is to be built.

    Raises
    ------
    BackboneError
        The backbone does not take such images.
    """
    asked = image_size if input_size is None else input_size
    sides = (asked, asked) if isinstance(asked, Integral) else asked
    size = (int(sides[0]), int(sides[1]))
    fixed = fixed_input_size(name)
    if fixed is None:
        _check_minimum(name, size, input_size)
        return size, None
    allowed = _built_sizes(name, fixed)
    if size[0] != size[1] or size[0] not in allowed:
        said = " or ".join(f"{side}×{side}" for side in allowed)
        raise BackboneError(
            f"The architecture of {name} fixes the size of its images, to {said} pixels. "
            f"Got {_said(size, input_size)}. Use input_size={fixed}."
        )
    return size, size[0] if name.startswith("vit_") else None


def _check_minimum(name, size, input_size):
    try:
        if min(size) >= 1:
            find_shapes(name, *size)
            return
    except (RuntimeError, AssertionError, ValueError, ZeroDivisionError):
        pass
    least = minimum_input_size(name)
    raise BackboneError(
        f"{name} needs images of at least {least}×{least} pixels. Got {_said(size, input_size)}. "
        f"Use a larger input_size, such as {PROBE_SIZE}, to which images are resized."
    )


def _said(size, input_size):
    source = "images" if input_size is None else "input_size"
    return f"{source} of {size[0]}×{size[1]} instead"


def _built_sizes(name, fixed):
    """Sides for which torchvision has weights: its transformers are built for one of them."""
    if not name.startswith("vit_"):
        return [fixed]
    from torchvision.models import get_model_weights

    sides = {weights.transforms.keywords["crop_size"] for weights in get_model_weights(name)}
    return sorted(sides | {fixed})
