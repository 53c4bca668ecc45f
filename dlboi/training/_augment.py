"""Random augmentation of training images, one image at a time."""

from collections.abc import Callable

import numpy as np
import torch

from dlboi.exceptions import TorchvisionImportError

#: Names that the ``augment`` parameter of the classifiers takes.
AUGMENT_PRESETS = ("xray", "histology")


def make_augmentation(augment: str | Callable | None) -> Callable | None:
    """Return the transform that `augment` asks for.

    Parameters
    ----------
    augment : {"xray", "histology"}, callable or None
        ``"xray"``: turns up to 7°, shifts up to 5 %, zooms up to 5 %, and changes of brightness and
        contrast up to 10 %; no flip, for the heart is on the left. ``"histology"``: flips, quarter
        turns, and changes of the stain (brightness, contrast and saturation up to 10 %, hue up to
        3 % of the colour circle); tissue has no upright. A callable, such as a transform of
        ``torchvision.transforms.v2``, takes and returns one image (c, h, w).

    Returns
    -------
    callable or None

    Raises
    ------
    TorchvisionImportError
        A preset was asked for, and torchvision cannot be imported.
    """
    if augment == "xray":
        return _xray()
    if augment == "histology":
        return _histology()
    return augment


def augment_batch(images: torch.Tensor, augment: Callable) -> torch.Tensor:
    """Apply `augment` to each image of a batch on its own.

    Parameters
    ----------
    images : Tensor of shape (n, c, h, w)
        The batch.
    augment : callable
        Takes and returns one image (c, h, w).

    Returns
    -------
    Tensor of shape (n, c, h, w)

    Raises
    ------
    ValueError
        The transform fails, returns what is no image, or changes the shape of an image.
    """
    augmented = [_augmented(image, augment) for image in images]
    shapes = {tuple(image.shape) for image in augmented}
    if shapes != {tuple(images.shape[1:])}:
        raise ValueError(
            "The 'augment' parameter must be a transform that keeps the shape of an image, "
            f"{tuple(images.shape[1:])}. Got {sorted(shapes)} instead."
        )
    return torch.stack(augmented)


def _augmented(image, augment):
    called = (
        f"It is called with one image at a time, a {str(image.dtype).removeprefix('torch.')} "
        f"tensor of shape {tuple(image.shape)} (c, h, w)"
    )
    try:
        result = augment(image)
    except Exception as error:  # any, for the transform is the user's
        raise ValueError(
            f"The 'augment' parameter must be a transform that takes an image. {called}, and has "
            f"raised {type(error).__name__}: {error}"
        ) from error
    if isinstance(result, np.ndarray):
        result = np.ascontiguousarray(result)  # torch takes no negative strides
    try:
        return torch.as_tensor(result)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            "The 'augment' parameter must be a transform that returns an image as a tensor. "
            f"{called}, and has returned {type(result)} instead."
        ) from error


def import_transforms():
    """Return ``torchvision.transforms.v2``, or say how to mend a torchvision that does not fit."""
    try:
        from torchvision.transforms import v2
    except (ImportError, RuntimeError) as error:
        raise TorchvisionImportError(
            f"torchvision cannot be imported ({error}). torch and torchvision must come as one "
            "pair from one index: pip install --force-reinstall torch torchvision"
        ) from error
    return v2


def _xray():
    v2 = import_transforms()
    return v2.Compose(
        [
            v2.RandomAffine(
                degrees=7,
                translate=(0.05, 0.05),
                scale=(0.95, 1.05),
                interpolation=v2.InterpolationMode.BILINEAR,
            ),
            v2.ColorJitter(brightness=0.1, contrast=0.1),
        ]
    )


def _histology():
    v2 = import_transforms()
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomVerticalFlip(),
            QuarterTurn(),
            v2.ColorJitter(brightness=0.1, contrast=0.1, saturation=0.1, hue=0.03),
        ]
    )


class QuarterTurn:
    """Turn a square image by 0°, 90°, 180° or 270°, another one by 0° or 180°."""

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """Return the image, (c, h, w), turned."""
        square = image.shape[-1] == image.shape[-2]
        turns = int(torch.randint(4 if square else 2, ()))
        return image.rot90(turns if square else 2 * turns, dims=(-2, -1))
