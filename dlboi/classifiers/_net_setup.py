"""From the parameters of a classifier to the net that is trained."""

import functools

import numpy as np
import torch
from sklearn.base import clone
from skorch.callbacks import BatchScoring, EarlyStopping, PassthroughScoring
from skorch.utils import noop

from dlboi.networks import summarize
from dlboi.training import (
    ImageClassifierNet,
    KeepBest,
    LearningRate,
    LogitLoss,
    ProgressBar,
    ScoreMonitors,
    StopOnDivergence,
    make_augmentation,
    resolve_precision,
)
from dlboi.training._save_each_epoch import SaveEachEpoch

OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}

#: Values that the largest activation of a micro-batch may have. Its neighbours then stay in the
#: processor's cache, and all blocks stay far below the 32 MB from which the C library maps fresh,
#: zeroed pages for each. ``python -m benchmarks.train`` shows what another number costs.
_MICRO_BATCH_VALUES = {"float32": 1_100_000, "bfloat16": 4_400_000}
_MICRO_BATCH_VALUES_OF_A_GPU = 250_000_000

#: Values of the largest activation that make a lane, and so a thread, worth its while.
_LANE_VALUES = 1_000_000


def make_net(
    classifier, arguments, n_classes, image_shape, *, device, seed=0, prepare=None, n_outputs=None
) -> ImageClassifierNet:
    """Return the net that the parameters of a classifier describe, not initialized.

    Parameters
    ----------
    classifier : ImageClassifier
        Its parameters, and the class of its network.
    arguments : dict
        Keyword arguments of the network, but for its input and outputs.
    n_classes : int
        Number of classes.
    image_shape : tuple of (int, int, int)
        Channels, height and width of the images.
    device : torch.device
        Where to compute.
    seed : int, default=0
        Decides all that is random.
    prepare : callable, default=None
        Called with the network once it is built.
    n_outputs : int, default=None
        Number of logits; None takes what the `loss` of the classifier needs.
    """
    kind = classifier.loss
    if kind == "auto":
        kind = "bce" if n_classes == 2 else "ce"
    if n_outputs is not None:  # of a network from a file
        kind = "bce" if n_outputs == 1 else "ce"
    module = classifier._module
    arguments = {
        **arguments,
        "input_shape": image_shape,
        "n_outputs": 1 if kind == "bce" else n_classes,
    }
    return ImageClassifierNet(
        **_computing(classifier, module, arguments, device),
        criterion=LogitLoss,
        criterion__kind=kind,
        optimizer=OPTIMIZERS[classifier.optimizer],
        optimizer__weight_decay=classifier.weight_decay,
        optimizer__fused=True,
        **_parameter_groups(classifier),
        lr=classifier.lr,
        max_epochs=classifier.max_epochs,
        batch_size=classifier.batch_size,
        callbacks=[],
        seed=seed,
        augment=make_augmentation(classifier.augment),
        prepare=prepare,
    )


def make_feature_net(
    transformer, module, arguments, image_shape, *, device, seed, prepare
) -> ImageClassifierNet:
    """Return a net that computes features and learns nothing, not initialized.

    Parameters
    ----------
    transformer : PretrainedFeatures
        Its parameters.
    module : type
        Class of the network.
    arguments, image_shape, device, seed, prepare
        As in :func:`make_net`.
    """
    arguments = {**arguments, "input_shape": image_shape, "n_outputs": 1}
    return ImageClassifierNet(
        **_computing(transformer, module, arguments, device),
        criterion=LogitLoss,
        criterion__kind="bce",
        seed=seed,
        prepare=prepare,
    )


def _computing(estimator, module, arguments, device):
    """Return the arguments of a net that say what is computed, and where and in which parts."""
    largest = _largest_activation(module, *sorted(arguments.items()))
    precision = resolve_precision(estimator.precision, device)
    return {
        "module": module,
        **{f"module__{name}": value for name, value in arguments.items()},
        "train_split": None,
        "device": str(device),
        "verbose": 0,
        "precision": precision,
        "micro_batch": _micro_batch(largest, precision, device),
        "lane_size": -(-_LANE_VALUES // largest),
        "n_threads": estimator.n_threads,
    }


def _parameter_groups(classifier):
    """Put the body's parameters in a group before all others, where it has a rate of its own."""
    rate = getattr(classifier, "backbone_lr", None)
    return {} if rate is None else {"optimizer__param_groups": [("body.*", {"lr": rate})]}


def make_callbacks(
    classifier, monitors, keep_best: KeepBest, n_epochs: int, saving: SaveEachEpoch | None
) -> list:
    """Return the callbacks of a fit, the user's among them, in the order of their calls."""
    schedule = LearningRate(classifier.schedule, n_epochs, classifier.step_size, classifier.gamma)
    callbacks = [
        ("learning_rate", schedule),
        ("stop_on_divergence", StopOnDivergence()),
        ("score_monitors", ScoreMonitors(monitors)),
        ("keep_best", keep_best),
    ]
    callbacks += classifier._own_callbacks()
    if classifier.verbose:
        bar = ProgressBar(type(classifier).__name__, classifier.max_epochs)
        callbacks.append(("progress_bar", bar))
    callbacks += [_clone_callback(callback) for callback in classifier.callbacks or ()]
    if classifier.early_stopping:
        stopper = EarlyStopping(patience=classifier.patience, threshold=0, sink=noop)
        callbacks.append(("early_stopping", stopper))
    if saving is not None:
        callbacks.append(("save_each_epoch", saving))
    return callbacks


def choosing_record(classifier, has_validation: bool) -> str | None:
    """Return the record of the history that chooses the epoch, or None for the last epoch."""
    chooser = classifier.restore_best
    if chooser == "auto":
        chooser = "val_loss" if has_validation else None
    return {None: None, "val_loss": "valid_loss", "val_accuracy": "valid_accuracy"}[chooser]


@functools.lru_cache(maxsize=64)
def _largest_activation(module, *arguments):
    """Return the number of values, for one image, of the largest activation of a network."""
    arguments = dict(arguments)
    with torch.device("meta"):
        return summarize(module(**arguments), arguments["input_shape"]).largest_activation


def _micro_batch(n_values, precision, device):
    """Return how many images, of `n_values` in the largest activation, pass at once."""
    if device.type == "cpu":
        return int(np.clip(_MICRO_BATCH_VALUES[precision] // n_values, 1, 32))
    return int(np.clip(_MICRO_BATCH_VALUES_OF_A_GPU // n_values, 1, 256))


def named_callback(entry) -> tuple:
    """Return name and callback of an entry of the `callbacks` parameter; the name may be None.

    Raises
    ------
    ValueError
        It is no callback, or one that needs records of batches.
    """
    name, callback = entry if isinstance(entry, tuple) and len(entry) == 2 else (None, entry)
    if not hasattr(callback, "on_epoch_end"):
        raise ValueError(
            "The 'callbacks' parameter must be a list of skorch callbacks, or of pairs of a name "
            f"and a callback. Got {entry!r} in it instead."
        )
    if isinstance(callback, (BatchScoring, PassthroughScoring)):
        raise ValueError(
            f"The 'callbacks' parameter cannot take {type(callback).__name__}: no batch is "
            "recorded. Use EpochScoring."
        )
    return name, callback


def _clone_callback(entry):
    """Return a fresh copy of a callback, or of a pair of name and callback: fit changes it."""
    name, callback = named_callback(entry)
    fresh = clone(callback, safe=False)
    return fresh if name is None else (name, fresh)
