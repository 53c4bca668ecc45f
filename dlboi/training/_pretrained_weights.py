"""Weights of a torchvision model: by name from torchvision, or from a file; never executed."""

import hashlib
import os
import pickle
import re
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import torch

from dlboi.exceptions import MissingPathError, ModelFileError, TorchvisionImportError
from dlboi.networks._backbone_state import current_name

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)

#: torchvision builds these two, when it gives them weights, with ``transform_input=True``: they
#: were trained elsewhere, on pixels from -1 to 1, and undo ImageNet's normalisation themselves.
_TRANSFORM_INPUT = ("googlenet", "inception_v3")

_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".tar", ".safetensors")


class PretrainedWeights(NamedTuple):
    """Weights of a torchvision model, and what they expect of an image.

    Attributes
    ----------
    state_dict : OrderedDict of str to Tensor
        On the CPU, with the names of the layers of today's torchvision, head included.
    mean, std : tuple of float
        Normalisation of the three channels, for pixels in [0, 1].
    input_size : int or None
        Side of the images that the weights were trained with; None where it is not known.
    transform_input : bool
        What GoogLeNet and Inception must be built with for these weights.
    digest : str
        Hash of names, shapes, types and values.
    description : str
        Where the weights come from, for people.
    """

    state_dict: dict[str, torch.Tensor]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    input_size: int | None
    transform_input: bool
    digest: str
    description: str


def read_weights(backbone: str, weights: str | os.PathLike | None) -> PretrainedWeights | None:
    """Read the weights that the `weights` parameter of a classifier asks for.

    Parameters
    ----------
    backbone : str
        Name of a classification model of torchvision.
    weights : str, path-like or None
        ``"DEFAULT"`` or another name that torchvision gives to weights of this model, such as
        ``"IMAGENET1K_V1"``: downloaded once into torch's own cache, and checked by hash at each
        reading. Or the path of a state dict: a file of ``torch.save`` or of safetensors.

    Returns
    -------
    PretrainedWeights or None
        None for None.

    Raises
    ------
    ValueError
        `weights` is no name that this model has weights for, and no path.
    MissingPathError
        There is no such file, or the weights cannot be downloaded; says which file to put where.
    ModelFileError
        The file is truncated, holds no state dict, or holds objects that only code could rebuild.
    TorchvisionImportError
        A name was given, and torchvision cannot be imported.

    Notes
    -----
    Files are read with ``weights_only=True``: nothing in them is executed. A checkpoint may hold
    the state dict under ``"state_dict"`` or ``"model"``, and its names may begin with
    ``"module."``. The weights in a file do not say what they were trained with: ImageNet's
    normalisation is taken for them, and no size.
    """
    if weights is None:
        return None
    if _is_path(weights):
        state_dict = _current_names(_read_file(Path(weights).expanduser()), backbone)
        mean, std, size, source = _IMAGENET_MEAN, _IMAGENET_STD, None, f"state dict {weights}"
    else:
        entry = _find_entry(backbone, weights)
        preprocessing = entry.transforms()
        mean, std = tuple(preprocessing.mean), tuple(preprocessing.std)
        size = int(preprocessing.crop_size[0])
        source = f"{type(entry).__name__}.{entry.name} of torchvision"
        state_dict = _current_names(_read_download(entry.url), backbone)
    return PretrainedWeights(
        state_dict=_lay_out_kernels(state_dict),
        mean=mean,
        std=std,
        input_size=size,
        transform_input=backbone in _TRANSFORM_INPUT,
        digest=_digest(state_dict),
        description=source,
    )


def _is_path(weights):
    if isinstance(weights, os.PathLike):
        return True
    if not isinstance(weights, str):
        raise TypeError(
            "The 'weights' parameter must be the name of weights of torchvision, the path of a "
            f"state dict, or None. Got {weights!r} instead."
        )
    return (
        weights.endswith(_SUFFIXES)
        or os.sep in weights
        or bool(os.altsep and os.altsep in weights)
        or Path(weights).is_file()
    )


