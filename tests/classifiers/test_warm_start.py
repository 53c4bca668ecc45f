"""Fits that go on from the last one."""

import numpy as np
import pytest

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier

WARM = {"restore_best": None, "schedule": None, "batch_size": 8, "warm_start": True}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"augment": "xray"},
        {"optimizer": "sgd", "lr": 0.1},
        {"validation_fraction": 0.25},
        {"random_state": 5, "optimizer": "adamw", "weight_decay": 0.1},
    ],
    ids=str,
)
def test_three_and_three_epochs_are_six(classifier, parameters, chest, small, digest):
    parameters = {**WARM, **parameters}
    parameters |= {} if classifier is GAPClassifier else {"dropout": 0.5}
    warm = small(classifier, max_epochs=3, **parameters)
    warm.fit(chest.data, chest.target).fit(chest.data, chest.target)
    at_once = small(classifier, max_epochs=6, **parameters).fit(chest.data, chest.target)
    assert digest(warm) == digest(at_once)
    assert warm.n_iter_ == warm.best_epoch_ == 6
    assert warm.history_.keys() == at_once.history_.keys()
    for name in set(warm.history_) - {"train_seconds", "validation_seconds"}:
        np.testing.assert_array_equal(warm.history_[name], at_once.history_[name])


def test_batch_norm_goes_on_too(chest, small, digest):
    parameters = {**WARM, "batch_norm": True}
    warm = small(ANNClassifier, max_epochs=1, **parameters)
    warm.fit(chest.data, chest.target).fit(chest.data, chest.target)
    at_once = small(ANNClassifier, **parameters).fit(chest.data, chest.target)
    assert digest(warm) == digest(at_once)


def test_the_step_schedule_goes_on(chest, small):
    clf = small(ANNClassifier, max_epochs=3, warm_start=True, step_size=2, gamma=0.1)
    clf.fit(chest.data, chest.target).fit(chest.data, chest.target)
    expected = [1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5]
    np.testing.assert_allclose(clf.history_["lr"], expected)


def test_the_cosine_ends_where_the_last_fit_ends(chest, small):
    clf = small(ANNClassifier, max_epochs=3, warm_start=True, schedule="cosine")
    clf.fit(chest.data, chest.target).fit(chest.data, chest.target)
    cosine = (1 + np.cos(np.pi * np.arange(6) / 6)) / 2
    np.testing.assert_allclose(clf.history_["lr"][3:], 1e-3 * cosine[3:])


def test_parameters_that_can_change_do(chest, small):
    clf = small(CNNClassifier, **WARM).fit(chest.data, chest.target)
    assert len(clf.net_.history) == 2
    changed = {"lr": 0.5, "batch_size": 20, "max_epochs": 1, "augment": "xray", "n_threads": 1}
    clf.set_params(**changed).fit(chest.data, chest.target)
    assert clf.history_["lr"].tolist() == [1e-3, 1e-3, 0.5]
    assert clf.net_.batch_size == 20
    assert clf.net_.augment is not None
    assert clf.net_.n_threads == 1


@pytest.mark.parametrize("loss", ["bce", "ce"])
def test_other_data_are_refused_and_change_nothing(loss, chest, tissue, small, digest):
    clf = small(ANNClassifier, warm_start=True, loss=loss).fit(chest.data, chest.target)
    before = digest(clf)
    for X, y in (
        (chest.data[:, :16], chest.target),
        (chest.data, chest.target + 1),
        (chest.data, np.array(["a", "b"])[chest.target]),
    ):
        with pytest.raises(ValueError, match="With warm_start=True, X and y must have the classes"):
            clf.fit(X, y)
        assert digest(clf) == before


def test_without_warm_start_a_fit_begins_anew(classifier, chest, tissue, small):
    clf = small(classifier).fit(chest.data, chest.target).fit(tissue.data, tissue.target)
    assert clf.image_shape_ == (3, 24, 24)
    assert clf.n_iter_ == 2
    assert len(clf.classes_) == 6
