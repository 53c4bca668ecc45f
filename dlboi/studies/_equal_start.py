"""Let networks with one and with two logits start as the same function."""

import torch
from skorch.callbacks import Callback

from dlboi.training import LocalRandomness


class EqualStart(Callback):
    """Starts a network of two logits as the one of a single logit that has the same seed.

    The weight vectors of the two logits are -w/2 and w/2, those of a single logit w: their
    difference, of which softmax is the sigmoid, is w. A network of one logit is left as it is.
    Every epoch records ``nats_before_training``, the loss on the training images before the first
    step.
    """

    def __repr__(self):
        return "EqualStart()"

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        """Set the weights, and score the training images with them."""
        arguments = net.get_params_for("module")
        if arguments["n_outputs"] == 2:
            with LocalRandomness(net.seed):
                single = net.module(**{**arguments, "n_outputs": 1})
            _start_as(net.module_, single.state_dict())
        training, _ = X
        self.loss_, _ = net.evaluate(training.to(net.device))

    def on_epoch_end(self, net, **kwargs):
        """Record the loss before training."""
        net.history.record("nats_before_training", self.loss_)


def _start_as(network, state):
    for name, tensor in network.state_dict().items():  # they share memory with the network
        given = state[name]
        if given.shape != tensor.shape:
            given = torch.cat([-given, given]) / 2
        tensor.copy_(given)
