"""Phantoms and small classifiers that the tests of the classifiers share."""

import hashlib

import numpy as np
import pytest

from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.datasets import make_chest_phantoms, make_tissue_phantoms

SMALL = {
    ANNClassifier: {"hidden_layer_sizes": (16,)},
    CNNClassifier: {"n_filters": (6, 6), "hidden_layer_sizes": (16,)},
    GAPClassifier: {"n_filters": (6, 6)},
}


@pytest.fixture(scope="session")
def chest():
    """60 grey images of 32×32 pixels, two classes, 30 patients; writing to them is an error."""
    phantoms = make_chest_phantoms(60, image_size=32, difficulty=0.1, random_state=0)
    phantoms.data.setflags(write=False)
    return phantoms


@pytest.fixture(scope="session")
def tissue():
    """48 colour images of 24×24 pixels, six classes; writing to them is an error."""
    phantoms = make_tissue_phantoms(48, image_size=24, random_state=0)
    phantoms.data.setflags(write=False)
    return phantoms


@pytest.fixture(scope="session", params=SMALL, ids=lambda cls: cls.__name__)
def classifier(request):
    """Each of the classes."""
    return request.param


@pytest.fixture(scope="session")
def small():
    """Return a function that makes a classifier that trains in a tenth of a second."""

    def make(classifier, **parameters):
        return classifier(**{**SMALL[classifier], "max_epochs": 2, "random_state": 0, **parameters})

    return make


@pytest.fixture(scope="session")
def digest():
    """Return a function of a fitted classifier: equal values, equal bits of all weights."""

    def hashed(fitted):
        digest = hashlib.sha256()
        for name, tensor in fitted.net_.module_.state_dict().items():
            digest.update(name.encode() + str(tuple(tensor.shape)).encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:12]

    return hashed


@pytest.fixture(scope="session")
def fitted(classifier, small, chest):
    """One of each, fitted on `chest`, with one or two logits; no test may change it."""
    parameters = {
        ANNClassifier: {"lr": 0.002, "loss": "bce"},
        CNNClassifier: {"lr": 0.005, "loss": "ce"},
        GAPClassifier: {"lr": 0.005, "n_filters": (16, 16), "output_size": 4},
    }[classifier]
    clf = small(classifier, max_epochs=20, batch_size=8, schedule=None, **parameters)
    clf.fit(chest.data, chest.target)
    proba = clf.predict_proba(chest.data)[:, 1]
    assert np.ptp(proba) > 0.2, "a network without a living neuron tests nothing"
    return clf
