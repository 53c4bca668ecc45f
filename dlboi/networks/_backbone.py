"""A torchvision body with a head of its own."""

import math
import threading
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from dlboi.exceptions import BackboneError, FeatureMapWarning
from dlboi.networks._backbone_anatomy import find_parts, find_shapes, find_stages, take_off_head
from dlboi.networks._backbone_models import build_model, check_backbone
from dlboi.networks._backbone_sizes import check_input_size
from dlboi.networks._backbone_state import load_body

_asked = threading.local()


class PretrainedNetwork(nn.Module):
    """The body of a torchvision classification model, and one linear layer in place of its head.

    Parameters
    ----------
    input_shape : tuple of (int, int, int)
        Channels (1 or 3), height and width of the images, in pixels. One channel is repeated to
        three.
    n_outputs : int
        Number of logits.
    backbone : str, default="resnet18"
        One of :func:`list_backbones`.
    pool_output_size : int, default=None
        None keeps the model's own path to its last layer; n replaces what follows the feature map
        by adaptive average pooling to n×n cells.
    dropout : float, default=0.0
        Probability with which a feature is dropped in training, before the linear layer.
    input_size : int or tuple of (int, int), default=None
        Side, or height and width, to which images are resized; None leaves them as they are.
    mean, std : sequence of float
        Of each channel: images, in [0, 1], are normalised by them. The defaults are ImageNet's.
    transform_input : bool, default=False
        Whether GoogLeNet or Inception undoes the normalisation for weights that were trained with
        another; torchvision's own weights for them need it.
    filled : bool, default=True
        Whether the body starts with random weights; False leaves it as the memory was, to be loaded
        by :meth:`load_body`.

    Attributes
    ----------
    body : torch.nn.Module
        The model of torchvision, its last layer taken off. The weights are random until
        :meth:`load_body`.
    head : torch.nn.Sequential
        Dropout, where there is some, and the linear layer.
    n_features : int
        Number of values that the head is given.
    feature_map_shape : tuple of (int, int, int) or None
        Shape of the last map before the head; None where the model has none.
    map_is_linear : bool
        Whether the logits are a linear function of the spatial mean of the feature map (with
        dropout off), so that a class activation map is exact.
    stage_names : tuple of str
        First layer of each stage of the body, from the input to the output.
    n_frozen_stages : int
        Number of leading stages that training leaves as they are.
    body_source : str or None
        Hash of the weights that :meth:`load_body` has loaded, until the body is trained.

    Raises
    ------
    UnknownBackboneError
        There is no such model.
    BackboneError
        The model does not take images of this size, or has no feature map to pool.

    Warns
    -----
    FeatureMapWarning
        The feature map has fewer than n×n cells, so that cells only repeat.

    Notes
    -----
    The head is the last linear layer or convolution among the modules of the model. SqueezeNet's
    is a convolution, with a ReLU behind it which would keep a single logit from ever being
    negative; both are taken out, and the linear layer stands behind the averaging, with which a
    1×1 convolution commutes.

    Examples
    --------
    >>> import torch
    >>> from dlboi.networks import PretrainedNetwork
    >>> network = PretrainedNetwork((1, 64, 64), 2, backbone="resnet18", pool_output_size=2)
    >>> network.n_features, network.feature_map_shape
    (2048, (512, 2, 2))
    >>> network(torch.rand(3, 1, 64, 64)).shape
    torch.Size([3, 2])
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        n_outputs: int,
        *,
        backbone: str = "resnet18",
        pool_output_size: int | None = None,
        dropout: float = 0.0,
        input_size: int | tuple[int, int] | None = None,
        mean: Sequence[float] = (0.485, 0.456, 0.406),
        std: Sequence[float] = (0.229, 0.224, 0.225),
        transform_input: bool = False,
        filled: bool = True,
    ):
        super().__init__()
        check_backbone(backbone)
        if input_shape[0] not in (1, 3):
            raise ValueError(
                "The 'input_shape' parameter of PretrainedNetwork must begin with 1 or 3 "
                f"channels. Got {tuple(input_shape)} instead."
            )
        if not all(math.isfinite(value) and value > 0 for value in std):
            raise ValueError(
                f"The 'std' parameter of PretrainedNetwork must hold numbers above 0. Got {std!r}."
            )
        self.backbone = backbone
        self._size, self._image_size = check_input_size(backbone, input_shape[1:], input_size)
        self._is_resized = self._size != tuple(input_shape[1:])
        shapes = find_shapes(backbone, *self._size, self._image_size)
        parts = find_parts(backbone)
        self.feature_map_shape = shapes.feature_map
        self._is_pooled = pool_output_size is not None
        self.n_features = shapes.n_features
        self.map_is_linear = parts.is_linear
        self.register_buffer("mean", torch.tensor(mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).reshape(1, 3, 1, 1))
        body = build_model(backbone, self._image_size, filled=filled)
        self.body = take_off_head(body, parts, at_map=self._is_pooled)
        if self.feature_map_shape:
            self.body.get_submodule(parts.feature_map).register_forward_hook(_keep_if_asked)
        if hasattr(self.body, "transform_input"):
            self.body.transform_input = transform_input
        elif transform_input:
            raise BackboneError(
                "The 'transform_input' parameter must be False but for googlenet and "
                f"inception_v3. Got True for {backbone} instead."
            )
        if self._is_pooled:
            self._pool_to(pool_output_size)
        self.head = nn.Sequential()
        if dropout:
            self.head.add_module("dropout", nn.Dropout(dropout))
        self.head.add_module("output", nn.Linear(self.n_features, n_outputs))
        self.stage_names = tuple(find_stages(self.body))
        self.n_frozen_stages = 0
        self.body_source = None

    def forward(self, pixels: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)``, or what `features` made of them, to logits."""
        return self.head(pixels if pixels.dim() == 2 else self.features(pixels))

    @property
    def body_is_frozen(self) -> bool:
        """Whether the whole body is frozen, so that `features` does not change."""
        return self.n_frozen_stages == len(self.stage_names)

    def notes(self) -> tuple[str, ...]:
        """Return what a reader of the summary should know of pixels and stages.

        Returns
        -------
        tuple of str
        """
        mean, std = (
            ", ".join(f"{value:g}" for value in buffer.flatten().tolist())
            for buffer in (self.mean, self.std)
        )
        height, width = self._size
        size = f"resized to {height}×{width}" if self._is_resized else "not resized"
        stages = ", ".join(self.stage_names)
        return (
            f"pixels in [0, 1], {size}, less the mean ({mean}), divided by ({std})",
            f"stages of {self.backbone}: {stages}; the first {self.n_frozen_stages} are frozen",
        )

    def features(self, pixels: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)`` to what the head is given, ``(n, n_features)``."""
        if self._is_pooled:
            return self.pool(self.feature_map(pixels))
        return self.body(self.prepare(pixels)).flatten(1)

    def prepare(self, pixels: Tensor) -> Tensor:
        """Resize and normalise images, and repeat one channel to three."""
        if self._is_resized:
            pixels = functional.interpolate(
                pixels, self._size, mode="bilinear", align_corners=False, antialias=True
            )
        return (pixels - self.mean) / self.std

    def feature_map(self, pixels: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)`` to ``(n, *feature_map_shape)``.

        Parameters
        ----------
        pixels : torch.Tensor
            Images, (n, c, h, w).

        Returns
        -------
        torch.Tensor

        Raises
        ------
        BackboneError
            The backbone has no feature map.
        """
        return self._map_and_body(pixels)[0]

    def map_and_logits(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return feature map and logits of one pass, so that gradients lead from one to the other.

        Parameters
        ----------
        pixels : torch.Tensor
            Images, (n, c, h, w).

        Returns
        -------
        feature_map, logits : torch.Tensor

        Raises
        ------
        BackboneError
            The backbone has no feature map.
        """
        feature_map, features = self._map_and_body(pixels)
        features = self.pool(feature_map) if self._is_pooled else features
        return feature_map, self.head(features)

    def stages(self) -> list[nn.Module]:
        """Return the stages of the body, from the input to the output.

        Returns
        -------
        list of torch.nn.Module
            One for each of `stage_names`. Each parameter of the body is in exactly one.
        """
        return list(find_stages(self.body).values())

    def freeze(self, n_stages: int | None = None) -> None:
        """Keep leading stages from being trained.

        Their parameters get no gradient, and they stay in evaluation mode, so that their dropout
        is off and their batch normalisation does not change, whatever :meth:`train` is told.

        Parameters
        ----------
        n_stages : int, default=None
            Number of stages; None for the whole body.

        Raises
        ------
        ValueError
            The body has fewer stages.
        """
        n_all = len(self.stage_names)
        n_stages = n_all if n_stages is None else n_stages
        if not 0 <= n_stages <= n_all:
            raise ValueError(
                f"The number of frozen stages must be an int from 0 to {n_all}, which is how many "
                f"{self.backbone} has: {', '.join(self.stage_names)}. Got {n_stages!r} instead."
            )
        self.n_frozen_stages = n_stages
        for number, stage in enumerate(self.stages()):
            stage.requires_grad_(number >= n_stages)
        self.train(self.training)

    def thaw(self) -> None:
        """Undo :meth:`freeze`: the whole body is trained."""
        self.freeze(0)

    def train(self, mode: bool = True) -> "PretrainedNetwork":
        """Set training or evaluation mode; frozen stages stay in evaluation mode.

        Parameters
        ----------
        mode : bool, default=True
            Whether to train.

        Returns
        -------
        PretrainedNetwork
        """
        if mode and not self.body_is_frozen:
            self.body_source = None
        if self.body_is_frozen:  # asked for twice an epoch: a large body is not walked through
            self.training = mode
            self.head.train(mode)
            if self.body.training:
                self.body.eval()
            return self
        super().train(mode)
        if mode and self.n_frozen_stages:
            for stage in self.stages()[: self.n_frozen_stages]:
                stage.eval()
        return self

    def load_body(self, state_dict: dict, source: str | None = None) -> None:
        """Load the weights of the body; those of the head are left as they are.

        Parameters
        ----------
        state_dict : dict of str to torch.Tensor
            State of the torchvision model of the same name, with any head or none.
        source : str, default=None
            Hash of the weights, for `body_source`.

        Raises
        ------
        BackboneError
            Layers are missing, unknown or of another shape. Nothing is loaded then.
        """
        kind = (self.backbone, self._image_size, self._is_pooled)
        load_body(self.body, state_dict, *kind, source)
        self.body_source = source

    def _pool_to(self, size):
        if self.feature_map_shape is None:
            raise BackboneError(
                "The 'pool_output_size' parameter must be None for a backbone without a feature "
                f"map, such as {self.backbone}. Got {size!r} instead."
            )
        channels, height, width = self.feature_map_shape
        # The shapes are looked up on meta before each training: one warning is enough.
        if size > min(height, width) and not self.mean.is_meta:
            warnings.warn(
                f"The feature map of {self.backbone} has {height}×{width} cells: pooled to "
                f"{size}×{size} (pool_output_size) they only repeat. A larger input_size gives "
                "more cells.",
                FeatureMapWarning,
                stacklevel=3,
            )
        self.n_features = channels * size * size
        self.map_is_linear = size == 1
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(size), nn.Flatten())

    def _map_and_body(self, pixels):
        if self.feature_map_shape is None:
            raise BackboneError(
                f"{self.backbone} has no feature map: attention mixes all cells before its head. "
                "A convolutional backbone, such as resnet18, has one."
            )
        _asked.maps = []
        try:
            features = self.body(self.prepare(pixels)).flatten(1)
            # What follows in place, DenseNet's last ReLU, has happened to this very tensor.
            return _asked.maps[0], features
        finally:
            del _asked.maps


def _keep_if_asked(layer, inputs, output):
    """Forward hook of the layer that gives the feature map; pickles, and is safe with threads."""
    if hasattr(_asked, "maps"):
        _asked.maps.append(output)
