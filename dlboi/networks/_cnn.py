"""The convolutional network with a fully connected head."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from dlboi.networks._blocks import ConvBlocks


class CNN(nn.Module):
    """Convolution blocks, then fully connected layers.

    Parameters
    ----------
    input_shape : tuple of (int, int, int)
        Channels, height and width of the images, in pixels.
    n_outputs : int
        Number of logits.
    n_filters, kernel_size, pool_size
        As in :class:`ConvBlocks`.
    hidden_layer_sizes : sequence of int, default=(32,)
        Neurons of each fully connected layer between the blocks and the logits.
    dropout : float, default=0.0
        Probability that a hidden neuron is left out of a training step.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        n_outputs: int,
        *,
        n_filters: Sequence[int] = (32, 32, 32),
        kernel_size: int = 3,
        pool_size: int = 2,
        hidden_layer_sizes: Sequence[int] = (32,),
        dropout: float = 0.0,
    ):
        super().__init__()
        self.features = ConvBlocks(
            input_shape, n_filters=n_filters, kernel_size=kernel_size, pool_size=pool_size
        )
        self.head = nn.Sequential()
        self.head.add_module("flatten", nn.Flatten())
        n_inputs = math.prod(self.features.output_shape)
        for number, n_neurons in enumerate(hidden_layer_sizes, start=1):
            self.head.add_module(f"linear{number}", nn.Linear(n_inputs, n_neurons))
            self.head.add_module(f"relu{number}", nn.ReLU())
            if dropout > 0:
                self.head.add_module(f"dropout{number}", nn.Dropout(dropout))
            n_inputs = n_neurons
        self.head.add_module("output", nn.Linear(n_inputs, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)`` to logits ``(n, n_outputs)``."""
        return self.head(self.features(images))
