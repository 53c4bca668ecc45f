"""A pretrained backbone as a transformer: images in, features out."""

import os
from numbers import Integral

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from dlboi._validation import draw_seed
from dlboi.classifiers._body import describe_body
from dlboi.classifiers._body_features import body_features
from dlboi.classifiers._input import check_images
from dlboi.classifiers._net_setup import make_feature_net
from dlboi.networks import PretrainedNetwork
from dlboi.training import resolve_device


class PretrainedFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What a pretrained backbone makes of an image, as features for any estimator of scikit-learn.

    Nothing is learnt from the images: ``fit`` reads the weights and looks at the shape of X. Each
    distinct image passes through the backbone once (`memory`).

    Parameters
    ----------
    backbone : str, default="resnet18"
        Name of a classification model of torchvision: :func:`dlboi.networks.list_backbones`.
    weights : str, path-like or None, default="DEFAULT"
        As in :class:`PretrainedClassifier`.
    pool_output_size : int or None, default=None
        None gives what the backbone's last layer is given; n the last feature map, averaged to n×n
        cells.
    input_size : int, tuple of (int, int), "weights" or None, default=None
        As in :class:`PretrainedClassifier`.
    normalization : tuple of (mean, std) or None, default=None
        As in :class:`PretrainedClassifier`.
    memory : {"auto"}, path-like or None, default="auto"
        As in :class:`PretrainedClassifier`.
    image_shape : tuple of (int, int, int) or None, default=None
        Channels, height and width, as in :class:`PretrainedClassifier`.
    device : str, default="auto"
        ``"auto"`` takes a CUDA device where there is one, else the processor.
    precision : {"float32", "bfloat16", "auto"}, default="float32"
        What convolutions and matrix products are computed in.
    n_threads : int or "auto", default="auto"
        Threads to compute with, at most.
    random_state : int, RandomState instance or None, default=None
        Decides the weights with ``weights=None``.

    Attributes
    ----------
    image_shape_ : tuple of (int, int, int)
        Channels, height and width of an image.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, only if X was a data frame.
    net_ : ImageClassifierNet
        The net; ``net_.module_.body`` is the backbone.

    See Also
    --------
    PretrainedClassifier : A backbone with a last layer of its own, fixed or fine-tuned.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from dlboi import PretrainedFeatures
    >>> from dlboi.datasets import make_chest_phantoms
    >>> X, y = make_chest_phantoms(40, image_size=64, random_state=0, return_X_y=True)
    >>> features = PretrainedFeatures("squeezenet1_1", weights=None, memory=None, random_state=0)
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # of the random weights, which need no download
    ...     pipeline = make_pipeline(features, SVC()).fit(X, y)
    >>> pipeline[:-1].transform(X).shape
    (40, 512)
    """

    _parameter_constraints: dict = {  # noqa: RUF012 - scikit-learn's way to declare them
        "backbone": [str],
        "weights": [str, os.PathLike, None],
        "pool_output_size": [Interval(Integral, 1, None, closed="left"), None],
        "input_size": [
            Interval(Integral, 1, None, closed="left"),
            tuple,
            list,
            StrOptions({"weights"}),
            None,
        ],
        "normalization": [tuple, list, None],
        "memory": [str, os.PathLike, None],
        "image_shape": [tuple, list, None],
        "device": [str],
        "precision": [StrOptions({"float32", "bfloat16", "auto"})],
        "n_threads": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        backbone="resnet18",
        *,
        weights="DEFAULT",
        pool_output_size=None,
        input_size=None,
        normalization=None,
        memory="auto",
        image_shape=None,
        device="auto",
        precision="float32",
        n_threads="auto",
        random_state=None,
    ):
        self.backbone = backbone
        self.weights = weights
        self.pool_output_size = pool_output_size
        self.input_size = input_size
        self.normalization = normalization
        self.memory = memory
        self.image_shape = image_shape
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Read the weights of the backbone.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, pixels), or of str
            Images, as in ``PretrainedClassifier.fit``; only their shape is looked at.
        y : None
            Not used.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        images = check_images(self, X)
        arguments, prepare = describe_body(self, frozen_stages=None, stacklevel=4)
        self.net_ = make_feature_net(
            self,
            PretrainedNetwork,
            arguments,
            images.image_shape,
            device=resolve_device(self.device),
            seed=draw_seed(self.random_state),
            prepare=prepare,
        ).initialize()
        self.image_shape_ = images.image_shape
        return self

    def transform(self, X) -> np.ndarray:
        """Compute the features of images.

        Parameters
        ----------
        X : array-like
            Images, as in `fit`.

        Returns
        -------
        ndarray of float32 of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        images = check_images(self, X, image_shape=self.image_shape_)
        return body_features(self.net_, images, self.memory)

    @property
    def _n_features_out(self):
        return self.net_.module_.n_features

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags
