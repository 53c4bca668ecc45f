"""From the parameters of an estimator to a pretrained network: which weights, frozen how far."""

import functools
import warnings
from numbers import Integral
from pathlib import Path

import numpy as np

from dlboi.exceptions import DlboiWarning
from dlboi.networks import check_backbone, fixed_input_size
from dlboi.training import read_weights


def describe_body(
    estimator, *, frozen_stages: int | None, stacklevel: int = 6
) -> tuple[dict, object]:
    """Return the arguments of the network that an estimator describes, and what prepares it.

    Parameters
    ----------
    estimator : PretrainedClassifier or PretrainedFeatures
        Its parameters `backbone`, `weights`, `input_size`, `normalization` and
        `pool_output_size`.
    frozen_stages : int or None
        Number of leading stages to freeze; None for the whole body.
    stacklevel : int, default=6
        Levels from the warning of random weights to the user's call.

    Returns
    -------
    arguments : dict
        Keyword arguments of :class:`dlboi.networks.PretrainedNetwork`.
    prepare : callable
        Called with the network: loads the weights and freezes.
    """
    check_backbone(estimator.backbone)
    given = _read_once(estimator.backbone, *_file_version(estimator.weights))
    if given is None and frozen_stages is None:
        warnings.warn(
            f"{type(estimator).__name__} with weights=None has a random backbone that stays as it "
            "is: what it makes of an image was never learnt. Use weights='DEFAULT' or the path of "
            "a state dict, or train the backbone (freeze_backbone=False).",
            DlboiWarning,
            stacklevel=stacklevel,
        )
    arguments = {
        "backbone": estimator.backbone,
        "pool_output_size": estimator.pool_output_size,
        "input_size": _input_size(estimator, given),
    }
    if given is not None:
        arguments |= {
            "mean": given.mean,
            "std": given.std,
            "transform_input": given.transform_input,
            "filled": False,
        }
    if estimator.normalization is not None:
        arguments["mean"], arguments["std"] = _normalization(estimator)
        arguments["transform_input"] = False
    return arguments, functools.partial(_prepare, given, frozen_stages)


@functools.lru_cache(maxsize=1)
def _read_once(backbone, weights, *version):
    """Read weights, or take those that were read last: a search fits many times with the same."""
    return read_weights(backbone, weights)


def _file_version(weights):
    """Return the weights with what changes when their file does."""
    try:
        path = Path(weights).expanduser().absolute()
        state = path.stat()
    except (OSError, TypeError, RuntimeError):  # the name of weights, None, or no such user
        return (weights,)
    return path, state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def _prepare(given, frozen_stages, module):
    if given is not None:
        module.load_body(given.state_dict, given.digest)
    module.freeze(frozen_stages)


def _normalization(estimator):
    """Return mean and standard deviation of three channels."""
    try:
        mean, std = (
            tuple(float(value) for value in np.broadcast_to(np.asarray(values, float), 3))
            for values in estimator.normalization
        )
        if not np.isfinite(mean + std).all() or min(std) <= 0:
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(
            f"The 'normalization' parameter of {type(estimator).__name__} must be None or a pair "
            "(mean, std), each a number or three numbers, std above 0. Got "
            f"{estimator.normalization!r} instead."
        ) from None
    return mean, std


def _input_size(estimator, given):
    size = estimator.input_size
    if isinstance(size, (tuple, list)):
        if len(size) != 2 or not all(isinstance(side, Integral) and side > 0 for side in size):
            raise ValueError(
                f"The 'input_size' parameter of {type(estimator).__name__} must be a side, a pair "
                f"of height and width, 'weights' or None. Got {size!r} instead."
            )
        return tuple(map(int, size))
    if size is None:
        fixed = fixed_input_size(estimator.backbone)
        return fixed if given is None or fixed is None else given.input_size or fixed
    if size != "weights":
        return size
    if given is None or given.input_size is None:
        raise ValueError(
            f"The 'input_size' parameter of {type(estimator).__name__} must be a number of pixels "
            "or None for weights whose size is not known, which are those from a path, and random "
            "ones. Got 'weights' instead."
        )
    return given.input_size
