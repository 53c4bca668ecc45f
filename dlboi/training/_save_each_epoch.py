"""The state of a fit, written after each epoch."""

import torch
from skorch.callbacks import Callback

from dlboi.training._callback_state import callback_state, load_callback_state
from dlboi.training._history_rows import rows_as_read, rows_to_write
from dlboi.training._optimizer_state import load_optimizer_state, optimizer_state


class SaveEachEpoch(Callback):
    """Writes the state of a fit before the first epoch and after each, and brings it back.

    It is the last of the callbacks, so that a state has what the others record. All else that a
    fit draws follows from its seed and the number of the epoch.

    Parameters
    ----------
    folder : CheckpointFolder
        Where to write.
    about : dict
        What else the headers of the files are to hold.
    fixed : iterable of str, default=()
        Names of weights that training does not change: they are not written.
    saved : tuple of (dict, dict), default=None
        Header and tensors of the state to go on from.
    """

    def __init__(self, folder, about, fixed=(), saved=None):
        self.folder = folder
        self.about = about
        self.fixed = frozenset(fixed)
        self.saved = saved

    def __getstate__(self):
        return {**vars(self), "folder": None, "saved": None}

    def on_train_begin(self, net, **kwargs):
        """Go on from the state that was saved, or write the first: so it is known to have room."""
        if self.saved is None:
            self.write(net)
        else:
            self._restore(net, *self.saved)
            self.saved = None

    def on_epoch_end(self, net, **kwargs):
        """Write the state after this epoch."""
        self.write(net)

    def write(self, net, *, finished: bool = False):
        """Write the state.

        Parameters
        ----------
        net : ImageClassifierNet
            The net, between two epochs, or after the last one with the weights that `fit` ends
            with.
        finished : bool, default=False
            Whether there are no more epochs: what the optimizer remembers is then left out.
        """
        if self.folder is None:  # the fit is over, and the net is trained by itself
            return
        tensors = _prefixed("module/", self._learning(net))
        numbers, callbacks = [], {}
        if not finished:
            moments, numbers = optimizer_state(net.optimizer_)
            tensors |= _prefixed("optimizer/", moments)
        for name, callback in net.callbacks_:
            state = callback_state(callback)
            kept = {key: value for key, value in state.items() if isinstance(value, torch.Tensor)}
            tensors |= _prefixed(f"callbacks/{name}/", kept)
            callbacks[name] = {key: value for key, value in state.items() if key not in kept}
        header = {
            **self.about,
            "finished": finished,
            "history": rows_to_write(net.history),
            "optimizer": numbers,
            "callbacks": callbacks,
        }
        self.folder.write(header, tensors)

    def let_go(self):
        """Hold the folder and the state no more: the net outlives its fit."""
        self.folder = self.saved = None

    def _restore(self, net, header, tensors):
        weights = _without_prefix("module/", tensors)
        for name, tensor in self._learning(net).items():
            tensor.copy_(weights[name])
        net.history.extend(rows_as_read(header["history"]))
        if not header["finished"]:
            moments = _without_prefix("optimizer/", tensors)
            load_optimizer_state(net.optimizer_, moments, header["optimizer"])
        for name, callback in net.callbacks_:
            state = header["callbacks"].get(name, {})
            kept = _without_prefix(f"callbacks/{name}/", tensors)
            load_callback_state(callback, state | kept)

    def _learning(self, net):
        state = net.module_.state_dict().items()
        return {name: tensor for name, tensor in state if name not in self.fixed}


def _prefixed(prefix, tensors):
    return {f"{prefix}{name}": tensor for name, tensor in tensors.items()}


def _without_prefix(prefix, tensors):
    names = (name for name in tensors if name.startswith(prefix))
    return {name.removeprefix(prefix): tensors[name] for name in names}
