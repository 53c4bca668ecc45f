"""The main experiment on real chest X-rays: validation by patient, and the drop on the test set."""

import pytest

from dlboi import CNNClassifier
from dlboi.datasets import load_image_folder

pytestmark = pytest.mark.realdata

PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"


def load(folder, size):
    train = load_image_folder(folder / "chest_xray" / "train", size=size, groups=PATIENT, n_jobs=2)
    test = load_image_folder(folder / "chest_xray" / "test", groups=PATIENT, like=train, n_jobs=2)
    return train, test


def validation_and_test_accuracy(train, test, *, max_epochs, random_state):
    classifier = CNNClassifier(
        max_epochs=max_epochs, validation_fraction=0.2, random_state=random_state
    )
    classifier.fit(train.data, train.target, groups=train.groups)
    best = classifier.best_epoch_ - 1
    return (
        classifier.history_["validation_accuracy"][best],
        classifier.score(test.data, test.target),
    )


def test_small_images_show_the_drop(real_data):
    train, test = load(real_data, size=48)
    validation, tested = validation_and_test_accuracy(train, test, max_epochs=12, random_state=0)
    assert validation >= 0.9
    assert tested < validation - 0.05


@pytest.mark.slow
@pytest.mark.parametrize("random_state", [0, 1, 2])
def test_the_cnn_reaches_93_percent_by_patient_and_drops_on_the_test_set(real_data, random_state):
    train, test = load(real_data, size=128)
    validation, tested = validation_and_test_accuracy(
        train, test, max_epochs=15, random_state=random_state
    )
    assert validation >= 0.93
    assert tested < validation - 0.05
