"""What decides the weights that a fit ends with, in a form that can be compared."""

import hashlib
from collections.abc import Iterable

import numpy as np
import torch

from dlboi._version import __version__
from dlboi.classifiers._fit_data import FitData
from dlboi.classifiers._net_setup import named_callback
from dlboi.training import ImageArray, ImageClassifierNet, LabelledImages
from dlboi.training._estimator_settings import level_settings
from dlboi.training._tensor_file import hash_tensors

#: Parameters that decide nothing, or whose effect stands under the same name in another form.
_TOLD_OTHERWISE = ("callbacks", "device", "precision", "random_state", "warm_start")


def fit_settings(estimator, net: ImageClassifierNet, data: FitData) -> dict[str, str]:
    """Return what decides the weights besides images and labels, as text by name.

    Parameters
    ----------
    estimator : ImageClassifier
        The classifier.
    net : ImageClassifierNet
        What it trains.
    data : FitData
        What it trains on.

    Returns
    -------
    dict of str to str
    """
    settings = level_settings(estimator)
    for name in _TOLD_OTHERWISE:
        settings.pop(name, None)
    return {
        **settings,
        "callbacks": str([_callback_settings(entry) for entry in estimator.callbacks or ()]),
        "device": torch.device(net.device).type,
        "precision": net.precision,
        "random_state": "None" if estimator.random_state is None else f"seed {net.seed}",
        "classes": f"{data.classes.tolist()} ({data.classes.dtype})",
        "monitor": str(sorted(data.monitors)),
        # torchvision goes with one version of torch.
        "dlboi": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def fit_digests(net: ImageClassifierNet, data: FitData, fixed: Iterable[str]) -> dict[str, str]:
    """Return hashes of what decides the weights and is too large to be written, by name.

    Parameters
    ----------
    net, data
        As in :func:`fit_settings`.
    fixed : iterable of str
        Names of weights that training does not change.

    Returns
    -------
    dict of str to str
    """
    state = net.module_.state_dict()
    sets = {"training": data.training, "validation": data.validation} | {
        f"monitor {name!r}": dataset for name, dataset in data.monitors.items()
    }
    digests = {
        f"{name} images or their classes": _set_digest(dataset)
        for name, dataset in sets.items()
        if dataset is not None
    }
    return {
        **digests,
        "weights of the images (sample_weight, class_weight)": _weight_digest(data.training),
        "weights of the frozen backbone": hash_tensors(
            {name: state[name] for name in sorted(fixed)}
        ),
    }


def _callback_settings(entry):
    name, callback = named_callback(entry)
    return name, level_settings(callback)


def _set_digest(dataset: LabelledImages):
    images = dataset.images
    kind = images.array.dtype.str if isinstance(images, ImageArray) else "files"
    return f"{dataset.digest()} {kind} {images.image_shape}"


def _weight_digest(dataset: LabelledImages):
    if dataset.weight is None:
        return "none"
    return hashlib.blake2b(dataset.weight.numpy().tobytes(), digest_size=16).hexdigest()
