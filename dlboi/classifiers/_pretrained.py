"""A torchvision backbone with a head of its own as a classifier."""

import dataclasses
import os
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from dlboi.classifiers._activation_map import activation_maps
from dlboi.classifiers._base import ImageClassifier
from dlboi.classifiers._body import describe_body
from dlboi.classifiers._body_features import body_features, body_views
from dlboi.classifiers._docs import fill_doc
from dlboi.classifiers._input import encode_classes
from dlboi.networks import PretrainedNetwork
from dlboi.training import FeatureRows, LabelledImages, Thaw

#: Parameters that the network is built with: a warm start cannot change them.
_OF_THE_NETWORK = (
    "backbone",
    "weights",
    "backbone_lr",
    "pool_output_size",
    "dropout",
    "input_size",
    "normalization",
)


@fill_doc
class PretrainedClassifier(ImageClassifier):
    """A network of torchvision with pretrained weights, fixed or fine-tuned.

    The last layer of the backbone is replaced by one for the classes at hand. With
    ``freeze_backbone=True`` only that layer learns: the backbone then is a function, each distinct
    image passes through it once, and what comes out is kept for all epochs, folds, candidates of a
    search, processes and sessions (`memory`).

    Parameters
    ----------
    backbone : str, default="resnet18"
        Name of a classification model of torchvision: :func:`dlboi.networks.list_backbones`.
    weights : str, path-like or None, default="DEFAULT"
        ``"DEFAULT"`` or another name that torchvision has for weights of this model, such as
        ``"IMAGENET1K_V1"``, downloaded once into torch's own cache and checked by hash; the path of
        a state dict, with any head; or None, random weights.
    freeze_backbone : bool, default=False
        Whether the backbone stays as it is: no gradient, and batch normalisation and dropout in
        it as in prediction.
    n_frozen_stages : int or None, default=None
        Number of leading stages of the backbone that stay as they are while the others learn.
        `backbone_stages_` names them. Not with ``freeze_backbone=True``.
    unfreeze_at : int or None, default=None
        Epoch, from 2, at which what was frozen begins to learn.
    backbone_lr : float or None, default=None
        Learning rate of the backbone; None takes `lr`.
    pool_output_size : int or None, default=None
        None keeps the backbone's own path to its last layer; n puts adaptive average pooling to
        n×n cells behind its last feature map instead. Where the map is smaller, a warning says
        that cells only repeat.
    dropout : float, default=0.0
        Probability with which a feature is dropped in training, before the last layer.
    input_size : int, tuple of (int, int), "weights" or None, default=None
        Side, or height and width, to which images are resized on their way into the backbone;
        ``"weights"``: the size that the weights were trained with. None leaves images as they are;
        backbones that take one size only resize to that.
    normalization : tuple of (mean, std) or None, default=None
        Mean and standard deviation by which pixels in [0, 1] are normalised, each a number or three
        numbers. None takes those of the weights, ImageNet's for a state dict from a path.
    n_views : int, default=8
        With a frozen backbone and `augment`: number of randomly changed views of each image, which
        the epochs show in turn.
    memory : {"auto"}, path-like or None, default="auto"
        Where features of a frozen backbone are kept: ``"auto"`` is a folder of limited size in the
        user's cache, emptied by :func:`dlboi.clear_cache`; a path is that folder; None keeps them
        in this process.
    %(training_parameters)s

    Attributes
    ----------
    %(attributes)s
    backbone_stages_ : tuple of str
        First layer of each stage of the backbone, from the input to the output.
    activation_map_kind_ : {"exact", "Grad-CAM"} or None
        What :meth:`class_activation_map` computes; None where the backbone has no feature map.

    See Also
    --------
    PretrainedFeatures : The features of a backbone, for other classifiers of scikit-learn.

    Notes
    -----
    Pixels are scaled to [0, 1] and normalised by the mean and standard deviation that the weights
    were trained with (`normalization`); one channel is repeated to three.
    Where a backbone with batch normalisation learns, the halves of a batch meet at each
    normalisation: such a fit runs in two threads, whatever `n_threads` is.

    References
    ----------
    .. [1] Yosinski, J. et al. "How transferable are features in deep neural networks?", NIPS 2014,
       arXiv:1411.1792.

    Examples
    --------
    >>> from dlboi import PretrainedClassifier
    >>> from dlboi.datasets import make_tissue_phantoms
    >>> X, y = make_tissue_phantoms(48, image_size=64, random_state=0, return_X_y=True)
    >>> clf = PretrainedClassifier("squeezenet1_1", weights=None, max_epochs=2, random_state=0)
    >>> clf.fit(X, y).predict_proba(X[:3]).shape
    (3, 6)
    """

    _module = PretrainedNetwork

    _parameter_constraints: dict = {  # noqa: RUF012 - as in the base
        **ImageClassifier._parameter_constraints,
        "backbone": [str],
        "weights": [str, os.PathLike, None],
        "freeze_backbone": ["boolean"],
        "n_frozen_stages": [Interval(Integral, 0, None, closed="left"), None],
        "unfreeze_at": [Interval(Integral, 2, None, closed="left"), None],
        "backbone_lr": [Interval(Real, 0, None, closed="neither"), None],
        "pool_output_size": [Interval(Integral, 1, None, closed="left"), None],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "input_size": [
            Interval(Integral, 1, None, closed="left"),
            tuple,
            list,
            StrOptions({"weights"}),
            None,
        ],
        "normalization": [tuple, list, None],
        "n_views": [Interval(Integral, 1, None, closed="left")],
        "memory": [str, os.PathLike, None],
    }

    def __init__(
        self,
        backbone="resnet18",
        *,
        weights="DEFAULT",
        freeze_backbone=False,
        n_frozen_stages=None,
        unfreeze_at=None,
        backbone_lr=None,
        pool_output_size=None,
        dropout=0.0,
        input_size=None,
        normalization=None,
        n_views=8,
        memory="auto",
        loss="auto",
        optimizer="adam",
        lr=1e-3,
        weight_decay=0.0,
        schedule="step",
        step_size=10,
        gamma=0.1,
        max_epochs=50,
        batch_size=32,
        validation_fraction=None,
        early_stopping=False,
        patience=10,
        restore_best="auto",
        class_weight=None,
        augment=None,
        image_shape=None,
        on_bad_file="raise",
        device="auto",
        precision="float32",
        n_threads="auto",
        random_state=None,
        callbacks=None,
        verbose=0,
        warm_start=False,
    ):
        super().__init__(
            loss=loss,
            optimizer=optimizer,
            lr=lr,
            weight_decay=weight_decay,
            schedule=schedule,
            step_size=step_size,
            gamma=gamma,
            max_epochs=max_epochs,
            batch_size=batch_size,
            validation_fraction=validation_fraction,
            early_stopping=early_stopping,
            patience=patience,
            restore_best=restore_best,
            class_weight=class_weight,
            augment=augment,
            image_shape=image_shape,
            on_bad_file=on_bad_file,
            device=device,
            precision=precision,
            n_threads=n_threads,
            random_state=random_state,
            callbacks=callbacks,
            verbose=verbose,
            warm_start=warm_start,
        )
        self.backbone = backbone
        self.weights = weights
        self.freeze_backbone = freeze_backbone
        self.n_frozen_stages = n_frozen_stages
        self.unfreeze_at = unfreeze_at
        self.backbone_lr = backbone_lr
        self.pool_output_size = pool_output_size
        self.dropout = dropout
        self.input_size = input_size
        self.normalization = normalization
        self.n_views = n_views
        self.memory = memory

    def summary(self):
        """List the layers of the fitted network, how it prepares pixels, and its stages.

        Returns
        -------
        NetworkSummary
            Prints as a table; ``layers`` holds the rows.
        """
        summary = super().summary()
        return dataclasses.replace(summary, notes=self.net_.module_.notes())

    def class_activation_map(self, X, y=None) -> np.ndarray:
        """Show which parts of an image speak for a class.

        Where only averaging and the last layer follow the last feature map (ResNet, GoogLeNet,
        DenseNet and others), what each place adds to the logit, exactly [1]_. Elsewhere (AlexNet,
        VGG) Grad-CAM [2]_: the channels of the map, weighted by the mean slope of the logit, and
        what speaks against the class set to 0. ``activation_map_kind_`` says which.

        Parameters
        ----------
        X : array-like
            Images, as in `fit`.
        y : label or array-like of shape (n_samples,), default=None
            The class to explain: one for all images, one an image, or None for the predicted ones.

        Returns
        -------
        ndarray of float32 of shape (n_samples, h, w)
            Above 0 speaks for the class; below 0, only in exact maps, against it.

        Raises
        ------
        BackboneError
            The backbone has no feature map, as vision transformers have none.

        References
        ----------
        .. [1] Zhou, B. et al. "Learning deep features for discriminative localization", CVPR
           2016, arXiv:1512.04150.
        .. [2] Selvaraju, R. R. et al. "Grad-CAM: visual explanations from deep networks via
           gradient-based localization", ICCV 2017, arXiv:1610.02391.
        """
        images = self._images_to_predict(X)
        classes = self.predict(X) if y is None else y
        target = encode_classes(self, classes, n_samples=len(images))
        return activation_maps(self.net_, images, target)

    # ------------------------------------------------------------------------------------- net

    def _net_to_train(self, data, seed):
        self._check_freezing()
        if self._goes_on:
            self._refuse_another_network()
        net = super()._net_to_train(data, seed)
        if self._goes_on:
            net.module_.freeze(self._frozen_stages_after(self.n_iter_))
        return net

    def _refuse_another_network(self):
        now = self._parameters_of_the_network()
        changed = [name for name, value in now.items() if self._trained_with[name] != value]
        if changed:
            raise ValueError(
                f"With warm_start=True, {changed} of PretrainedClassifier must stay what they were "
                "in the last fit: they are built into the network. Set warm_start=False, or fit a "
                "clone."
            )

    def _parameters_of_the_network(self):
        return {name: str(getattr(self, name)) for name in _OF_THE_NETWORK}

    def _check_freezing(self):
        if self.freeze_backbone and self.n_frozen_stages is not None:
            raise ValueError(
                "Pass either freeze_backbone=True, which freezes all stages, or 'n_frozen_stages' "
                f"to PretrainedClassifier, not both. Got {self.n_frozen_stages} stages besides."
            )
        if self.unfreeze_at is not None and not (self.freeze_backbone or self.n_frozen_stages):
            raise ValueError(
                "The 'unfreeze_at' parameter of PretrainedClassifier needs something frozen: set "
                f"freeze_backbone=True or 'n_frozen_stages'. Got {self.unfreeze_at} without."
            )

    def _network(self, image_shape):
        arguments, prepare = describe_body(self, frozen_stages=self._frozen_stages_after(0))
        return arguments | {"dropout": self.dropout}, prepare

    def _restore(self, *, network, **header):
        if network is None:
            raise KeyError("network")
        super()._restore(network=network, **header)

    def _network_to_save(self):
        arguments = self.net_.get_params_for("module")
        return {k: v for k, v in arguments.items() if k not in ("input_shape", "n_outputs")}

    def _frozen_stages_after(self, n_epochs):
        """Return how many stages are frozen; None is all of them."""
        if self.unfreeze_at is not None and n_epochs >= self.unfreeze_at:
            return 0
        return None if self.freeze_backbone else self.n_frozen_stages or 0

    def _own_callbacks(self):
        return [] if self.unfreeze_at is None else [("thaw", Thaw(self.unfreeze_at))]

    @property
    def _body_is_fixed(self):
        return self.freeze_backbone and self.unfreeze_at is None

    def _fixed(self, net):
        if not self._body_is_fixed:
            return frozenset()
        return frozenset(f"body.{name}" for name in net.module_.body.state_dict())

    def _shown(self, net, data):
        if not self._body_is_fixed:
            return data
        augment, net.augment = net.augment, None

        def rows(dataset, augment=None):
            source = (net, dataset.images, self.memory, dataset.index)
            if augment is None:
                views = body_features(*source)[None]
            else:
                views = body_views(*source, augment=augment, n_views=self.n_views)
            return LabelledImages(FeatureRows(views), dataset.target, dataset.weight)

        return data._replace(
            training=rows(data.training, augment),
            validation=None if data.validation is None else rows(data.validation),
            monitors={name: rows(dataset) for name, dataset in data.monitors.items()},
        )

    def _set_fitted(self, net, *, history, **fitted):
        net.module_.freeze(self._frozen_stages_after(len(history["epoch"])))
        self._trained_with = self._parameters_of_the_network()
        self.backbone_stages_ = net.module_.stage_names
        self.activation_map_kind_ = _map_kind(net.module_)
        super()._set_fitted(net, history=history, **fitted)

    def _logits(self, X):
        images = self._images_to_predict(X)
        if self.net_.module_.body_is_frozen:
            images = FeatureRows(body_features(self.net_, images, self.memory)[None])
        return self.net_.logits(images)


def _map_kind(module):
    if module.feature_map_shape is None:
        return None
    return "exact" if module.map_is_linear else "Grad-CAM"
