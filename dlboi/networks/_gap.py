"""The convolutional network with global average pooling."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from dlboi.networks._blocks import ConvBlocks


class GAP(nn.Module):
    """Convolution blocks, adaptive average pooling, one linear layer.

    Parameters
    ----------
    input_shape : tuple of (int, int, int)
        Channels, height and width of the images, in pixels.
    n_outputs : int
        Number of logits.
    n_filters, kernel_size, pool_size
        As in :class:`ConvBlocks`.
    output_size : int, default=1
        Side of the pooled map, in cells; 1 is global average pooling.

    References
    ----------
    .. [1] Lin, M., Chen, Q. and Yan, S. "Network in network", ICLR 2014, arXiv:1312.4400.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        n_outputs: int,
        *,
        n_filters: Sequence[int] = (32, 32, 32),
        kernel_size: int = 3,
        pool_size: int = 2,
        output_size: int = 1,
    ):
        super().__init__()
        self.features = ConvBlocks(
            input_shape, n_filters=n_filters, kernel_size=kernel_size, pool_size=pool_size
        )
        cells = (self.features.output_shape[0], output_size, output_size)
        self.head = nn.Sequential()
        self.head.add_module("pool", nn.AdaptiveAvgPool2d(output_size))
        self.head.add_module("flatten", nn.Flatten())
        self.head.add_module("output", nn.Linear(math.prod(cells), n_outputs))

    #: Whether a logit is the sum of what the places of the feature map add to it.
    map_is_linear = True

    def map_and_logits(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map images ``(n, c, h, w)`` to the last feature map and the logits."""
        feature_map = self.features(images)
        return feature_map, self.head(feature_map)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)`` to logits ``(n, n_outputs)``."""
        return self.head(self.features(images))
