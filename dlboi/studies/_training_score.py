"""Score the training images as the others are scored."""

from skorch.callbacks import Callback


class TrainingScore(Callback):
    """Records ``training_images_loss`` and ``training_images_accuracy``, with fixed weights.

    The records of training are means over an epoch in which the weights change, with dropout:
    these are taken at its end, without.
    """

    def __repr__(self):
        return "TrainingScore()"

    def __getstate__(self):
        return {}  # no pickle is to carry images

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        """Bring the training images to the device."""
        self.training_ = X[0].to(net.device)

    def on_epoch_end(self, net, **kwargs):
        """Score the training images."""
        loss, accuracy = net.evaluate(self.training_)
        net.history.record("training_images_loss", loss)
        net.history.record("training_images_accuracy", accuracy)

    def on_train_end(self, net, **kwargs):
        """Let go of the images."""
        self.training_ = None
