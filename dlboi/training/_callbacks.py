"""skorch callbacks that every fit uses."""

import math

import torch
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
        """Set the rate of every parameter group; without a schedule others may set it."""
        if self.schedule is not None:
            self._set(net)
        net.history.record("lr", net.optimizer_.param_groups[-1]["lr"])

    def _set(self, net):
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


class StopOnDivergence(Callback):
    """Ends a fit whose losses or weights are not finite any more."""

    def on_epoch_end(self, net, **kwargs):
        """Raise a DivergenceError if a loss or a weight is NaN or infinite."""
        row = net.history[-1]
        losses = {"training": row["train_loss"], "validation": row.get("valid_loss", 0.0)}
        causes = [f"the {kind} loss is {x}" for kind, x in losses.items() if not math.isfinite(x)]
        # The loss of the last batch is that of the weights before the last step.
        learning = [p for p in net.module_.parameters() if p.requires_grad]
        # Smallest and largest tell it in one pass, without memory for each weight.
        weights = [torch.stack(p.detach().aminmax()).isfinite().all() for p in learning]
        if not torch.stack(weights).all():
            causes.append("weights are not finite")
        if causes:
            raise DivergenceError(
                f"Training has diverged: after epoch {len(net.history)} {' and '.join(causes)}. "
                f"The learning rate of {row['lr']:g} is too large for this network and these "
                "images. Set a smaller 'lr', or scale pixels of type float to [0, 1]."
            )


class Thaw(Callback):
    """Lets a frozen body learn from an epoch on.

    Parameters
    ----------
    epoch : int
        The first epoch, from 1, in which it learns.
    """

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch_begin(self, net, **kwargs):
        """Thaw the body of the network when its epoch has come."""
        if len(net.history) >= self.epoch and net.module_.n_frozen_stages:
            net.module_.thaw()


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

    def __getstate__(self):
        return {"datasets": {}}

    def on_train_begin(self, net, **kwargs):
        """Bring the sets to the device."""
        self.datasets = {name: dataset.to(net.device) for name, dataset in self.datasets.items()}

    def on_epoch_end(self, net, **kwargs):
        """Score every set with the weights of this epoch."""
        for name, dataset in self.datasets.items():
            loss, accuracy = net.evaluate(dataset)
            net.history.record(f"{name}_loss", loss)
            net.history.record(f"{name}_accuracy", accuracy)

    def on_train_end(self, net, **kwargs):
        """Let go of the sets."""
        self.datasets = {}


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

    def __getstate__(self):
        return {**vars(self), "_bar_": None}

    def on_train_begin(self, net, **kwargs):
        """Open the bar."""
        from tqdm.auto import tqdm

        self._n_before_ = len(net.history)
        self._bar_ = tqdm(total=self.max_epochs, desc=self.description, unit="epoch")

    def on_epoch_end(self, net, **kwargs):
        """Move the bar on."""
        row = net.history[-1]
        shown = ["train_loss", "train_accuracy", "valid_loss", "valid_accuracy"]
        self._bar_.set_postfix({name: f"{row[name]:.3f}" for name in shown if name in row})
        # A fit that goes on from a checkpoint begins in the middle.
        self._bar_.update(len(net.history) - self._n_before_ - self._bar_.n)

    def on_train_end(self, net, **kwargs):
        """Close the bar."""
        self._bar_.close()
        self._bar_ = None
