"""What all classifiers do: fit, predict, describe themselves."""

import math
from abc import ABCMeta, abstractmethod

import numpy as np
import torch
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from dlboi.classifiers._checkpoint import opened_checkpoint
from dlboi.classifiers._constraints import TRAINING_CONSTRAINTS
from dlboi.classifiers._fit_data import FitData, prepare_fit_data
from dlboi.classifiers._history import history_arrays
from dlboi.classifiers._input import check_images
from dlboi.classifiers._net_setup import choosing_record, make_callbacks, make_net
from dlboi.classifiers._persistence import save_classifier
from dlboi.classifiers._pixel_range import warn_of_other_range
from dlboi.classifiers._restored_weights import check_layers, check_shapes
from dlboi.classifiers._sklearn_callbacks import CallbackSupportMixin, begin_tasks, end_tasks
from dlboi.classifiers._warm_start import prepare_to_go_on, refuse_other_data
from dlboi.exceptions import DeviceUnavailableError
from dlboi.networks import NetworkSummary, summarize
from dlboi.training import ImageClassifierNet, KeepBest, resolve_device
from dlboi.training._decoding import Decoding

# Attributes that scikit-learn's checks of X set on the way.
_SET_BY_CHECKS = ("n_features_in_", "feature_names_in_")


class ImageClassifier(CallbackSupportMixin, ClassifierMixin, BaseEstimator, metaclass=ABCMeta):
    """Base of the classifiers: a scikit-learn estimator that holds a skorch net.

    A leaf class names its parameters and builds its network in ``_network``.
    """

    _parameter_constraints: dict = TRAINING_CONSTRAINTS

    @abstractmethod
    def __init__(
        self,
        *,
        loss,
        optimizer,
        lr,
        weight_decay,
        schedule,
        step_size,
        gamma,
        max_epochs,
        batch_size,
        validation_fraction,
        early_stopping,
        patience,
        restore_best,
        class_weight,
        augment,
        image_shape,
        on_bad_file,
        device,
        precision,
        n_threads,
        random_state,
        callbacks,
        verbose,
        warm_start,
    ):
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.step_size = step_size
        self.gamma = gamma
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.patience = patience
        self.restore_best = restore_best
        self.class_weight = class_weight
        self.augment = augment
        self.image_shape = image_shape
        self.on_bad_file = on_bad_file
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.random_state = random_state
        self.callbacks = callbacks
        self.verbose = verbose
        self.warm_start = warm_start

    #: The class of the network.
    _module: type

    @abstractmethod
    def _network(self, image_shape: tuple[int, int, int]) -> tuple:
        """Return the arguments of the network, and what prepares it once it is built, or None.

        Its input and outputs are not among the arguments.
        """

    def _network_to_save(self) -> dict | None:
        """Return the arguments of the network, if they do not follow from the parameters."""

    def _own_callbacks(self) -> list:
        """Return pairs of names and callbacks that a fit of this classifier has besides."""
        return []

    # ------------------------------------------------------------------------------- public API

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        *,
        sample_weight=None,
        groups=None,
        validation_data=None,
        monitor=None,
        checkpoint=None,
    ):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, pixels), or of str
            Images with 1 or 3 channels (the last axis where both would do), flat rows in the
            order (c, h, w), or the paths of image files. uint8 is divided by 255 and uint16 by
            65535, a batch at a time; floats are taken as they are, [0, 1] is expected.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the images in the loss; images of weight 0 are left out.
        groups : array-like of shape (n_samples,), default=None
            Patient of each image: with `validation_fraction`, no patient is on both sides.
        validation_data : tuple of (X, y), default=None
            Images to validate on each epoch, which may choose the epoch. Not the test set.
        monitor : dict of str to tuple of (X, y), default=None
            Sets, by name, that are scored each epoch and never choose anything.
        checkpoint : str or path-like, default=None
            A folder of this fit alone, made if its parent is there. The state is written to it
            after each epoch, and the same call goes on from there, whatever ended it, to the same
            weights, bit for bit; once it is finished, it trains no more.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            An argument cannot be used; the message names it.
        ImageFileError
            An image file cannot be used; the message names it.
        DivergenceError
            The training loss is not finite any more.
        DeviceUnavailableError
            The device asked for is not on this machine.
        CheckpointError
            The folder holds checkpoints of other data or parameters, or none that can be read, or
            another fit uses it; or a callback cannot be saved.
        MissingPathError
            The parent of the folder is not there, or the folder has vanished.
        OSError
            The folder cannot be written: it is read-only, or the disk is full.
        """
        with (
            opened_checkpoint(self, checkpoint) as checkpoint,
            Decoding(self.n_threads, self.on_bad_file) as decoding,
        ):
            # Another seed would draw another validation part, with images of the training before.
            seed = self.net_.seed if self._goes_on else checkpoint.seed(self.random_state)
            data = self._fit_data(
                X, y, sample_weight, groups, validation_data, monitor, seed, decoding
            )
            net = self._net_to_train(data, seed)
            fixed = self._fixed(net)
            keep_best = KeepBest(choosing_record(self, data.validation is not None), fixed)
            saving = checkpoint.resume(self, net, data, fixed)
            shown = self._shown(net, data)
            n_epochs = self.max_epochs + (self.n_iter_ if self._goes_on else 0)
            net.callbacks = make_callbacks(self, shown.monitors, keep_best, n_epochs, saving)
            tasks = begin_tasks(self, X, y, data)
            net.callbacks += tasks
            net.initialize_callbacks()
            try:
                net.partial_fit((shown.training, shown.validation), epochs=checkpoint.epochs_left)
            except KeyboardInterrupt:
                if getattr(keep_best, "n_epochs_", 0):
                    self._finish(net, data, keep_best)
                raise
            self._finish(net, data, keep_best)
            checkpoint.finish(net)
            end_tasks(tasks)
        return self

    def predict_proba(self, X) -> np.ndarray:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array-like
            Images, as in `fit`.

        Returns
        -------
        ndarray of float64 of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        logits = self._logits(X)
        if logits.shape[1] == 1:
            return np.hstack([expit(-logits), expit(logits)])
        return softmax(logits, axis=1)

    def predict(self, X) -> np.ndarray:
        """Return the most probable class of each image.

        Parameters
        ----------
        X : array-like
            Images, as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels from `classes_`.
        """
        logits = self._logits(X)
        if logits.shape[1] == 1:
            return self.classes_[(logits[:, 0] > 0).astype(int)]
        return self.classes_[logits.argmax(axis=1)]

    def summary(self) -> NetworkSummary:
        """List the layers of the fitted network with their shapes and parameters.

        Returns
        -------
        NetworkSummary
            Prints as a table; ``layers`` holds the rows.
        """
        check_is_fitted(self)
        return summarize(self.net_.module_, self.image_shape_)

    def save(self, path) -> None:
        """Write the fitted classifier to a file that :func:`dlboi.load` reads.

        The file is in the safetensors format, weights and a JSON header: reading it executes
        nothing. It is complete or it is not there.

        Parameters
        ----------
        path : str or path-like
            File to write; an existing one is replaced.

        Raises
        ------
        MissingPathError
            The folder is not there.
        """
        check_is_fitted(self)
        save_classifier(self, path)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    # ------------------------------------------------------------------------------------- net

    def _fit_data(self, X, y, sample_weight, groups, validation_data, monitor, seed, decoding):
        """Return what to fit on; what cannot be used leaves the classifier as it was."""
        before = {name: vars(self)[name] for name in _SET_BY_CHECKS if name in vars(self)}
        try:
            data = prepare_fit_data(
                self,
                X,
                y,
                sample_weight=sample_weight,
                groups=groups,
                validation_data=validation_data,
                monitor=monitor,
                seed=seed,
                decoding=decoding,
            )
            if self._goes_on:
                refuse_other_data(self, data)
        except BaseException:
            for name in _SET_BY_CHECKS:
                vars(self).pop(name, None)
            vars(self).update(before)
            raise
        return data

    @property
    def _goes_on(self) -> bool:
        """Whether `fit` goes on from the net of the last fit."""
        return self.warm_start and hasattr(self, "net_")

    def _net_to_train(self, data: FitData, seed: int) -> ImageClassifierNet:
        """Return a new net, or with `warm_start` the one of the last fit."""
        if self._goes_on:
            return prepare_to_go_on(self, self.net_)
        arguments, prepare = self._network(data.image_shape)
        net = make_net(
            self,
            arguments,
            len(data.classes),
            data.image_shape,
            device=resolve_device(self.device),
            seed=seed,
            prepare=prepare,
        )
        return net.initialize()

    def _fixed(self, net: ImageClassifierNet) -> frozenset[str]:
        """Return the names of the weights that training does not change."""
        return frozenset()

    def _shown(self, net: ImageClassifierNet, data: FitData) -> FitData:
        """Return the sets in the form in which the net is shown them."""
        return data

    def _finish(self, net, data, keep_best):
        if not self.warm_start:
            net.forget_optimizer_state()
        drawn = None
        if self.warm_start and self.validation_fraction is not None:
            drawn = data.validation.digest()
        self._set_fitted(
            net,
            classes=data.classes,
            image_shape=data.image_shape,
            pixel_max=data.pixel_max,
            drawn=drawn,
            history=history_arrays(net.history, keep_best.n_epochs_),
            best_epoch=keep_best.best_epoch_,
            skipped_files=data.skipped_files,
        )

    def _set_fitted(
        self,
        net,
        *,
        classes,
        image_shape,
        pixel_max,
        drawn,
        history,
        best_epoch,
        skipped_files,
    ):
        """Set the fitted attributes, all together.

        `pixel_max` is the largest pixel of the training images, `drawn` the digest of the
        validation part that `fit` has drawn: later calls are held against them.
        """
        self._pixel_max = pixel_max
        self._drawn = drawn
        self.classes_ = classes
        self.image_shape_ = image_shape
        self.net_ = net
        self.precision_ = net.precision
        self.history_ = history
        self.best_epoch_ = best_epoch
        self.skipped_files_ = skipped_files
        self.n_iter_ = len(history["epoch"])
        parameters = list(net.module_.parameters())
        self.n_parameters_ = sum(p.numel() for p in parameters)
        self.n_trainable_parameters_ = sum(p.numel() for p in parameters if p.requires_grad)

    def _restore(
        self,
        *,
        network,
        n_outputs,
        feature_names,
        weights,
        seed,
        skorch_history,
        classes,
        image_shape,
        **fitted,
    ) -> None:
        """Become the fitted classifier whose parts :func:`dlboi.load` has read."""
        try:
            device = resolve_device(self.device)
        except DeviceUnavailableError:
            device = torch.device("cpu")
        if network is None:
            network, _ = self._network(image_shape)
        check_layers(network, weights)
        net = make_net(
            self,
            network,
            len(classes),
            image_shape,
            device=device,
            seed=seed,
            n_outputs=n_outputs,
        )
        check_shapes(net, weights)
        net.initialize()
        net.module_.load_state_dict(weights)
        net.module_.eval()
        net.history.extend(skorch_history)
        self.n_features_in_ = math.prod(image_shape)
        if feature_names is not None:
            self.feature_names_in_ = np.array(feature_names, dtype=object)
        self._set_fitted(net, classes=classes, image_shape=image_shape, **fitted)

    def _logits(self, X):
        images = self._images_to_predict(X)
        return self.net_.logits(images)

    def _images_to_predict(self, X):
        check_is_fitted(self)
        images = check_images(self, X, image_shape=self.image_shape_)
        warn_of_other_range(images, self._pixel_max, stacklevel=4)
        return images
