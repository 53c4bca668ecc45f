"""scikit-learn's callbacks hear of each epoch, of each candidate and fold of a search too."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold

from dlboi import ANNClassifier, GAPClassifier
from dlboi.datasets import make_chest_phantoms

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 has callbacks")

SMALL = {"max_epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(24, image_size=16, random_state=0)


class Recording:
    """Remembers what it is told; stops at an epoch."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.told = []
        self.scores = []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.told.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.told.append(f"end {context.task_name}")
        self.scores.append(fitted_estimator.score(X, y))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after


def test_each_epoch_is_a_task_with_a_classifier_that_predicts(phantoms):
    recording = Recording()
    X, y = phantoms.data, phantoms.target
    clf = ANNClassifier(hidden_layer_sizes=(8,), **SMALL).set_callbacks(recording).fit(X, y)
    epochs = ["begin epoch", "end epoch"] * 3
    assert recording.told == ["setup", "begin fit", *epochs, "end fit", "teardown"]
    # Without validation images the last epoch is the one that is kept.
    assert recording.scores[-2] == recording.scores[-1] == clf.score(X, y)


def test_to_be_told_changes_no_weight(phantoms):
    X, y = phantoms.data, phantoms.target
    plain = GAPClassifier(n_filters=(4,), **SMALL).fit(X, y)
    told = clone(plain).set_callbacks(Recording()).fit(X, y)
    np.testing.assert_array_equal(plain.predict_proba(X), told.predict_proba(X))


def test_a_callback_ends_the_fit_after_an_epoch(phantoms):
    X, y = phantoms.data, phantoms.target
    clf = ANNClassifier(hidden_layer_sizes=(8,), **SMALL).set_callbacks(Recording(2)).fit(X, y)
    assert clf.n_iter_ == 2


def test_images_are_not_kept(phantoms):
    X, y = phantoms.data, phantoms.target
    clf = ANNClassifier(hidden_layer_sizes=(8,), **SMALL)
    size = len(pickle.dumps(clf.fit(X, y)))
    told = clone(clf).set_callbacks(Recording()).fit(X, y)
    assert not hasattr(told, "_callback_fit_ctx")
    told.set_callbacks()
    assert len(pickle.dumps(told)) < size + 2000 < size + X.nbytes


def test_a_search_reports_the_epochs_of_every_candidate_and_fold(phantoms):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    clf = ANNClassifier(hidden_layer_sizes=(8,), **SMALL).set_callbacks(monitor)
    search = GridSearchCV(clf, {"lr": [1e-3, 1e-2]}, cv=KFold(2), refit=False)
    search.fit(phantoms.data, phantoms.target)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len({row["parent_task_id_path"] for row in rows}) == 4
    assert len(rows) == 4 * 3
    assert all(0 <= row["accuracy"] <= 1 for row in rows)
