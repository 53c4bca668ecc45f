"""The skorch net that every classifier holds: the one place where a network learns."""

import math
import time
from contextlib import closing, nullcontext

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from skorch import NeuralNet
from skorch.callbacks import Callback, EarlyStopping
from skorch.utils import TeeGenerator

from dlboi.training._dataset import ImageBatch, LabelledImages, ShuffledBatches, WholeSet
from dlboi.training._feature_rows import FeatureRows
from dlboi.training._gradients import BatchGradients
from dlboi.training._image_files import ImageFiles
from dlboi.training._images import channels_last, scale_pixels
from dlboi.training._lanes import Lanes
from dlboi.training._linear_head import LinearHeadGradients, linear_head
from dlboi.training._losses import predicted_class, probabilities
from dlboi.training._randomness import LocalRandomness
from dlboi.training._resident import fetch_ahead
from dlboi.training._wide_input import WideInputGradients, wide_input

#: What callbacks may hear of each batch.
_OF_A_BATCH = ("on_batch_begin", "on_batch_end", "on_grad_computed")

#: Rows of features that pass through the network at once in prediction.
_ROWS_AT_ONCE = 256


class StopTraining(Exception):
    """Raised by a callback at the end of an epoch that is to be the last."""


class ImageClassifierNet(ClassifierMixin, NeuralNet):
    """A skorch net for images: whole-batch indexing, local randomness, the same bits everywhere.

    It is fitted on a pair (training set, validation set or None) of :class:`LabelledImages`. A
    batch is divided into lanes, and those into micro-batches that fit the processor's cache; their
    gradients are added in a fixed order, so that neither the number of threads nor another fit
    beside it changes a bit. Losses stay on the device until an epoch ends: ``history`` has rows of
    epochs, and in each an empty row of batches, which skorch's checkpoints look for.

    skorch's callbacks that work by the epoch can be used: EpochScoring (always from the
    predictions that training made), Checkpoint, TrainEndCheckpoint, EarlyStopping,
    GradientNormClipping, EpochTimer, ParamMapper and its kin. BatchScoring and PassthroughScoring
    cannot, for no batch is recorded.

    Parameters
    ----------
    module, criterion, predict_nonlinearity, use_caching, **kwargs
        As in :class:`skorch.NeuralNet`.
    seed : int
        Decides the first weights, the order of the images, dropout and augmentation.
    precision : {"float32", "bfloat16"}
        What convolutions and matrix products are computed in.
    micro_batch : int
        Images that pass through the network at once.
    lane_size : int
        Fewest images of a batch that are given a lane of their own.
    augment : callable or None
        Transform of one training image (c, h, w).
    n_threads : int or "auto"
        Lanes that run at once, at most.
    prepare : callable or None
        Called with the network once it is built, before there is an optimizer: reads weights,
        freezes layers. It is not kept.
    """

    def __init__(
        self,
        *args,
        seed=0,
        precision="float32",
        micro_batch=32,
        lane_size=32,
        augment=None,
        n_threads="auto",
        prepare=None,
        predict_nonlinearity=probabilities,
        use_caching=True,
        **kwargs,
    ):
        self.seed = seed
        self.precision = precision
        self.micro_batch = micro_batch
        self.lane_size = lane_size
        self.augment = augment
        self.n_threads = n_threads
        self.prepare = prepare
        super().__init__(
            *args,
            predict_nonlinearity=predict_nonlinearity,
            use_caching=use_caching,
            **kwargs,
        )

    # ---------------------------------------------------------------- what skorch is made to do

    @property
    def _default_callbacks(self):
        return []

    def initialize_module(self):
        """Build the network with weights drawn from the net's own seed."""
        with LocalRandomness(self.seed):
            super().initialize_module()
        if self.prepare is not None:
            self.prepare(self.module_)
            self.prepare = None
        self.module_.to(memory_format=torch.channels_last)
        return self

    def get_split_datasets(self, X, y=None, **fit_params):
        """Return the training set and the validation set that `X` is a pair of."""
        return X

    def get_iterator(self, dataset, training=False):
        """Return shuffled batches to train on, or the whole set as one batch to score."""
        if training:
            return ShuffledBatches(dataset, self.batch_size, self.seed)
        return WholeSet(dataset)

    @property
    def classes_(self) -> np.ndarray:
        """Codes of the classes: scorers of scikit-learn ask for them."""
        n_outputs = self.get_params_for("module")["n_outputs"]
        return np.arange(max(n_outputs, 2))

    def predict(self, X) -> np.ndarray:
        """Return the code of the most probable class of each image of a LabelledImages."""
        return self.predict_proba(X).argmax(axis=1)

    def on_epoch_begin(self, net, **kwargs):
        """Open a row of the history, with one row of batches that stays empty."""
        super().on_epoch_begin(net, **kwargs)
        self.history.new_batch()

    def on_batch_begin(self, net, batch=None, training=False, **kwargs):
        """Record no row for a batch."""

    def notify(self, method_name, **cb_kwargs):
        """Call the callbacks; tell skorch's early stopping from a real Ctrl-C."""
        if method_name in _OF_A_BATCH and method_name not in self._heard_:
            return
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt:
            stoppers = [cb for _, cb in self.callbacks_ if isinstance(cb, EarlyStopping)]
            if method_name == "on_epoch_end" and any(cb.misses_ == cb.patience for cb in stoppers):
                raise StopTraining from None
            raise

    def partial_fit(self, X, y=None, classes=None, epochs=None, **fit_params):
        """Train for `epochs`; Ctrl-C ends it, after ``on_train_end``, with the exception.

        Parameters
        ----------
        X : tuple of (LabelledImages, LabelledImages or None)
            Training set and validation set.
        y : None
            Not used.
        classes : None
            Not used.
        epochs : int, default=None
            None takes ``max_epochs``.
        **fit_params : dict
            Not used.

        Returns
        -------
        self : object
            The net.
        """
        if not self.initialized_:
            self.initialize()
        self.notify("on_train_begin", X=X, y=y)
        try:
            on_device = tuple(None if part is None else part.to(self.device) for part in X)
            with Lanes(self._n_threads) as self._lanes_:
                self.fit_loop(on_device, y, epochs)
        except StopTraining:
            pass
        except Exception:
            # The weights go back to the best epoch; moments of later steps do not fit them.
            self.forget_optimizer_state()
            raise
        finally:
            for name in ("_lanes_", "_gradients_", "_heard_"):
                self.__dict__.pop(name, None)
            self.module_.zero_grad(set_to_none=True)
            self.module_.eval()
            self.notify("on_train_end", X=X, y=y)
        return self

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Train or validate once over the set; record mean loss, accuracy and seconds."""
        if iterator is None:
            return
        start = time.perf_counter()
        # A step of a small head costs hardly more than calling methods that do nothing.
        self._heard_ = [name for name in _OF_A_BATCH if self._is_heard(name)]
        losses, weights, logits, targets = [], [], [], []
        # Closed, so that an epoch that is broken off leaves no thread.
        with closing(self._open_epoch(iterator, training)) as batches:
            for batch in batches:
                self.notify("on_batch_begin", batch=batch, training=training)
                step = step_fn(batch)
                self.notify("on_batch_end", batch=batch, training=training, **step)
                images, target = batch
                losses.append(step["loss"])
                weights.append(len(images) if images.weight is None else float(images.weight.sum()))
                logits.append(step["y_pred"])
                targets.append(target)
        losses = torch.stack(losses).double().cpu().numpy()
        self.history.record(f"{prefix}_loss", float(np.average(losses, weights=weights)))
        self.history.record(f"{prefix}_accuracy", _accuracy(torch.cat(logits), torch.cat(targets)))
        self.history.record(f"{prefix}_seconds", time.perf_counter() - start)
        earlier = [row[f"{prefix}_loss"] for row in self.history[:-1]]
        is_best = self.history[-1, f"{prefix}_loss"] < min(earlier, default=math.inf)
        self.history.record(f"{prefix}_loss_best", is_best)

    def train_step(self, batch, **fit_params):
        """Add up the gradients of a batch and take one step of the optimizer."""
        with self._session() as lanes:
            step = self._gradients_.add_up(lanes, *batch)
        self.notify(
            "on_grad_computed",
            named_parameters=TeeGenerator(self.get_all_learnable_params()),
            batch=batch,
            training=True,
        )
        self.optimizer_.step()
        return step

    def validation_step(self, batch, **fit_params):
        """Compute logits and loss without learning."""
        images, target = batch
        logits = self.infer(images)
        loss = self.criterion_(logits, target.to(self.device), self._to_device(images.weight))
        return {"loss": loss, "y_pred": logits}

    def infer(self, x: ImageBatch, **fit_params) -> torch.Tensor:
        """Return the logits of images, (n, n_outputs)."""
        if self.module_.training:
            self.module_.eval()

        def forward(pixels, start):
            with torch.inference_mode(), self.autocast():
                return self.module_(pixels).float()

        return self._map_micro_batches(x, forward)

    # ------------------------------------------------------------------------- what dlboi adds

    def logits(self, images) -> np.ndarray:
        """Return the logits of all images as a float64 array of shape (n_samples, n_outputs)."""
        batch = ImageBatch(images, np.arange(len(images)))
        return self.infer(batch).double().cpu().numpy()

    def map_images(self, images, function, index=None) -> torch.Tensor:
        """Return ``function(pixels, start)`` of images, joined.

        Parameters
        ----------
        images : ImageArray or ImageFiles
            The images.
        function : callable
            Takes a micro-batch, float pixels of shape (m, c, h, w), and the index of its first
            image; returns a tensor with one row an image.
        index : ndarray of int, default=None
            Which images; None takes all of them.
        """
        index = np.arange(len(images)) if index is None else index
        return self._map_micro_batches(ImageBatch(images, index), function)

    def evaluate(self, dataset: LabelledImages) -> tuple[float, float]:
        """Return mean loss and accuracy on a set; no callback hears of it."""
        ((images, target),) = WholeSet(dataset)
        step = self.validation_step((images, target))
        return float(step["loss"]), _accuracy(step["y_pred"], target)

    def forget_optimizer_state(self):
        """Drop what the optimizer remembers: two more copies of the weights."""
        self.optimizer_.state.clear()

    def __getstate__(self):
        state = super().__getstate__()
        for name in ("_lanes_", "_gradients_", "_heard_", "_body_digest"):
            state.pop(name, None)
        return {**state, "prepare": None}

    # -------------------------------------------------------------------------------- internals

    def _map_micro_batches(self, batch, function):
        """Apply a function to micro-batches of one fixed size, the last filled up with zeros.

        So what it gives for an image does not depend on which images are beside it.
        """

        def run(start):
            pixels = scale_pixels(self._to_device(batch.pixels(slice(start, start + size))))
            n_images = len(pixels)
            if n_images < size:
                empty = pixels.new_zeros(size - n_images, *pixels.shape[1:])
                pixels = torch.cat([pixels, empty])
            return function(channels_last(pixels), start)[:n_images]

        size = _ROWS_AT_ONCE if isinstance(batch.images, FeatureRows) else self.micro_batch
        with self._session() as lanes:
            return torch.cat(lanes.map(run, range(0, len(batch), size)))

    def _is_heard(self, method_name):
        """Whether the net or a callback does anything in a method that skorch calls."""
        if getattr(type(self), method_name) is not getattr(ImageClassifierNet, method_name):
            return True
        methods = (getattr(callback, method_name) for _, callback in self.callbacks_)
        nothing = getattr(Callback, method_name)
        return any(getattr(method, "__func__", method) is not nothing for method in methods)

    def _session(self):
        """Lanes of the fit that is under way, or new ones for one prediction."""
        lanes = self.__dict__.get("_lanes_")
        return Lanes(self._n_threads) if lanes is None else nullcontext(lanes)

    @property
    def _n_threads(self):
        return self.n_threads if self.is_cpu else 1

    def _open_epoch(self, iterator, training):
        if not training:
            return iter(iterator)
        self.module_.train()
        epoch = len(self.history)
        images = iterator.dataset.images
        if isinstance(images, FeatureRows) and (linear := linear_head(self)) is not None:
            self._gradients_ = LinearHeadGradients(self, linear)
        elif (linear := wide_input(self)) is not None:
            self._gradients_ = WideInputGradients(self, linear, epoch)
        else:
            self._gradients_ = BatchGradients(self, epoch)
        batches = iterator.epoch(epoch)
        if self.is_cpu and not isinstance(images, ImageFiles):
            return batches
        return fetch_ahead(batches, self.device)

    @property
    def is_cpu(self) -> bool:
        """Whether the net computes on the processor."""
        return torch.device(self.device).type == "cpu"

    def autocast(self):
        """Return a context that computes in the net's precision."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16)

    def _to_device(self, tensor):
        return None if tensor is None else tensor.to(self.device, non_blocking=True)


def _accuracy(logits, target):
    n_correct = (predicted_class(logits) == target.to(logits.device)).sum()
    return int(n_correct) / len(target)
