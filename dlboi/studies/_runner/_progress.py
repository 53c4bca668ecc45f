"""How far a study is: runs and epochs."""

import sys

from skorch.callbacks import Callback

from dlboi.classifiers._base import ImageClassifier


class StudyProgress:
    """A context that shows the runs of a study, and the epochs of the one under way.

    Parameters
    ----------
    n_runs : int
        Runs to be done.
    n_epochs : int
        Epochs that these runs will take at most; 0 where they are not known.
    is_shown : bool
        Whether there is a bar at all.
    """

    def __init__(self, n_runs: int, n_epochs: int, *, is_shown: bool):
        self._n_runs, self._n_epochs = n_runs, n_epochs
        self._is_shown = is_shown
        self._n_done = 0

    def __enter__(self):
        from tqdm.auto import tqdm

        self._bar = tqdm(
            total=self._n_epochs or self._n_runs,
            unit="epoch" if self._n_epochs else "run",
            disable=not self._is_shown,
            file=sys.stderr,
        )
        self._describe()
        return self

    def __exit__(self, *exception):
        self._bar.close()

    def watch(self, estimator):
        """Let the bar hear of the epochs of an estimator that is fitted in this process."""
        if self._n_epochs and self._is_shown and isinstance(estimator, ImageClassifier):
            callbacks = [*(estimator.callbacks or []), _Epochs(self._bar)]
            estimator.set_params(callbacks=callbacks)
        return estimator

    def done(self, n_epochs: int = 0) -> None:
        """Note the end of a run, and its epochs that the bar has not heard of."""
        self._n_done += 1
        self._bar.update(n_epochs if self._n_epochs else 1)
        self._describe()

    def _describe(self):
        self._bar.set_description(f"runs {self._n_done}/{self._n_runs}")


class _Epochs(Callback):
    """Moves a bar on by one each epoch."""

    def __init__(self, bar):
        self.bar = bar

    def __sklearn_clone__(self):
        return type(self)(self.bar)

    def on_epoch_end(self, net, **kwargs):
        """Count an epoch."""
        self.bar.update()
