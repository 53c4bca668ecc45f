"""The same seed gives the same weights, to the bit, and nothing global is read or changed."""

import pickle
import random

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from sklearn.base import clone

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.datasets import make_chest_phantoms

LARGE = [
    CNNClassifier(dropout=0.5, augment="xray"),
    CNNClassifier(batch_size=7),
    ANNClassifier(batch_norm=True, dropout=0.5),
    ANNClassifier(hidden_layer_sizes=(16,), validation_fraction=0.25),
    GAPClassifier(output_size=2, optimizer="sgd", lr=0.1),
]


@pytest.fixture(scope="module")
def large_images():
    """24 images of 128×128 pixels: several micro-batches and lanes a batch."""
    return make_chest_phantoms(24, image_size=128, random_state=0, return_X_y=True)


@pytest.fixture(scope="module", params=LARGE, ids=str)
def estimator(request):
    return clone(request.param).set_params(max_epochs=2, random_state=3)


@pytest.fixture(scope="module")
def expected(estimator, large_images, digest):
    fitted = clone(estimator).set_params(n_threads=1).fit(*large_images)
    return digest(fitted), fitted.predict_proba(large_images[0])


def check(fitted, expected, large_images, digest):
    assert digest(fitted) == expected[0]
    np.testing.assert_array_equal(fitted.predict_proba(large_images[0]), expected[1])


@pytest.mark.parametrize("n_threads", [2, 4, "auto"])
def test_any_number_of_threads(n_threads, estimator, expected, large_images, digest):
    fitted = clone(estimator).set_params(n_threads=n_threads).fit(*large_images)
    check(fitted, expected, large_images, digest)


@pytest.mark.parametrize(("backend", "n_jobs"), [("sequential", 1), ("threading", 4), ("loky", 2)])
def test_any_backend_of_joblib(backend, n_jobs, estimator, expected, large_images, digest):
    fits = [clone(estimator).fit for _ in range(max(n_jobs, 2))]
    several = Parallel(n_jobs=n_jobs, backend=backend)(delayed(fit)(*large_images) for fit in fits)
    for fitted in several:
        check(fitted, expected, large_images, digest)


def test_after_pickling_the_unfitted_estimator(estimator, expected, large_images, digest):
    again = pickle.loads(pickle.dumps(clone(estimator)))
    check(again.fit(*large_images), expected, large_images, digest)


def test_any_number_of_threads_of_torch(estimator, expected, large_images, digest):
    own = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        fitted = clone(estimator).fit(*large_images)
        check(fitted, expected, large_images, digest)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(own)


def global_states():
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002 - it is what is watched
    return random.getstate(), (kind, keys.tolist(), *rest), torch.get_rng_state().tolist()


def seed_globally(seed):
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - it is what is watched
    torch.manual_seed(seed)


EVERYTHING = {
    CNNClassifier: {"dropout": 0.5, "augment": "xray", "validation_fraction": 0.2},
    ANNClassifier: {"dropout": 0.5, "augment": "histology", "batch_norm": True},
    GAPClassifier: {"augment": "xray", "validation_fraction": 0.2, "early_stopping": True},
}


def test_global_states_are_neither_changed_nor_read(classifier, chest, small, digest):
    digests = set()
    for seed in (1, 2):
        seed_globally(seed)
        before = global_states()
        clf = small(classifier, **EVERYTHING[classifier])
        clf.fit(chest.data, chest.target, groups=chest.groups)
        clf.predict(chest.data)
        clf.predict_proba(chest.data)
        assert global_states() == before
        digests.add(digest(clf))
    assert len(digests) == 1


def test_without_a_seed_the_global_states_stay_too(classifier, chest, small, digest):
    seed_globally(1)
    before = global_states()
    clf = small(classifier, **EVERYTHING[classifier], random_state=None)
    first = digest(clf.fit(chest.data, chest.target))
    assert global_states() == before
    assert digest(clf.fit(chest.data, chest.target)) != first


def test_an_instance_of_random_state_is_drawn_from(classifier, chest, small, digest):
    def two_fits():
        clf = small(classifier, random_state=np.random.RandomState(0))
        return [digest(clf.fit(chest.data, chest.target)) for _ in range(2)]

    first, second = two_fits()
    assert first != second
    assert two_fits() == [first, second]


@pytest.mark.parametrize(
    "parameters", [{"dropout": 0.5}, {"augment": "xray"}, {"batch_size": 16}], ids=str
)
def test_every_use_of_randomness_has_an_effect(parameters, chest, small, digest):
    """Or the tests above would compare nothing."""
    plain = small(CNNClassifier).fit(chest.data, chest.target)
    random_one = small(CNNClassifier, **parameters).fit(chest.data, chest.target)
    assert digest(plain) != digest(random_one)


def test_torch_keeps_its_number_of_threads_when_a_fit_fails(chest, small):
    own = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(ValueError, match="augment"):
            small(CNNClassifier, augment=lambda image: image[:, 1:]).fit(chest.data, chest.target)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(own)


def test_every_epoch_lane_and_image_has_random_numbers_of_its_own(chest, small):
    drawn = []

    def augment(image):
        drawn.append(torch.rand(()).item())
        return image

    small(CNNClassifier, augment=augment, max_epochs=3, n_threads=1).fit(chest.data, chest.target)
    assert len(drawn) == len(set(drawn)) == 3 * 60
