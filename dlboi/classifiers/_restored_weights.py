"""Hold the weights of a file against the network it describes, before that network is built."""

from collections.abc import Mapping
from typing import Any

import torch

from dlboi.training import ImageClassifierNet


def check_layers(arguments: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> None:
    """Refuse a description of more layers than there are weights: to build them takes hours.

    Parameters
    ----------
    arguments : mapping of str to object
        Arguments of the network; tuples have an entry for each layer.
    weights : mapping of str to Tensor
        What the file holds.

    Raises
    ------
    ValueError
        A tuple has more entries than there are weights.
    """
    for name, value in arguments.items():
        if isinstance(value, tuple | list) and len(value) > len(weights):
            raise ValueError(f"{name!r} has {len(value)} entries for {len(weights)} weights")


def check_shapes(net: ImageClassifierNet, weights: Mapping[str, torch.Tensor]) -> None:
    """Refuse weights of other shapes than the network has; no memory is taken for it.

    Parameters
    ----------
    net : ImageClassifierNet
        Not initialized.
    weights : mapping of str to Tensor
        What the file holds.

    Raises
    ------
    ValueError
        Names or shapes differ.
    """
    with torch.device("meta"):
        expected = net.module(**net.get_params_for("module")).state_dict()
    expected = {name: tuple(tensor.shape) for name, tensor in expected.items()}
    given = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    differing = sorted(name for name in expected | given if expected.get(name) != given.get(name))
    if differing:
        name = differing[0]
        raise ValueError(
            f"the weights {name!r} have the shape {given.get(name)}, and those of the network that "
            f"it describes have {expected.get(name)}"
        )
