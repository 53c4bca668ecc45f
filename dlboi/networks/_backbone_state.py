"""Weights of a torchvision model, for a body without its head."""

import re
from collections import OrderedDict

import torch
from torch import nn

from dlboi.exceptions import BackboneError
from dlboi.networks._backbone_anatomy import find_parts, take_off_head
from dlboi.networks._backbone_models import build_shapes

#: Heads inside of GoogLeNet and Inception, which only serve their training from scratch.
_AUXILIARY = ("aux1", "aux2", "AuxLogits")

#: Names in older files of DenseNet and of the vision transformers, and what they are now.
_OLD_NAMES = [
    (re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)"), r"\1\2"),
    (re.compile(r"\.mlp\.linear_1\."), ".mlp.0."),
    (re.compile(r"\.mlp\.linear_2\."), ".mlp.3."),
]

_MOST_NAMED = 5

#: Sources that fit a body, with what the body is.
_fitting = set()


def load_body(
    body: nn.Module,
    state_dict: dict,
    name: str,
    image_size: int | None,
    at_map: bool,
    source: str | None = None,
) -> None:
    """Load the weights of a model into its body.

    Parameters
    ----------
    body : torch.nn.Module
        A model whose head, or all that follows its feature map, is taken off.
    state_dict : dict of str to torch.Tensor
        State of the whole model.
    name : str
        One of :func:`list_backbones`.
    image_size : int or None
        The side for which a vision transformer is built.
    at_map : bool
        Whether all that follows the feature map is taken off.
    source : str, default=None
        Hash of the state: one that has been found to fit is not looked at again.

    Raises
    ------
    BackboneError
        Layers are missing, unknown or of another shape. Nothing is loaded then.
    """
    parts = find_parts(name)
    dropped = (parts.head, *_AUXILIARY, *(parts.after_map if at_map else ()))
    state = OrderedDict(
        (current_name(key), value)
        for key, value in state_dict.items()
        if not any(key.startswith(f"{layer}.") for layer in dropped)
    )
    # Modules that have changed their names ask which version wrote the file.
    state._metadata = getattr(state_dict, "_metadata", None) or body.state_dict()._metadata
    for key, count in body.state_dict().items():
        if key.endswith("num_batches_tracked"):  # older files have none
            state.setdefault(key, torch.zeros_like(count))
    fit = (source, name, image_size, at_map)
    faults = []
    if source is None or fit not in _fitting:
        trial = take_off_head(build_shapes(name, image_size), parts, at_map=at_map)
        faults = _find_faults(trial, state)
    if faults:
        raise BackboneError(
            f"The state dict does not fit {name}. {' '.join(faults)} "
            "Give the weights of the same model, or name the backbone that they belong to."
        )
    _fitting.add(fit)
    body.load_state_dict(state, strict=False)


def current_name(key: str) -> str:
    """Return the name that a layer has in the models of today.

    Parameters
    ----------
    key : str
        Name in a state dict, possibly an old one.

    Returns
    -------
    str
    """
    for pattern, replacement in _OLD_NAMES:
        key = pattern.sub(replacement, key)
    return key


def _find_faults(trial, state):
    """Load shapes only, into a body on the ``meta`` device, and say what does not fit."""
    shapes = OrderedDict((key, value.to("meta")) for key, value in state.items())
    shapes._metadata = state._metadata
    expected = trial.state_dict()
    wrong = [
        f"{key} is {_text(value)} and should be {_text(expected[key])}"
        for key, value in shapes.items()
        if key in expected and value.shape != expected[key].shape
    ]
    faults = [f"Wrong shapes: {_some(wrong)}."] if wrong else []
    if not wrong:
        result = trial.load_state_dict(shapes, strict=False)
        found = {"Missing": result.missing_keys, "Unknown": result.unexpected_keys}
        faults += [f"{fault}: {_some(keys)}." for fault, keys in found.items() if keys]
    return faults


def _text(tensor):
    return "×".join(map(str, tensor.shape)) or "one number"


def _some(names):
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
