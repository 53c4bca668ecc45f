"""Input that is nearly right: the message says what it must be turned into."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from dlboi import ANNClassifier

X = np.random.default_rng(0).integers(256, size=(20, 12, 12), dtype=np.uint8)
Y = np.arange(20) % 2
PATHS = [f"{number}.png" for number in range(20)]


def classifier():
    return ANNClassifier(hidden_layer_sizes=(2,), max_epochs=1, random_state=0)


@pytest.fixture(scope="module")
def fitted():
    """Return a function: a classifier that is fitted on grey or on colour images."""
    grey, colour = classifier().fit(X, Y), classifier().fit(np.stack([X] * 3, axis=3), Y)
    return {1: grey, 3: colour}.get


def floats(value):
    images = X / 255
    images[[3, 7], 4, 5] = value
    return images


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


IMAGES = {
    "a path as text": ("a.png", r"single path 'a\.png'.*\[path\]"),
    "a path": (Path("a.png"), r"single path 'a\.png'.*\[path\]"),
    "a bunch": (Bunch(data=X, target=Y), r"Got a Bunch .*bunch\.data"),
    "a table of paths": (pd.DataFrame({"file": PATHS}), r'\(20, 1\) .*df\["column"\]'),
    "a column of paths": (objects(PATHS)[:, None], r'\(20, 1\) .*df\["column"\]'),
    "a column of text": (np.array(PATHS)[:, None], r"\(20, 1\) .*X\[:, 0\]"),
    "no path in a list": ([*PATHS[:4], None, *PATHS[5:]], "Got None at index 4 .*1 such"),
    "no path at first": ([np.nan, None, *PATHS[2:]], "Got nan at index 0 .*2 such"),
    "no path in a series": (pd.Series([*PATHS[:19], None]), "Got .* at index 19 .*1 such"),
    "complex": (X * 1j, "^Complex data not supported. Got X of type complex128: .{,60}$"),
    "NaN": (floats(np.nan), "^Input X contains NaN. The first image with one is at index 3.$"),
    "NaN in rows": (floats(np.nan).reshape(20, -1), "^Input X contains NaN. .* index 3.$"),
    "NaN in lists": (floats(np.nan).tolist(), "^Input X contains NaN. .* index 3.$"),
    "NaN in a table": (pd.DataFrame(floats(np.nan).reshape(20, -1)), "NaN. .* index 3.$"),
    "infinity": (floats(-np.inf), "^Input X contains infinity.* index 3.$"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_images(name, fitted):
    images, message = IMAGES[name]
    with pytest.raises(ValueError, match=message) as caught:
        classifier().fit(images, Y)
    assert "HistGradient" not in str(caught.value)
    with pytest.raises(ValueError, match=message):
        fitted(1).predict(images)


ONE_HOT = r"y should be a 1d array, got an array of shape \(20, 2\).*pass y\.argmax\(axis=1\)"
MIXED = r"y must hold labels of one kind.* 'a' and 1: .*str\(label\)"
LABELS = {
    "one-hot": (np.eye(2)[Y], ONE_HOT),
    "one-hot table": (pd.get_dummies(pd.Series(Y)), ONE_HOT),
    "one-hot lists": (np.eye(2, dtype=int)[Y].tolist(), ONE_HOT),
    "mixed list": ([1, "a"] * 10, MIXED),
    "mixed objects": (objects([np.int64(1), np.str_("a")] * 10), MIXED),
    "mixed series": (pd.Series([1, "a"] * 10), MIXED),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels(name):
    y, message = LABELS[name]
    with pytest.raises(ValueError, match=message):
        classifier().fit(X, y)


@pytest.mark.parametrize("y", [[True, 2] * 10, objects(["a", np.str_("b")] * 10)])
def test_labels_of_one_kind_in_several_types_are_taken(y):
    assert len(classifier().fit(X, y).classes_) == 2


@pytest.mark.parametrize(
    ("channels", "shape"), [(1, (12, 12)), (1, (12, 12, 1)), (3, (12, 12, 3)), (3, (3, 12, 12))]
)
def test_one_image_alone(channels, shape, fitted):
    image = np.zeros(shape, dtype=np.uint8)
    with pytest.raises(ValueError, match=r"shape .* that of one image: pass X\[np\.newaxis\]"):
        fitted(channels).predict(image)
    assert len(fitted(channels).predict(image[np.newaxis])) == 1


def test_images_that_could_be_one_alone_are_read_as_a_set():
    strips = np.arange(20, dtype=np.uint8).reshape(5, 4)
    clf = classifier().fit(np.repeat(strips, 4, axis=0), Y)
    assert clf.image_shape_ == (1, 2, 2)
    assert len(clf.predict(strips[:2])) == 2
    columns = classifier().fit(X[:, :, :1], Y)
    assert len(columns.predict(X[:12, :, :1])) == 12
    row = classifier().fit(X.reshape(20, 1, 144), Y)
    assert len(row.predict(X[:1].reshape(1, 144))) == 1


def test_labels_in_messages_are_plain():
    y = objects([np.str_("a"), np.str_("b")] * 10)
    with pytest.raises(ValueError, match=r"y does not: \['c'\]\. y has \['a', 'b'\];"):
        classifier().fit(X, y, validation_data=(X, objects([np.str_("c")] * 20)))
