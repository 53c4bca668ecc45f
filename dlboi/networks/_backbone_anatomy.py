"""Where the head, the feature map and the stages of a torchvision model are."""

import functools
from typing import NamedTuple

import torch
from torch import nn

from dlboi.networks._backbone_models import build_shapes, check_backbone

#: Side of the images by which the parts of a model are found; all models take it.
PROBE_SIZE = 224

#: Modules that only hold others.
_CONTAINERS = ("Sequential", "ModuleList", "Encoder")
_FEWEST_STAGES = 4


class Anatomy(NamedTuple):
    """Names of the parts of a model.

    Attributes
    ----------
    head : str
        The last layer.
    after_head : tuple of str
        Layers behind it, other than pooling.
    feature_map : str or None
        The module whose output is the last map (n, c, h, w) before the head; None where what
        follows it looks at single cells again, as in a vision transformer.
    after_map : tuple of str
        Layers behind the map, the head among them.
    is_linear : bool
        Whether only averaging lies between the map and the head.
    """

    head: str
    after_head: tuple[str, ...]
    feature_map: str | None
    after_map: tuple[str, ...]
    is_linear: bool


class Shapes(NamedTuple):
    """What a body makes of an image: its features, and (c, h, w) of its map or None."""

    n_features: int
    feature_map: tuple[int, int, int] | None


@functools.cache
def find_parts(name: str) -> Anatomy:
    """Find the parts of a model by one pass on the ``meta`` device."""
    model = build_shapes(name)
    layers = dict(model.named_modules())
    head = [key for key, layer in layers.items() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]
    calls = _trace(model, PROBE_SIZE, PROBE_SIZE)
    names = [call for call, _ in calls]
    end = names.index(head)
    kinds = {key: type(layer).__name__ for key, layer in layers.items()}
    is_leaf = {key: not list(layer.children()) for key, layer in layers.items()}

    def leaves(start):
        found = dict.fromkeys(names[start:])
        return tuple(key for key in found if is_leaf[key] and key not in names[:start])

    after_head = tuple(key for key in leaves(end + 1) if "Pool" not in kinds[key])
    maps = [
        position
        for position, (key, shape) in enumerate(calls[:end])
        if len(shape) == 4
        and min(shape[2:]) > 1
        and "Pool" not in kinds[key]
        and "Dropout" not in kinds[key]
    ]
    position = maps[-1]
    between = calls[position + 1 : end]
    if any(len(shape) == 3 for _, shape in between):
        return Anatomy(head, after_head, None, (), False)
    averages = all(
        any(word in kinds[key] for word in ("Pool", "Dropout", "Flatten")) for key, _ in between
    )
    after_map = leaves(position + 1)
    return Anatomy(head, after_head, names[position], after_map, averages)


@functools.cache
def find_shapes(name: str, height: int, width: int, image_size: int | None = None) -> Shapes:
    """Return what the body of a model makes of images of a size.

    Raises
    ------
    RuntimeError, AssertionError, ValueError
        The model does not take images of this size.
    """
    parts = find_parts(name)
    body = take_off_head(build_shapes(name, image_size), parts)
    calls = _trace(body, height, width)
    feature_map = dict(calls)[parts.feature_map][1:] if parts.feature_map else None
    return Shapes(calls[-1][1][1], feature_map)


def take_off_head(model: nn.Module, parts: Anatomy, *, at_map: bool = False) -> nn.Module:
    """Make the head, or all that follows the feature map, hand on what it is given."""
    for name in parts.after_map if at_map else (parts.head, *parts.after_head):
        owner, _, key = name.rpartition(".")
        setattr(model.get_submodule(owner), key, nn.Identity())
    return model


def takes(name: str, height: int, width: int) -> bool:
    """Whether a model, as torchvision builds it, takes images of a size."""
    try:
        find_shapes(name, height, width)
    except (RuntimeError, AssertionError, ValueError, ZeroDivisionError):
        return False
    return True


@functools.cache
def fixed_input_size(name: str) -> int | None:
    """Return the side of the only images that a backbone takes.

    Parameters
    ----------
    name : str
        One of :func:`list_backbones`.

    Returns
    -------
    int or None
        Pixels, as torchvision builds the model without weights; None where other sizes do.

    Examples
    --------
    >>> from dlboi.networks import fixed_input_size
    >>> fixed_input_size("vit_b_16"), fixed_input_size("resnet18")
    (224, None)
    """
    check_backbone(name)
    return None if takes(name, PROBE_SIZE + 32, PROBE_SIZE + 32) else PROBE_SIZE


@functools.cache
def minimum_input_size(name: str) -> int:
    """Return the side of the smallest images that a backbone takes.

    Parameters
    ----------
    name : str
        One of :func:`list_backbones`.

    Returns
    -------
    int
        Pixels. Such images leave a feature map of about one cell; more is advisable.

    Examples
    --------
    >>> from dlboi.networks import minimum_input_size
    >>> minimum_input_size("alexnet")
    63
    """
    fixed = fixed_input_size(name)
    if fixed is not None:
        return fixed
    refused, taken = 0, PROBE_SIZE
    while taken - refused > 1:
        middle = (refused + taken) // 2
        if takes(name, middle, middle):
            taken = middle
        else:
            refused = middle
    return taken


def find_stages(body: nn.Module) -> dict[str, nn.Module]:
    """Group the layers of a body into stages, from the input to the output.

    A stage begins with a layer or block that has parameters; layers without, and normalisations,
    belong to the stage before. Parameters that no layer holds (the class token and the positions
    of a vision transformer) belong to the first stage, where they enter.

    Returns
    -------
    dict of str to torch.nn.Module
        Name of the first layer, and a module that holds the layers of the stage.
    """
    units = {"": body}
    while sum(_has_parameters(unit) for unit in units.values()) < _FEWEST_STAGES:
        opened = {}
        for name, unit in units.items():
            if unit is body or type(unit).__name__ in _CONTAINERS:
                prefix = f"{name}." if name else ""
                opened |= {prefix + key: child for key, child in unit.named_children()}
            else:
                opened[name] = unit
        if opened.keys() == units.keys():
            break
        units = opened
    stages = {}
    for name, unit in units.items():
        is_norm = "Norm" in type(unit).__name__ and not list(unit.children())
        if not stages or (_has_parameters(unit) and not is_norm):
            current = stages[name] = nn.Module()
        current.add_module(name.replace(".", "/"), unit)
    held = {parameter for unit in units.values() for parameter in unit.parameters()}
    first = next(iter(stages.values()))
    for name, parameter in body.named_parameters():
        if parameter not in held:
            first.register_parameter(name.replace(".", "/"), parameter)
    return stages


def _has_parameters(module):
    return next(module.parameters(), None) is not None


def _trace(model, height, width):
    """Return name and output shape of each module, in the order in which they finish."""
    calls = []

    def record(name):
        def hook(layer, inputs, output):
            if isinstance(output, torch.Tensor):
                if not output.numel():
                    raise ValueError(f"Nothing is left of the image after {name}.")
                calls.append((name, tuple(output.shape)))

        return hook

    handles = [layer.register_forward_hook(record(key)) for key, layer in model.named_modules()]
    try:
        with torch.no_grad(), torch.device("meta"):
            model.eval()(torch.empty(2, 3, height, width))
    finally:
        for handle in handles:
            handle.remove()
    return calls
