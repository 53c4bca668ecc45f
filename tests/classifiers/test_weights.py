"""Weights of images and of classes."""

import numpy as np
import pytest

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.exceptions import EmptyValidationWarning


def test_weight_zero_is_taking_the_image_out(classifier, chest, small, digest):
    weight = np.ones(60)
    weight[::4] = 0
    kept = weight > 0
    weighted = small(classifier, batch_size=8).fit(chest.data, chest.target, sample_weight=weight)
    removed = small(classifier, batch_size=8).fit(chest.data[kept], chest.target[kept])
    np.testing.assert_allclose(
        weighted.predict_proba(chest.data), removed.predict_proba(chest.data), atol=1e-6
    )
    np.testing.assert_allclose(
        weighted.history_["train_loss"], removed.history_["train_loss"], atol=1e-6
    )


def test_weight_zero_in_the_validation_part(chest, small):
    """Images of weight 0 neither train nor validate."""
    weight = np.ones(60)
    weight[:30] = 0
    clf = small(ANNClassifier, validation_fraction=0.2, lr=1e-30)
    clf.fit(chest.data, chest.target, sample_weight=weight, groups=chest.groups)
    assert len(clf.history_["epoch"]) == 2
    kept = small(ANNClassifier, validation_fraction=0.2, lr=1e-30)
    kept.fit(chest.data[30:], chest.target[30:], groups=chest.groups[30:])
    np.testing.assert_allclose(
        clf.history_["validation_loss"], kept.history_["validation_loss"], rtol=1e-6
    )


def test_a_class_of_weight_zero_is_no_class(chest, small):
    y = np.where(np.arange(60) < 5, 2, chest.target)
    clf = small(ANNClassifier).fit(chest.data, y, sample_weight=(y != 2).astype(float))
    assert clf.classes_.tolist() == [0, 1]
    assert clf.net_.module_.output.out_features == 1


@pytest.mark.parametrize("scale", [1.0, 2.0, 0.01])
def test_equal_weights_are_no_weights(classifier, scale, chest, small):
    plain = small(classifier).fit(chest.data, chest.target)
    weighted = small(classifier).fit(chest.data, chest.target, sample_weight=np.full(60, scale))
    np.testing.assert_allclose(
        weighted.predict_proba(chest.data), plain.predict_proba(chest.data), atol=1e-6
    )


def test_weight_two_is_the_image_twice(classifier, chest, small):
    """In one batch; over several, the images meet others."""
    X, y = chest.data[:10], chest.target[:10]
    weight = np.r_[2.0, 2.0, 3.0, np.ones(7)]
    repeats = weight.astype(int)
    parameters = {"batch_size": 64, "optimizer": "sgd", "lr": 0.1, "max_epochs": 3}
    weighted = small(classifier, **parameters).fit(X, y, sample_weight=weight)
    repeated = small(classifier, **parameters).fit(np.repeat(X, repeats, 0), np.repeat(y, repeats))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-5)


def test_class_weights_are_weights_of_the_images_of_a_class(classifier, chest, small, digest):
    by_class = small(classifier, class_weight={0: 1, 1: 3}).fit(chest.data, chest.target)
    weight = np.where(chest.target == 1, 3.0, 1.0)
    by_image = small(classifier).fit(chest.data, chest.target, sample_weight=weight)
    assert digest(by_class) == digest(by_image)
    assert digest(by_class) != digest(small(classifier).fit(chest.data, chest.target))


def test_class_weights_by_label(chest, small, digest):
    y = np.array(["ill", "well"])[chest.target]
    named = small(ANNClassifier, class_weight={"well": 3, "ill": 1}).fit(chest.data, y)
    coded = small(ANNClassifier, class_weight={0: 1, 1: 3}).fit(chest.data, chest.target)
    assert digest(named) == digest(coded)


def test_balanced_weights(tissue, small, digest):
    y = np.where(tissue.target < 4, 0, tissue.target)
    counts = np.unique(y, return_counts=True)
    numbers = {label: 48 / (3 * n) for label, n in zip(*counts, strict=True)}
    balanced = small(GAPClassifier, class_weight="balanced").fit(tissue.data, y)
    by_number = small(GAPClassifier, class_weight=numbers).fit(tissue.data, y)
    assert digest(balanced) == digest(by_number)


def test_the_heavier_class_is_predicted_more_often(classifier, chest, small):
    def share_of_ones(weight):
        clf = small(classifier, class_weight={0: 1, 1: weight}, max_epochs=5, lr=0.01)
        return clf.fit(chest.data, chest.target).predict_proba(chest.data)[:, 1].mean()

    assert share_of_ones(0.1) < share_of_ones(1) < share_of_ones(10)


def test_weights_with_batch_norm_and_augmentation(chest, small):
    clf = small(ANNClassifier, batch_norm=True, augment="xray", class_weight="balanced")
    clf.fit(chest.data, chest.target, sample_weight=np.linspace(0, 1, 60))
    assert np.isfinite(clf.history_["train_loss"]).all()


def test_a_class_without_image_in_the_validation_data_is_warned_of(chest, small):
    ones = chest.target == 1
    with pytest.warns(EmptyValidationWarning, match=r"No image of \[0\]") as caught:
        small(CNNClassifier).fit(
            chest.data, chest.target, validation_data=(chest.data[ones], chest.target[ones])
        )
    assert caught[0].filename == __file__
