"""Files of tensors with a header: safetensors, whose header takes a text of JSON."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

_KEY = "dlboi"


def pack_tensors(tensors: Mapping[str, torch.Tensor], header: dict) -> bytes:
    """Return the content of a file of tensors.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        On any device; no two may share memory.
    header : dict
        What JSON can hold, arrays, numpy's scalars and paths.

    Returns
    -------
    bytes
    """
    from safetensors.torch import save

    values = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(values, {_KEY: json.dumps(header, default=plain)})


def read_tensors(path: Path) -> tuple[str | None, dict[str, torch.Tensor]]:
    """Read a file of tensors; nothing in it is executed.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    header : str or None
        The text of the header; None where the file has none of dlboi's.
    tensors : dict of str to Tensor

    Raises
    ------
    safetensors.SafetensorError
        The file is damaged or of another format.
    OSError
        The file cannot be read.
    """
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    return metadata.get(_KEY), tensors


def hash_tensors(tensors: Mapping[str, torch.Tensor]) -> str:
    """Return a hash of names, types, shapes and values, in their order.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        On any device.

    Returns
    -------
    str
    """
    digest = hashlib.sha256()
    for name, tensor in tensors.items():
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name}{values.dtype}{tuple(values.shape)}".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def plain(value):
    """Return what JSON writes in place of an array, a scalar of numpy or a path."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value)} cannot be written as JSON")
