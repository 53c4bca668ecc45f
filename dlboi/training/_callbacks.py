"""skorch callbacks that every fit uses."""

import copy
import math

from skorch.callbacks import Callback

from dlboi.exceptions import DivergenceError
from dlboi.training._schedules import schedule_factor


class LearningRate(Callback):
    """Sets the learning rate of each epoch and records it as ``lr``.

    Parameters
    ----------
    schedule, max_epochs, step_size, gamma
        As in :func:`schedule_factor`.
    """

    def __init__(self, schedule, max_epochs, step_size, gamma):
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.step_size = step_size
        self.gamma = gamma

    def on_epoch_begin(self, net, **kwargs):
        """Set the rate of every parameter group."""
        factor = schedule_factor(
            self.schedule,
            len(net.history) - 1,
            max_epochs=self.max_epochs,
            step_size=self.step_size,
            gamma=self.gamma,
        )
        for group in net.optimizer_.param_groups:
            group.setdefault("initial_lr", group["lr"])
            group["lr"] = group["initial_lr"] * factor
        net.history.record("lr", net.optimizer_.param_groups[0]["lr"])


class StopOnDivergence(Callback):
    """Ends a fit whose training loss is not finite any more."""

    def on_epoch_end(self, net, **kwargs):
        """Raise a DivergenceError if the loss is NaN or infinite."""
        loss = net.history[-1, "train_loss"]
        if not math.isfinite(loss):
            raise DivergenceError(
                f"The training loss is {loss} after epoch {len(net.history)}: the learning rate of "
                f"{net.history[-1, 'lr']:g} is too large for this network and these images. Set a "
                "smaller 'lr', or scale pixels of type float to [0, 1]."
            )


class ScoreMonitors(Callback):
    """Scores further sets each epoch and records ``<name>_loss`` and ``<name>_accuracy``.

    Nothing reads these records to choose an epoch or to stop.

    Parameters
    ----------
    datasets : dict of str to LabelledImages
        The sets; let go of when training ends, so that no pickle carries images.
    """

    def __init__(self, datasets):
        self.datasets = datasets

    def on_epoch_end(self, net, **kwargs):
        """Score every set with the weights of this epoch."""
        for name, dataset in self.datasets.items():
            loss, accuracy = net.evaluate(dataset)
            net.history.record(f"{name}_loss", loss)
            net.history.record(f"{name}_accuracy", accuracy)

    def on_train_end(self, net, **kwargs):
        """Let go of the sets."""
        self.datasets = {}


class KeepBest(Callback):
    """Ends a fit, also an interrupted one, with the weights of its best epoch.

    Parameters
    ----------
    monitor : {"valid_loss", "valid_accuracy", None}
        Record that decides; the first of equal epochs wins. None keeps the last epoch.

    Attributes
    ----------
    best_epoch_ : int
        Number of the epoch whose weights the net has, from 1.
    n_epochs_ : int
        Epochs that came to their end.
    """

    def __init__(self, monitor):
        self.monitor = monitor

    def on_train_begin(self, net, **kwargs):
        """Forget an earlier fit."""
        self.n_epochs_ = len(net.history)
        self.best_epoch_ = len(net.history)
        self._best_value = -math.inf
        self._best_weights = None

    def on_epoch_end(self, net, **kwargs):
        """Copy the weights if this is the best epoch so far."""
        self.n_epochs_ = len(net.history)
        if self.monitor is None:
            self.best_epoch_ = self.n_epochs_
            return
        value = net.history[-1, self.monitor]
        value = -value if self.monitor == "valid_loss" else value
        if value > self._best_value:
            self._best_value = value
            self.best_epoch_ = self.n_epochs_
            self._best_weights = copy.deepcopy(net.module_.state_dict())

    def on_train_end(self, net, **kwargs):
        """Give the net the best weights, and let go of the copy."""
        if self._best_weights is not None:
            net.module_.load_state_dict(self._best_weights)
            self._best_weights = None


class ProgressBar(Callback):
    """Shows epochs, losses and accuracies in a bar on standard error.

    Parameters
    ----------
    description : str
        What stands before the bar.
    max_epochs : int
        Length of the bar.
    """

    def __init__(self, description, max_epochs):
        self.description = description
        self.max_epochs = max_epochs

    def on_train_begin(self, net, **kwargs):
        """Open the bar."""
        from tqdm.auto import tqdm

        self._bar = tqdm(total=self.max_epochs, desc=self.description, unit="epoch")

    def on_epoch_end(self, net, **kwargs):
        """Move the bar on."""
        row = net.history[-1]
        shown = ["train_loss", "train_accuracy", "valid_loss", "valid_accuracy"]
        self._bar.set_postfix({name: f"{row[name]:.3f}" for name in shown if name in row})
        self._bar.update()

    def on_train_end(self, net, **kwargs):
        """Close the bar."""
        self._bar.close()
        self._bar = None
