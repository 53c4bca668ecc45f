"""The study of width and dropout: accuracy on the training images, with and without dropout."""

import pickle

import numpy as np
import pytest

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import width_dropout_study
from dlboi.studies._training_score import TrainingScore


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(120, image_size=32, difficulty=0.0, random_state=0)


@pytest.fixture(scope="module")
def result(phantoms):
    return width_dropout_study(
        phantoms,
        widths=(16, 64),
        dropouts=(0.0, 0.8),
        parameters={"max_epochs": 10},
        n_repeats=2,
        verbose=0,
    )


def test_levels_are_all_pairs(result):
    assert result.names == [
        "16 neurons, dropout 0",
        "16 neurons, dropout 0.8",
        "64 neurons, dropout 0",
        "64 neurons, dropout 0.8",
    ]


def test_the_score_of_the_training_images_is_that_of_the_classifier(phantoms):
    clf = ANNClassifier(
        max_epochs=3, dropout=0.5, restore_best=None, random_state=0, callbacks=[TrainingScore()]
    ).fit(phantoms.data, phantoms.target)
    expected = clf.score(phantoms.data, phantoms.target)
    assert clf.history_["training_images_accuracy"][-1] == expected
    assert len(pickle.dumps(clf)) < 3 * len(pickle.dumps(clf.net_.module_)) + phantoms.data.nbytes
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(clf)).predict(phantoms.data), clf.predict(phantoms.data)
    )


def test_dropout_lowers_the_accuracy_that_training_records(result):
    scores = next(iter(result.tables.values()))
    learning, fixed = (scores["mean"][4 * n : 4 * n + 4] for n in (0, 1))
    assert learning[1] < fixed[1]
    assert learning[3] < fixed[3]


def test_a_recorded_accuracy_below_the_validation_accuracy_is_explained(result):
    validation = result.runs["validation_accuracy"]
    for name in result.names:
        runs = result.done(name)
        is_below = result.runs["train_accuracy"][runs].mean() < validation[runs].mean()
        said = any(s.startswith(f"{name}: while it learns") for s in result.findings)
        assert said == is_below


def test_the_settings_of_the_experiment_are_the_defaults(result):
    for name in result.names:
        for setting in ("schedule='cosine'", "batch_norm=True"):
            assert setting in result.settings[name]
