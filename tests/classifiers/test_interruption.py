"""Ctrl-C in fit: the best weights of whole epochs are kept, and the exception goes on."""

import pickle
import signal

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from skorch.callbacks import Callback, EarlyStopping

from dlboi import ANNClassifier


class CtrlC(Callback):
    """Interrupts at one point of an epoch, by exception or by signal."""

    def __init__(self, epoch, hook, how):
        self.epoch = epoch
        self.hook = hook
        self.how = how

    def notify(self, net, hook):
        if hook == self.hook and len(net.history) == self.epoch:
            if self.how == "signal":
                signal.raise_signal(signal.SIGINT)
            raise KeyboardInterrupt

    def on_train_begin(self, net, **kwargs):
        self.notify(net, "train_begin")

    def on_epoch_begin(self, net, **kwargs):
        self.notify(net, "epoch_begin")

    def on_batch_end(self, net, training=None, **kwargs):
        self.notify(net, "batch_end" if training else "validation_batch_end")

    def on_grad_computed(self, net, **kwargs):
        self.notify(net, "grad_computed")


POINTS = ["epoch_begin", "grad_computed", "batch_end", "validation_batch_end"]
PARAMETERS = {"lr": 0.005, "schedule": None, "batch_size": 8}


@pytest.fixture
def interrupt(chest, small):
    """Return a function that fits until it is interrupted."""

    def interrupt(classifier, epoch, hook, how="exception", **parameters):
        callbacks = [CtrlC(epoch, hook, how)]
        clf = small(classifier, max_epochs=5, callbacks=callbacks, **{**PARAMETERS, **parameters})
        with pytest.raises(KeyboardInterrupt):
            clf.fit(chest.data[:40], chest.target[:40], validation_data=validation(chest))
        return clf

    return interrupt


def validation(chest, wrong=False):
    y = chest.target[40:]
    return chest.data[40:], 1 - y if wrong else y


@pytest.fixture
def two_epochs(chest, small):
    def fit(classifier, **parameters):
        clf = small(classifier, max_epochs=2, **PARAMETERS, **parameters)
        return clf.fit(chest.data[:40], chest.target[:40], validation_data=validation(chest))

    return fit


@pytest.mark.parametrize("how", ["exception", "signal"])
@pytest.mark.parametrize("hook", POINTS)
@pytest.mark.parametrize("restore_best", ["val_loss", None])
def test_the_epochs_before_are_kept(
    classifier, restore_best, hook, how, interrupt, two_epochs, chest, digest
):
    clf = interrupt(classifier, 3, hook, how, restore_best=restore_best)
    expected = two_epochs(classifier, restore_best=restore_best)
    assert digest(clf) == digest(expected)
    assert clf.n_iter_ == 2
    assert clf.best_epoch_ == expected.best_epoch_
    assert clf.history_.keys() == expected.history_.keys()
    for name in set(clf.history_) - {"train_seconds", "validation_seconds"}:
        np.testing.assert_array_equal(clf.history_[name], expected.history_[name])
    assert len(clf.net_.history) == 2
    np.testing.assert_array_equal(clf.predict_proba(chest.data), expected.predict_proba(chest.data))
    assert digest(pickle.loads(pickle.dumps(clf))) == digest(expected)


def test_the_best_of_the_epochs_before(chest, small, digest):
    """On wrong labels the first epoch is the best."""
    clf = small(ANNClassifier, max_epochs=5, callbacks=[CtrlC(4, "batch_end", "")], **PARAMETERS)
    with pytest.raises(KeyboardInterrupt):
        clf.fit(chest.data[:40], chest.target[:40], validation_data=validation(chest, wrong=True))
    assert clf.best_epoch_ == 1 + clf.history_["validation_loss"].argmin() == 1
    assert clf.n_iter_ == 3
    one = small(ANNClassifier, max_epochs=1, **PARAMETERS)
    assert digest(one.fit(chest.data[:40], chest.target[:40])) == digest(clf)


@pytest.mark.parametrize("hook", [*POINTS, "train_begin"])
def test_the_first_epoch_leaves_nothing(classifier, hook, interrupt, chest):
    clf = interrupt(classifier, 0 if hook == "train_begin" else 1, hook)
    for name in ("net_", "classes_", "history_", "n_iter_"):
        assert not hasattr(clf, name)
    with pytest.raises(NotFittedError):
        clf.predict(chest.data)


def test_an_earlier_fit_survives(classifier, fitted, chest, digest):
    """A cold second fit that is interrupted at once leaves the first as it was."""
    clf = pickle.loads(pickle.dumps(fitted))
    clf.set_params(callbacks=[CtrlC(1, "batch_end", "")])
    with pytest.raises(KeyboardInterrupt):
        clf.fit(chest.data, chest.target)
    assert digest(clf) == digest(fitted)
    assert clf.n_iter_ == fitted.n_iter_


@pytest.mark.parametrize("hook", POINTS)
def test_a_warm_start_goes_on(hook, classifier, interrupt, chest):
    clf = interrupt(classifier, 3, hook, warm_start=True, restore_best=None)
    clf.set_params(callbacks=None, max_epochs=2)
    clf.fit(chest.data[:40], chest.target[:40], validation_data=validation(chest))
    assert clf.history_["epoch"].tolist() == [1, 2, 3, 4]
    assert {len(values) for values in clf.history_.values()} == {4}


def test_a_warm_start_that_is_interrupted_at_once(chest, small, digest):
    clf = small(ANNClassifier, warm_start=True).fit(chest.data, chest.target)
    before = digest(clf)
    clf.set_params(callbacks=[CtrlC(3, "batch_end", "")])
    with pytest.raises(KeyboardInterrupt):
        clf.fit(chest.data, chest.target)
    assert digest(clf) == before
    assert clf.n_iter_ == clf.best_epoch_ == 2


def test_an_interruption_is_no_early_stop(chest, small):
    clf = small(
        ANNClassifier,
        max_epochs=5,
        early_stopping=True,
        patience=1,
        callbacks=[EarlyStopping(patience=9), CtrlC(2, "batch_end", "")],
    )
    with pytest.raises(KeyboardInterrupt):
        clf.fit(chest.data, chest.target, validation_data=validation(chest))
    assert clf.n_iter_ == 1


@pytest.mark.parametrize("hook", ["batch_end", "epoch_begin"])
def test_a_search_stops(hook, chest, small):
    clf = small(ANNClassifier, callbacks=[CtrlC(2, hook, "signal")])
    search = GridSearchCV(clf, {"lr": [1e-3, 1e-2]}, cv=2)
    with pytest.raises(KeyboardInterrupt):
        search.fit(chest.data, chest.target)
    assert not hasattr(search, "cv_results_")
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(clone(clf), chest.data, chest.target, cv=2)