def _find_entry(backbone, name):
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:
        raise TorchvisionImportError(
            f"torchvision cannot be imported ({error}). torch and torchvision must come as one "
            "pair from one index: pip install --force-reinstall torch torchvision"
        ) from error
    entries = models.get_model_weights(backbone)
    if name not in entries.__members__:
        raise ValueError(
            f"The 'weights' parameter for {backbone!r} must be one of "
            f"{sorted(entries.__members__)}, the path of a state dict "
            f"(.pt, .pth, .safetensors), or None. Got {name!r} instead."
        )
    return entries[name]


def _read_download(url):
    name = url.rpartition("/")[2]
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    found = re.search(r"-([0-9a-f]{8,})\.", name)
    expected = found.group(1) if found else ""
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Not torch.hub.load_state_dict_from_url: it prints, and it checks no file in the cache.
            torch.hub.download_url_to_file(url, str(path), expected or None, progress=False)
        except (OSError, RuntimeError) as error:
            raise MissingPathError(
                f"The weights cannot be downloaded from {url} ({error}). Without a network: "
                f"download {name} elsewhere and put it into {path.parent}, or give the path of a "
                "state dict with weights=path, or weights=None for random weights."
            ) from error
    if not _file_hash(path).startswith(expected):
        raise ModelFileError(
            f"{path} is truncated or damaged: its hash is not the {expected} of its name. Delete "
            "the file; it is then downloaded again, or put a complete copy there."
        )
    return _read_file(path)


def _file_hash(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_file(path):
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise MissingPathError(
            f"{path} {what}. The 'weights' parameter takes the path of a state dict: a file of "
            "torch.save(model.state_dict(), path) or of safetensors."
        )
    read = _read_safetensors if path.suffix == ".safetensors" else _read_torch
    return _state_dict(read(path), path)


def _read_safetensors(path):
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelFileError(
            f"{path} is truncated or is no safetensors file ({error}). Copy or save it again."
        ) from error


def _read_torch(path):
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # any, for what unpickling of damaged bytes raises has no end
        # A damaged zip file fails before its pickle is read.
        if isinstance(error, pickle.UnpicklingError) and zipfile.is_zipfile(path):
            raise ModelFileError(
                f"{path} holds more than weights (a whole model, or other objects), which could "
                "only be read by running code from the file. If you trust it, read it yourself "
                "with torch.load(path, weights_only=False) and write its weights alone with "
                "torch.save(model.state_dict(), new_path)."
            ) from error
        raise ModelFileError(
            f"{path} is truncated, or is no file of weights that torch.save wrote "
            f"({type(error).__name__}: {_first_line(error)}). Copy or save it again, as "
            "torch.save(model.state_dict(), path)."
        ) from error


def _first_line(error):
    return str(error).strip().partition("\n")[0]


def _state_dict(content, path):
    for key in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
            break
    if (
        not isinstance(content, dict)
        or not content
        or not all(
            isinstance(name, str) and isinstance(value, torch.Tensor)
            for name, value in content.items()
        )
    ):
        keys = list(content)[:5] if isinstance(content, dict) else type(content).__name__
        raise ModelFileError(
            f"{path} holds no state dict (names of layers and their tensors), but {keys}. Write "
            "one with torch.save(model.state_dict(), path)."
        )
    return content


def _current_names(content, backbone):
    """Return the tensors under the names that the models of today have."""
    state_dict = OrderedDict()
    for name, value in content.items():
        state_dict[current_name(name.removeprefix("module."))] = value
    metadata = getattr(content, "_metadata", None)
    if backbone.startswith("mnasnet") and "version" not in (metadata or {}).get("", {}):
        metadata = {"": {"version": 2}}  # this one model refuses weights without a version
    if metadata is not None:
        state_dict._metadata = metadata
    return state_dict


def _digest(state_dict):
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(state_dict):
        tensor = state_dict[name]
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _lay_out_kernels(state_dict):
    """Let kernels lie as the networks use them: they are copied into each that is built."""
    laid_out = OrderedDict(
        (name, value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value)
        for name, value in state_dict.items()
    )
    if hasattr(state_dict, "_metadata"):
        laid_out._metadata = state_dict._metadata
    return laid_out
