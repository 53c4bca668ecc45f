"""Which torchvision models may be a backbone, and how they are built."""

import difflib
import functools

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from dlboi.exceptions import TorchvisionImportError, UnknownBackboneError

#: Auxiliary heads are off, and so are truncated normal draws by scipy, which take a minute.
_WITHOUT_EXTRAS = {"aux_logits": False, "init_weights": False}
_OPTIONS = {"googlenet": _WITHOUT_EXTRAS, "inception_v3": _WITHOUT_EXTRAS}

_FILLS = {torch.Tensor.normal_, torch.Tensor.uniform_}


def list_backbones() -> list[str]:
    """Return the names of the torchvision classification models.

    Returns
    -------
    list of str
        Names, sorted.

    Raises
    ------
    TorchvisionImportError
        torchvision cannot be imported.

    Examples
    --------
    >>> from dlboi.networks import list_backbones
    >>> "resnet18" in list_backbones()
    True
    """
    models = _import_models()
    return sorted(models.list_models(module=models))


def check_backbone(name: str) -> None:
    """Refuse a name that is not one of :func:`list_backbones`.

    Parameters
    ----------
    name : str
        Name of a torchvision classification model.

    Raises
    ------
    UnknownBackboneError
        There is no such model; the message gives the nearest names.
    TorchvisionImportError
        torchvision cannot be imported.
    """
    names = list_backbones()
    if name in names:
        return
    near = difflib.get_close_matches(str(name).lower(), names, n=3, cutoff=0.4)
    hint = f"The nearest names are {', '.join(near)}. " if near else ""
    raise UnknownBackboneError(
        "The 'backbone' parameter must be a classification model of torchvision. "
        f"Got {name!r} instead. {hint}dlboi.networks.list_backbones() gives them all."
    )


def build_model(name: str, image_size: int | None = None, *, filled: bool = True) -> nn.Module:
    """Return a torchvision model with random weights, on torch's default device.

    Parameters
    ----------
    name : str
        Name of the model.
    image_size : int, optional
        Side of the images of a vision transformer, which is built for one size.
    filled : bool, default=True
        False leaves the weights as the memory was, for those that are loaded next.
    """
    if torch.get_default_device().type == "meta":
        return build_shapes(name, image_size)
    options = dict(_OPTIONS.get(name, {}))
    if image_size is not None:
        options["image_size"] = image_size
    if filled:
        return _import_models().get_model(name, weights=None, **options)
    with _Unfilled():
        model = _import_models().get_model(name, weights=None, **options)
    _lay_out_kernels(model)
    return model


def build_shapes(name: str, image_size: int | None = None) -> nn.Module:
    """Return a torchvision model on the ``meta`` device: shapes without values.

    Some models compute widths and indices with tensors as they are built. These need values, so
    that only what is to be filled at random is left without.
    """
    with torch.device("cpu"), _EmptyOnMeta():
        model = build_model(name, image_size)
    return model.to("meta")


def _lay_out_kernels(model):
    """Let unfilled kernels lie as they are used; filled or copied, each page would be touched."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data = torch.empty_like(layer.weight, memory_format=torch.channels_last)


class _Unfilled(TorchFunctionMode):
    """Context in which no tensor is filled at random."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func in _FILLS or getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


class _EmptyOnMeta(TorchFunctionMode):
    """Context in which ``torch.empty`` gives tensors without values, which are not filled."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func is torch.empty:
            return func(*args, **{**kwargs, "device": "meta"})
        if func in _FILLS or getattr(func, "__module__", None) == "torch.nn.init":
            tensor = args[0] if args else kwargs["tensor"]
            if tensor.is_meta:
                return tensor
        return func(*args, **kwargs)


@functools.cache
def _import_models():
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:
        raise TorchvisionImportError(
            f"torchvision cannot be imported ({error}). torch and torchvision must come as one "
            "pair from one index: pip install --force-reinstall torch torchvision"
        ) from error
    return models
