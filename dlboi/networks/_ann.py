"""The fully connected network."""

import math
from collections.abc import Sequence

from torch import Tensor, nn


class ANN(nn.Sequential):
    """Fully connected layers on the flattened image.

    Each hidden layer is Linear, dropout (if any), ReLU, batch normalisation (if asked for); one
    more linear layer gives the logits.

    Parameters
    ----------
    input_shape : tuple of (int, int, int)
        Channels, height and width of the images, in pixels.
    n_outputs : int
        Number of logits.
    hidden_layer_sizes : sequence of int, default=(32, 32, 32)
        Neurons of each hidden layer.
    dropout : float, default=0.0
        Probability that a hidden neuron is left out of a training step.
    batch_norm : bool, default=False
        Whether batch normalisation follows each ReLU.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        n_outputs: int,
        *,
        hidden_layer_sizes: Sequence[int] = (32, 32, 32),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ):
        super().__init__()
        self.add_module("flatten", nn.Flatten())
        n_inputs = math.prod(input_shape)
        for number, n_neurons in enumerate(hidden_layer_sizes, start=1):
            self.add_module(f"linear{number}", nn.Linear(n_inputs, n_neurons))
            if dropout > 0:
                self.add_module(f"dropout{number}", nn.Dropout(dropout))
            self.add_module(f"relu{number}", nn.ReLU())
            if batch_norm:
                self.add_module(f"norm{number}", nn.BatchNorm1d(n_neurons))
            n_inputs = n_neurons
        self.add_module("output", nn.Linear(n_inputs, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)`` to logits ``(n, n_outputs)``."""
        return super().forward(images)
