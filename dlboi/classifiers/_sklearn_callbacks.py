"""scikit-learn's own callbacks, where its version has them: they hear of each epoch of a fit."""

from skorch.callbacks import Callback

from dlboi.classifiers._fit_data import FitData
from dlboi.training import StopTraining

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:
        """Nothing: this version of scikit-learn has no callbacks."""


def begin_tasks(estimator, X, y, data: FitData) -> list:
    """Tell scikit-learn's callbacks of an estimator that a fit begins.

    Parameters
    ----------
    estimator : ImageClassifier
        The classifier.
    X, y : array-like
        What it is fitted on, as the user gave it.
    data : FitData
        The same, checked.

    Returns
    -------
    list of tuple of (str, FitTasks)
        Callbacks of the net; none where there is nobody to tell.
    """
    if not hasattr(estimator, "_init_callback_context"):
        return []
    context = estimator._init_callback_context(max_subtasks=estimator.max_epochs)
    if not hasattr(estimator, "_skl_callbacks"):
        return []
    context.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
    fitted = {
        "classes_": data.classes,
        "image_shape_": data.image_shape,
        "_pixel_max": data.pixel_max,
    }
    return [("fit_tasks", FitTasks(context, estimator, X, y, fitted))]


def end_tasks(callbacks: list) -> None:
    """Tell those of :func:`begin_tasks` that the fit has ended."""
    for _, tasks in callbacks:
        tasks.end()


class FitTasks(Callback):
    """Makes each epoch a task of scikit-learn's callbacks.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext
        That of the fit.
    estimator : ImageClassifier
        The classifier.
    X, y : array-like
        What it is fitted on.
    fitted : dict of str to object
        What makes the estimator a fitted one, together with the net.
    """

    def __init__(self, context, estimator, X, y, fitted):
        self.context = context
        self.estimator = estimator
        self.X = X
        self.y = y
        self.fitted = fitted

    def __getstate__(self):
        # Of no use after the fit, and the images would be part of every pickle.
        return dict.fromkeys(vars(self))

    def on_epoch_begin(self, net, **kwargs):
        """Begin the task of an epoch."""
        self._epoch = self.context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self.estimator, X=self.X, y=self.y)

    def on_epoch_end(self, net, **kwargs):
        """End it, with the weights of this epoch; stop if a callback asks for it."""
        stop = self._epoch.call_on_fit_task_end(
            estimator=self.estimator,
            X=self.X,
            y=self.y,
            reconstruction_attributes={**self.fitted, "net_": net},
        )
        if stop:
            raise StopTraining

    def end(self) -> None:
        """Tell that the fit has ended, and let go of the images."""
        self.context.call_on_fit_task_end(
            estimator=self.estimator, X=self.X, y=self.y, reconstruction_attributes={}
        )
        vars(self).update(self.__getstate__())
