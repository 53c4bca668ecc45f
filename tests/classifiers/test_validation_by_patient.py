"""With `groups`, no patient both trains and validates."""

import numpy as np
import pytest
from skorch.callbacks import Callback

from dlboi import ANNClassifier


class Sets(Callback):
    """Keeps which images trained and which validated."""

    def on_train_begin(self, net, X=None, **kwargs):
        self.training_, self.validation_ = (part and part.index for part in X)

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        np.testing.assert_array_equal(dataset_train.index, self.training_)
        np.testing.assert_array_equal(dataset_valid.index, self.validation_)


def parts(clf):
    callback = dict(clf.net_.callbacks_)["Sets"]
    return callback.training_, callback.validation_


@pytest.mark.parametrize("as_text", [False, True])
def test_no_patient_is_on_both_sides(classifier, as_text, chest, small):
    groups = chest.groups if as_text else np.unique(chest.groups, return_inverse=True)[1]
    seen = set()
    for seed in range(5):
        clf = small(
            classifier,
            validation_fraction=0.25,
            random_state=seed,
            max_epochs=1,
            callbacks=[Sets()],
        ).fit(chest.data, chest.target, groups=groups)
        training, validation = parts(clf)
        assert not set(groups[training]) & set(groups[validation])
        np.testing.assert_array_equal(np.sort(np.r_[training, validation]), np.arange(60))
        largest = np.unique(groups, return_counts=True)[1].max()
        assert abs(len(validation) - 15) <= largest
        seen.add(tuple(validation))
    assert len(seen) == 5


def test_without_groups_the_parts_are_stratified(chest, small):
    clf = small(ANNClassifier, validation_fraction=0.25, callbacks=[Sets()])
    training, validation = parts(clf.fit(chest.data, chest.target))
    np.testing.assert_array_equal(np.sort(np.r_[training, validation]), np.arange(60))
    assert np.bincount(chest.target[validation]).tolist() in ([7, 8], [8, 7])
    again = small(ANNClassifier, validation_fraction=0.25, callbacks=[Sets()])
    np.testing.assert_array_equal(parts(again.fit(chest.data, chest.target))[1], validation)


def test_images_of_weight_zero_are_in_neither_part(chest, small):
    weight = np.ones(60)
    weight[10:25] = 0
    clf = small(ANNClassifier, validation_fraction=0.25, callbacks=[Sets()])
    clf.fit(chest.data, chest.target, sample_weight=weight, groups=chest.groups)
    training, validation = parts(clf)
    np.testing.assert_array_equal(np.sort(np.r_[training, validation]), np.flatnonzero(weight))
    assert not set(chest.groups[training]) & set(chest.groups[validation])


def test_the_validation_part_does_not_train(chest, small, digest):
    """Other pixels in the validation part change no weight."""
    clf = small(ANNClassifier, validation_fraction=0.25, restore_best=None, callbacks=[Sets()])
    before = digest(clf.fit(chest.data, chest.target, groups=chest.groups))
    X = chest.data.copy()
    X[parts(clf)[1]] = 255
    assert digest(clf.fit(X, chest.target, groups=chest.groups)) == before


def test_groups_without_a_validation_part_change_nothing(classifier, chest, small, digest):
    alone = small(classifier).fit(chest.data, chest.target)
    assert digest(small(classifier).fit(chest.data, chest.target, groups=chest.groups)) == digest(
        alone
    )


@pytest.mark.parametrize("random_state", [None, 0])
def test_a_warm_start_keeps_the_part(random_state, chest, small):
    """A new part would validate on images that were trained on."""
    clf = small(
        ANNClassifier,
        validation_fraction=0.25,
        callbacks=[Sets()],
        warm_start=True,
        random_state=random_state,
    ).fit(chest.data, chest.target, groups=chest.groups)
    first = parts(clf)[1]
    np.testing.assert_array_equal(
        parts(clf.fit(chest.data, chest.target, groups=chest.groups))[1], first
    )
