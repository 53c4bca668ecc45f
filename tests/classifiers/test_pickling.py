"""Pickle and joblib, before and after fit."""

import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from skorch.callbacks import EpochScoring

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier


def through_pickle(clf):
    return pickle.loads(pickle.dumps(clf))


def through_joblib(clf):
    file = io.BytesIO()
    joblib.dump(clf, file)
    file.seek(0)
    return joblib.load(file)


@pytest.mark.parametrize("copy", [through_pickle, through_joblib])
def test_a_copy_is_equal(classifier, copy, fitted, chest, digest):
    again = copy(fitted)
    assert digest(again) == digest(fitted)
    np.testing.assert_array_equal(again.predict_proba(chest.data), fitted.predict_proba(chest.data))
    for name, values in fitted.history_.items():
        np.testing.assert_array_equal(again.history_[name], values)
    assert again.get_params() == fitted.get_params()
    assert str(again.summary()) == str(fitted.summary())


def test_a_copy_can_be_fitted_again(classifier, fitted, chest, digest):
    again = through_pickle(fitted)
    assert digest(again.fit(chest.data, chest.target)) == digest(fitted)


@pytest.mark.parametrize(
    "estimator",
    [
        ANNClassifier(),
        CNNClassifier(),
        GAPClassifier(n_filters=(128, 128)),
        ANNClassifier(optimizer="sgd", batch_norm=True),
        CNNClassifier(
            validation_fraction=0.25,
            early_stopping=True,
            augment="xray",
            verbose=1,
            callbacks=[EpochScoring("accuracy", lower_is_better=False)],
        ),
    ],
    ids=str,
)
def test_a_pickle_holds_the_weights_once_and_no_image(estimator, chest):
    clf = clone(estimator).set_params(max_epochs=3, random_state=0)
    monitor = {"again": (chest.data, chest.target)}
    clf.fit(chest.data, chest.target, monitor=monitor)
    size = sum(tensor.nbytes for tensor in clf.net_.module_.state_dict().values())
    assert len(pickle.dumps(clf)) <= 1.05 * size + 40_000


def test_warm_start_keeps_the_state_of_the_optimizer(chest, small, digest):
    clf = small(CNNClassifier, warm_start=True).fit(chest.data, chest.target)
    again = through_pickle(clf)
    assert digest(clf.fit(chest.data, chest.target)) == digest(again.fit(chest.data, chest.target))


def test_an_unfitted_one_stays_unfitted(classifier, small, digest, chest):
    clf = through_pickle(small(classifier))
    assert not hasattr(clf, "net_")
    assert clf.get_params() == small(classifier).get_params()
