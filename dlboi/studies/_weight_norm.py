"""Record how large the weights of a network are."""

from skorch.callbacks import Callback


class WeightNorm(Callback):
    """Records the sum of the squares of all weights that learn, as ``l2_norm_squared``.

    Weight decay works on all of them, biases included.
    """

    def __repr__(self):
        return "WeightNorm()"

    def on_epoch_end(self, net, **kwargs):
        """Add up the squares of this epoch's weights."""
        learning = (p.detach() for p in net.module_.parameters() if p.requires_grad)
        net.history.record(
            "l2_norm_squared", sum(float(p.double().square().sum()) for p in learning)
        )
