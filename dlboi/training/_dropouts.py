"""Torch's dropouts, with masks drawn from a generator that is passed."""

import math

import torch
from torch.nn import functional

_ALPHA = 1.7580993408473766  # minus the limit of SELU, as in torch

# For each function: whether it trains by default, how many leading axes of a batch the mask has
# (None: all), whether a tensor of one axis less is one image, and whether it is an alpha dropout.
_KINDS = {
    functional.dropout: (True, None, None, False),
    functional.dropout1d: (True, 2, 2, False),
    functional.dropout2d: (True, 2, None, False),
    functional.dropout3d: (True, 2, 4, False),
    functional.alpha_dropout: (False, None, None, True),
    functional.feature_alpha_dropout: (False, 2, None, True),
    torch.dropout: (True, None, None, False),
    torch.dropout_: (True, None, None, False),
    torch.alpha_dropout: (True, None, None, True),
    torch.alpha_dropout_: (True, None, None, True),
    torch.feature_dropout: (True, 2, None, False),
    torch.feature_dropout_: (True, 2, None, False),
    torch.feature_alpha_dropout: (True, 2, None, True),
    torch.feature_alpha_dropout_: (True, 2, None, True),
}
_IN_PLACE = {
    torch.dropout_,
    torch.alpha_dropout_,
    torch.feature_dropout_,
    torch.feature_alpha_dropout_,
}

#: The functions that :func:`drop` can stand in for.
DROPOUTS = frozenset(_KINDS)


def drop(func, generator_of, input, p=0.5, training=None, inplace=False, *, train=None):
    """Do what `func` does with the other arguments, from the generator of the input's device.

    Parameters
    ----------
    func : callable
        One of ``DROPOUTS``.
    generator_of : callable
        Gives the generator of a device.
    input, p, training, inplace, train
        The arguments of `func`; those of ``torch.dropout`` call `training` ``train``.

    Returns
    -------
    Tensor
    """
    trains, n_axes, single, alpha = _KINDS[func]
    training = train if training is None else training
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not (trains if training is None else training) or p == 0:
        return input
    if n_axes is not None and input.ndim == single:
        n_axes -= 1
    shape = input.shape
    if n_axes is not None:
        shape = shape[:n_axes] + (1,) * (input.ndim - n_axes)
    mask = torch.empty(shape, dtype=input.dtype, device=input.device)
    mask.bernoulli_(1 - p, generator=generator_of(input.device))
    inplace = inplace or func in _IN_PLACE
    if not alpha or p == 1:
        if p < 1:
            mask.div_(1 - p)
        return input.mul_(mask) if inplace else input * mask
    scale = 1 / math.sqrt((_ALPHA**2 * p + 1) * (1 - p))
    offset = (mask - 1).mul_(_ALPHA * scale).add_(_ALPHA * scale * p)
    mask.mul_(scale)
    return input.mul_(mask).add_(offset) if inplace else input * mask + offset
