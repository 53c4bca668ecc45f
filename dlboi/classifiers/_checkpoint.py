"""The checkpoint of a fit: which fit it is of, and where that fit goes on."""

import os
from contextlib import contextmanager
from pathlib import Path

from dlboi._validation import draw_seed
from dlboi._version import __version__
from dlboi.classifiers._fit_facts import fit_digests, fit_settings
from dlboi.classifiers._net_setup import named_callback
from dlboi.exceptions import CheckpointError
from dlboi.training import ImageClassifierNet
from dlboi.training._callback_state import can_be_saved
from dlboi.training._checkpoint_folder import CheckpointFolder
from dlboi.training._save_each_epoch import SaveEachEpoch

_FORMAT = 1

#: From the code that warns of a damaged file to the user's call of fit: a function here and what
#: makes a context of it, fit, and the wrapper in which scikit-learn checks the parameters.
_STACKLEVEL = 6


@contextmanager
def opened_checkpoint(estimator, path):
    """Hold the folder of the checkpoints while a classifier is fitted.

    Parameters
    ----------
    estimator : ImageClassifier
        The classifier.
    path : str, path-like or None
        The parameter `checkpoint` of ``fit``.

    Yields
    ------
    FitCheckpoint
    """
    if path is None:
        yield FitCheckpoint()
        return
    _check_parameters(estimator, path)
    with CheckpointFolder(Path(path).absolute()).opened() as folder:
        checkpoint = FitCheckpoint(folder, folder.read(stacklevel=_STACKLEVEL))
        try:
            yield checkpoint
        finally:
            checkpoint.let_go()


class FitCheckpoint:
    """Where one fit goes on, and what writes its states.

    Parameters
    ----------
    folder : CheckpointFolder, default=None
        The folder, opened; None for a fit without.
    saved : tuple of (dict, dict), default=None
        Header and tensors of the newest state.

    Attributes
    ----------
    epochs_left : int or None
        Epochs to train for; None for all of them.
    """

    def __init__(self, folder: CheckpointFolder | None = None, saved=None):
        self.epochs_left = None
        self._folder = folder
        self._saved = saved
        self._saving = None
        if saved is not None and saved[0].get("format") != _FORMAT:
            raise CheckpointError(
                f"{folder.path} holds checkpoints of format {saved[0].get('format')}, this version "
                f"of dlboi ({__version__}) reads {_FORMAT}. Delete the folder to start anew."
            )

    def seed(self, random_state) -> int:
        """Return the seed of the fit: with ``random_state=None`` the one that was drawn before."""
        if self._saved is not None and random_state is None:
            return self._saved[0]["seed"]
        return draw_seed(random_state)

    def resume(
        self, estimator, net: ImageClassifierNet, data, fixed: frozenset[str]
    ) -> SaveEachEpoch | None:
        """Return the callback that brings the state back and writes the next ones.

        Parameters
        ----------
        estimator : ImageClassifier
            The classifier.
        net : ImageClassifierNet
            What is to be trained, initialized.
        data : FitData
            What it is to be trained on.
        fixed : frozenset of str
            Names of weights that training does not change.

        Returns
        -------
        SaveEachEpoch or None
            None for a fit without a folder.

        Raises
        ------
        CheckpointError
            The folder is of another fit.
        """
        if self._folder is None:
            return None
        about = {
            "format": _FORMAT,
            "seed": net.seed,
            "settings": fit_settings(estimator, net, data),
            "digests": fit_digests(net, data, fixed),
        }
        if self._saved is not None:
            header = self._saved[0]
            self._refuse_another_fit(header, about)
            n_epochs = len(header["history"])
            self.epochs_left = 0 if header["finished"] else estimator.max_epochs - n_epochs
        self._saving = SaveEachEpoch(self._folder, about, fixed, self._saved)
        self._saved = None
        return self._saving

    def finish(self, net: ImageClassifierNet) -> None:
        """Write that the fit has come to its end, with the weights that it ends with."""
        if self._saving is not None and self.epochs_left != 0:
            self._saving.write(net, finished=True)

    def let_go(self) -> None:
        """Write no more."""
        if self._saving is not None:
            self._saving.let_go()

    def _refuse_another_fit(self, there, here):
        settings = _other_names(there["settings"], here["settings"])
        differences = [
            f"{name}: {there['settings'].get(name)} there, {here['settings'].get(name)} here"
            for name in settings
        ]
        digests = _other_names(there["digests"], here["digests"])
        differences += [f"the {name} are others" for name in digests]
        if differences:
            raise CheckpointError(
                f"{self._folder.path} holds checkpoints of another fit ({'; '.join(differences)}). "
                "Give this fit a folder of its own as 'checkpoint', or delete that one to start "
                "anew."
            )


def _check_parameters(estimator, path):
    if not isinstance(path, (str, os.PathLike)):
        raise ValueError(
            "The 'checkpoint' parameter of fit must be the path of a folder or None. Got "
            f"{path!r} instead."
        )
    if estimator.warm_start:
        raise ValueError(
            "The 'checkpoint' parameter of fit cannot be used with warm_start=True: a checkpoint "
            "is of one fit. Set warm_start=False, and 'max_epochs' to all the epochs you want."
        )
    for entry in estimator.callbacks or ():
        name, callback = named_callback(entry)
        if not can_be_saved(callback):
            raise CheckpointError(
                f"The state of the callback {name or type(callback).__name__} cannot be written to "
                "a checkpoint. Fit without it or without 'checkpoint', or give it the methods "
                "state_dict() and load_state_dict(state)."
            )


def _other_names(there, here):
    names = {**there, **here}
    return [name for name in names if there.get(name) != here.get(name)]
