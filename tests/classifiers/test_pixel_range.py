"""Pixels on a scale that a network has not learnt on are not passed over in silence."""

import warnings

import numpy as np
import pytest

import dlboi
from dlboi import ANNClassifier, GAPClassifier
from dlboi.exceptions import PixelRangeWarning


@pytest.fixture(scope="module")
def fitted(chest):
    return GAPClassifier(n_filters=(4,), max_epochs=1, random_state=0).fit(chest.data, chest.target)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("method", ["predict", "predict_proba", "class_activation_map"])
def test_bytes_of_another_type(fitted, chest, method, dtype):
    with pytest.warns(PixelRangeWarning, match="The largest pixel of X is 2"):
        getattr(fitted, method)(chest.data[:3].astype(dtype))


def test_also_after_saving(fitted, chest, tmp_path):
    fitted.save(tmp_path / "gap.safetensors")
    again = dlboi.load(tmp_path / "gap.safetensors")
    with pytest.warns(PixelRangeWarning, match="that of the training images was 1 "):
        again.predict(chest.data.astype(float))


def test_the_same_scale_in_another_type_is_silent(fitted, chest):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.predict(chest.data / 255)
        fitted.predict(chest.data.astype(np.uint16) * 257)


def test_rows_of_any_scale_are_silent_while_they_keep_it(chest):
    rows = chest.data.reshape(len(chest.data), -1).astype(float)
    clf = ANNClassifier(hidden_layer_sizes=(4,), max_epochs=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf.fit(rows, chest.target).predict(rows)
    with pytest.warns(PixelRangeWarning, match="was 2"):
        clf.predict(chest.data)


@pytest.mark.parametrize("argument", ["validation_data", "monitor"])
def test_sets_that_are_scored(chest, argument):
    scored = (chest.data.astype(float), chest.target)
    clf = GAPClassifier(n_filters=(4,), max_epochs=1, random_state=0)
    value = scored if argument == "validation_data" else {"test": scored}
    with pytest.warns(PixelRangeWarning, match=argument) as caught:
        clf.fit(chest.data, chest.target, **{argument: value})
    assert caught[0].filename == __file__


def test_twelve_bits_in_sixteen(chest):
    clf = GAPClassifier(n_filters=(4,), max_epochs=1, random_state=0)
    with pytest.warns(PixelRangeWarning, match="multiply them by 16"):
        clf.fit(chest.data.astype(np.uint16) * 16, chest.target)
