"""Which of its epochs a fit ends with."""

import math

from skorch.callbacks import Callback

#: What the names of kept weights begin with in a state.
_WEIGHT = "weight."


class KeepBest(Callback):
    """Ends a fit, also an interrupted one, with the weights of its best epoch.

    Parameters
    ----------
    monitor : {"valid_loss", "valid_accuracy", None}
        Record that decides; the first of equal epochs wins. None keeps the last epoch that came
        to its end.
    fixed : iterable of str, default=()
        Names of weights that training does not change: they are not copied.

    Attributes
    ----------
    best_epoch_ : int
        Number of the epoch whose weights the net has, from 1.
    n_epochs_ : int
        Epochs that came to their end.
    """

    def __init__(self, monitor, fixed=()):
        self.monitor = monitor
        self.fixed = frozenset(fixed)

    def __getstate__(self):
        return {**vars(self), "_learning_": None, "_weights_": None}

    def on_train_begin(self, net, **kwargs):
        """Forget an earlier fit, but not the weights it ended with."""
        self._best_value_ = -math.inf
        state = net.module_.state_dict().items()  # seen once: a large body takes its time
        self._learning_ = {name: tensor for name, tensor in state if name not in self.fixed}
        self._keep(net)

    def on_epoch_end(self, net, **kwargs):
        """Copy the weights if this is the best epoch so far."""
        self.n_epochs_ = len(net.history)
        if self.monitor is None:
            self._keep(net)
            return
        value = net.history[-1, self.monitor]
        value = -value if self.monitor == "valid_loss" else value
        if value > self._best_value_:
            self._best_value_ = value
            self._keep(net)

    def on_train_end(self, net, **kwargs):
        """Give the net the best weights, let go of the copy and of an epoch without end."""
        for name, tensor in self._learning_.items():
            tensor.copy_(self._weights_[name])
        self._learning_ = self._weights_ = None
        del net.history[self.n_epochs_ :]

    def state_dict(self) -> dict:
        """Return what the next epochs and the end of the fit need to know."""
        state = {
            "best_value": self._best_value_,
            "best_epoch": self.best_epoch_,
            "n_epochs": self.n_epochs_,
        }
        if self._weights_ is not None and self.best_epoch_ < self.n_epochs_:
            state |= {f"{_WEIGHT}{name}": tensor for name, tensor in self._weights_.items()}
        return state

    def load_state_dict(self, state: dict):
        """Go on from a state; where it has no weights of its own, the net has the best ones."""
        self._best_value_ = state["best_value"]
        self.best_epoch_, self.n_epochs_ = state["best_epoch"], state["n_epochs"]
        self._weights_ = {
            name: state.get(f"{_WEIGHT}{name}", tensor).clone()
            for name, tensor in self._learning_.items()
        }

    def _keep(self, net):
        self.n_epochs_ = self.best_epoch_ = len(net.history)
        self._weights_ = {name: tensor.clone() for name, tensor in self._learning_.items()}
