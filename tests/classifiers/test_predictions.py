"""A prediction depends on its image, and on nothing around it."""

import copy
import tracemalloc

import numpy as np
import pytest

from dlboi import ANNClassifier, GAPClassifier
from dlboi.datasets import make_chest_phantoms


@pytest.mark.parametrize("size", [1, 7])
def test_batches_of_any_size_give_the_same(size, fitted, chest):
    parts = [fitted.predict_proba(chest.data[start : start + size]) for start in range(0, 60, size)]
    np.testing.assert_allclose(
        np.concatenate(parts), fitted.predict_proba(chest.data), rtol=0, atol=1e-6
    )


def test_the_order_changes_no_bit(fitted, chest):
    order = np.random.default_rng(0).permutation(60)
    np.testing.assert_array_equal(
        fitted.predict_proba(chest.data[order]), fitted.predict_proba(chest.data)[order]
    )


def test_what_is_beside_an_image_changes_no_bit(fitted, chest):
    others = 255 - chest.data[:32]
    others[5] = chest.data[5]
    np.testing.assert_array_equal(
        fitted.predict_proba(others)[5], fitted.predict_proba(chest.data[:32])[5]
    )


def test_equal_images_are_predicted_equal(fitted):
    proba = fitted.predict_proba(np.full((9, 32, 32), 128, dtype=np.uint8))
    assert np.isfinite(proba).all()
    assert (proba == proba[0]).all()


@pytest.mark.parametrize("value", [0, 255])
def test_constant_images_can_be_fitted(classifier, value, small):
    X = np.full((10, 16, 16), value, dtype=np.uint8)
    proba = small(classifier).fit(X, np.arange(10) % 2).predict_proba(X)
    assert np.isfinite(proba).all()
    assert (proba == proba[0]).all()


def test_memory_maps_that_are_read_only(classifier, chest, tmp_path, small, digest):
    np.save(tmp_path / "X.npy", chest.data)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    fitted = small(classifier).fit(mapped, chest.target)
    expected = small(classifier).fit(chest.data, chest.target)
    assert digest(fitted) == digest(expected)
    np.testing.assert_array_equal(fitted.predict(mapped), expected.predict(chest.data))


def test_predicting_changes_nothing(fitted, chest):
    before, of_the_net = dict(vars(fitted)), dict(vars(fitted.net_))
    weights = copy.deepcopy(fitted.net_.module_.state_dict())
    fitted.predict(chest.data)
    fitted.predict_proba(chest.data)
    fitted.score(chest.data, chest.target)
    fitted.summary()
    assert vars(fitted).keys() == before.keys()
    assert all(vars(fitted)[name] is value for name, value in before.items())
    assert vars(fitted.net_).keys() == of_the_net.keys()
    assert all(vars(fitted.net_)[name] is value for name, value in of_the_net.items())
    for name, tensor in fitted.net_.module_.state_dict().items():
        assert tensor.equal(weights[name])


def test_the_network_is_left_ready_to_predict(chest, small):
    clf = small(ANNClassifier, dropout=0.5, batch_norm=True).fit(chest.data, chest.target)
    assert not any(layer.training for layer in clf.net_.module_.modules())
    assert all(parameter.grad is None for parameter in clf.net_.module_.parameters())


def test_fit_does_not_touch_the_data(classifier, chest, small):
    X, y = chest.data.copy(), chest.target.copy()
    weight = np.linspace(0.5, 2, 60)
    small(classifier, augment="xray").fit(X, y, sample_weight=weight, groups=chest.groups)
    np.testing.assert_array_equal(X, chest.data)
    np.testing.assert_array_equal(y, chest.target)
    np.testing.assert_array_equal(weight, np.linspace(0.5, 2, 60))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_images_are_never_copied_as_a_whole(dtype):
    n_images = 960 // np.dtype(dtype).itemsize
    X = np.random.default_rng(0).integers(2, size=(n_images, 250, 250), dtype=np.uint8)
    X = X.astype(dtype, copy=False)
    y = np.arange(n_images) % 2
    assert X.nbytes == 60_000_000
    clf = ANNClassifier(hidden_layer_sizes=(2,), max_epochs=1, batch_size=8, random_state=0)
    tracemalloc.start()
    try:
        clf.fit(X, y, sample_weight=np.ones(n_images), monitor={"again": (X, y)}).predict(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12e6, f"{peak / 1e6:.1f} MB beside {X.nbytes / 1e6:.0f} MB of images"


def test_one_logit_and_two_logits_are_two_forms_of_one_probability(classifier, chest, small):
    """The weights of the one logit are the differences of those of the two."""
    one = small(classifier, loss="bce").fit(chest.data, chest.target)
    two = small(classifier, loss="ce").fit(chest.data, chest.target)
    state = two.net_.module_.state_dict()
    difference = {
        name: tensor[1:] - tensor[:1] if "output" in name else tensor
        for name, tensor in state.items()
    }
    one.net_.module_.load_state_dict(difference)
    np.testing.assert_allclose(
        one.predict_proba(chest.data), two.predict_proba(chest.data), atol=1e-6
    )
    np.testing.assert_array_equal(one.predict(chest.data), two.predict(chest.data))


@pytest.fixture(scope="module")
def easy():
    """Two sets of phantoms, of other patients, with a clear difference between the classes."""
    return [
        make_chest_phantoms(100, image_size=32, difficulty=0, random_state=seed) for seed in (1, 2)
    ]


def learner(classifier, **parameters):
    parameters |= {"output_size": 4} if classifier is GAPClassifier else {}
    return classifier(max_epochs=25, lr=0.005, batch_size=16, random_state=0, **parameters)


def test_what_can_be_learnt_is_learnt(classifier, easy):
    train, test = easy
    clf = learner(classifier).fit(train.data, train.target)
    assert clf.score(train.data, train.target) > 0.85
    assert clf.score(test.data, test.target) > 0.65


def test_shuffled_labels_give_chance(classifier, easy):
    train, test = easy
    y = np.random.default_rng(0).permutation(train.target)
    score = learner(classifier).fit(train.data, y).score(test.data, test.target)
    assert abs(score - 0.5) < 0.2  # four standard deviations of 100 tosses of a coin
