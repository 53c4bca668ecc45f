"""Bad input gets an error that names the parameter or the file, and leaves nothing half done."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from PIL import Image
from sklearn.exceptions import NotFittedError

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.exceptions import (
    DeviceUnavailableError,
    DivergenceError,
    ImageFileError,
    MissingPathError,
    PixelRangeWarning,
)

X = np.random.default_rng(0).integers(256, size=(20, 12, 12), dtype=np.uint8)
Y = np.arange(20) % 2
PATIENTS = np.arange(20) // 2


def floats(**changes):
    images = X / 255
    for value in changes.values():
        images[3, 4, 5] = value
    return images


def ragged(dtype=None):
    images = [X[0], X[1][:6], *X[2:]]
    if dtype is None:
        return images
    array = np.empty(20, dtype=dtype)
    array[:] = images
    return array


# Input of fit: arguments beside X and y, or in their place; class; what the message must say.
FIT = {
    "NaN": ({"X": floats(a=np.nan)}, ValueError, "Input X contains NaN"),
    "inf": ({"X": floats(a=-np.inf)}, ValueError, "Input X contains infinity"),
    "NaN in a table": (
        {"X": np.where(np.eye(20, 10), np.nan, 0.0)},
        ValueError,
        "Input X contains NaN",
    ),
    "no image": ({"X": X[:0], "y": Y[:0]}, ValueError, "0 sample.*minimum of 1 is required"),
    "no path": ({"X": [], "y": []}, ValueError, "Expected 2D array|0 sample"),
    "no path in an array": (
        {"X": np.array([], dtype=str), "y": []},
        ValueError,
        "0 sample.*minimum of 1 path",
    ),
    "no pixel": ({"X": X[:, :0]}, ValueError, "at least one pixel"),
    "lengths differ": ({"y": Y[:-1]}, ValueError, r"inconsistent numbers of samples: \[20, 19\]"),
    "one class": ({"y": np.ones(20)}, ValueError, r"at least two classes\. Got 20 .*\[1\.0\]"),
    "one class by weight": (
        {"sample_weight": Y},
        ValueError,
        r"at least two classes\. Got 10 images of one class, \[1\]",
    ),
    "y is None": ({"y": None}, ValueError, "requires y to be passed"),
    "NaN in y": ({"y": np.where(Y, np.nan, 0)}, ValueError, "'y' parameter.*none at index"),
    "None in y": (
        {"y": np.where(Y, None, "a")},
        ValueError,
        "'y' parameter.*none at index 1",
    ),
    "continuous y": ({"y": Y + 0.5 * X[:, 0, 0]}, ValueError, "Unknown label type: continuous"),
    "two columns of y": ({"y": np.c_[Y, Y]}, ValueError, r"y should be a 1d array.*\(20, 2\)"),
    "objects": (
        {"X": np.array([{"a": 1}] * 20, dtype=object)},
        (ValueError, TypeError),
        "2D array|float",
    ),
    "array of arrays": ({"X": ragged(object)}, ValueError, "X must be one array.*numpy.stack"),
    "array of equal arrays": (
        {"X": pd.Series(list(X)).to_numpy()},
        ValueError,
        "X must be one array.*numpy.stack",
    ),
    "ragged list": ({"X": ragged()}, ValueError, r"X must be one array.*\(6, 12\), \(12, 12\)"),
    "ragged lists": (
        {"X": [[1, 2], [3]] * 10},
        ValueError,
        "inhomogeneous|sequence",
    ),
    "five axes": ({"X": X[:, None, None]}, ValueError, r"X must have shape .*\(20, 1, 1, 12, 12\)"),
    "two channels": (
        {"X": np.stack([X, X], axis=3)},
        ValueError,
        r"c = 1 or 3 channels.*\(20, 12, 12, 2\)",
    ),
    "four channels": (
        {"X": np.stack([X] * 4, axis=1)},
        ValueError,
        r"c = 1 or 3 channels.*\(20, 4, 12, 12\)",
    ),
    "numbers in one axis": ({"X": np.arange(20.0)}, ValueError, "Expected 2D array, got 1D"),
    "complex": ({"X": X * 1j}, ValueError, "Complex data not supported"),
    "sparse": (
        {"X": scipy.sparse.csr_array(X.reshape(20, -1))},
        TypeError,
        "Sparse data was passed for X",
    ),
    "text in a table": (
        {"X": [["a", "b"]] * 20},
        ValueError,
        "compatible with arrays of bytes/strings",
    ),
    "weights of another length": (
        {"sample_weight": np.ones(4)},
        ValueError,
        r"sample_weight.shape == \(4,\), expected \(20,\)",
    ),
    "negative weight": ({"sample_weight": Y - 0.5}, ValueError, "Negative values.*sample_weight"),
    "NaN weight": ({"sample_weight": Y * np.nan}, ValueError, "sample_weight contains NaN"),
    "no weight above 0": ({"sample_weight": 0 * Y}, ValueError, "weights.*at least one non-zero"),
    "groups of another length": (
        {"groups": PATIENTS[:-1]},
        ValueError,
        r"'groups' parameter of fit.*\(20,\).*\(19,\)",
    ),
    "missing group": (
        {"groups": ["a"] * 19 + [None]},
        ValueError,
        "'groups' parameter of fit.* none at index 19",
    ),
    "NaN between names": (
        {"groups": ["a"] * 19 + [float("nan")]},
        ValueError,
        "'groups' parameter of fit.* none at index",
    ),
    "groups in two axes": ({"groups": PATIENTS[:, None]}, ValueError, r"'groups'.*\(20, 1\)"),
    "unknown labels to validate on": (
        {"validation_data": (X, Y + 1)},
        ValueError,
        r"'validation_data' parameter of fit holds labels that y does not: \[2\]",
    ),
    "labels of another kind to validate on": (
        {"validation_data": (X, np.where(Y, "a", "b"))},
        ValueError,
        r"'validation_data' parameter of fit holds labels that y does not: \['a', 'b'\]",
    ),
    "labels of another kind to train on": (
        {"y": np.where(Y, "a", "b").astype(object), "validation_data": (X, Y)},
        ValueError,
        r"'validation_data' parameter of fit holds labels that y does not: \[0, 1\]",
    ),
    "other images to validate on": (
        {"validation_data": (X[:, :6], Y)},
        ValueError,
        r"'validation_data' parameter of fit cannot be used: X holds images of shape \(1, 6, 12\)",
    ),
    "NaN to validate on": (
        {"validation_data": (floats(a=np.nan), Y)},
        ValueError,
        "'validation_data' parameter of fit cannot be used: Input X contains NaN",
    ),
    "lengths to validate on differ": (
        {"validation_data": (X, Y[:-1])},
        ValueError,
        "'validation_data' parameter of fit cannot be used: .*inconsistent numbers",
    ),
    "nothing to validate on": (
        {"validation_data": (X[:0], Y[:0])},
        ValueError,
        "'validation_data' parameter of fit cannot be used: .*0 sample",
    ),
    "three to validate on": (
        {"validation_data": (X, Y, Y)},
        ValueError,
        r"'validation_data' parameter of fit must be a pair \(X, y\)\. Got .*length 3",
    ),
    "images alone to validate on": (
        {"validation_data": X},
        ValueError,
        r"'validation_data' parameter of fit must be a pair \(X, y\)",
    ),
    "a number to validate on": (
        {"validation_data": 0.2},
        ValueError,
        r"'validation_data' parameter of fit must be a pair \(X, y\)\. Got 0.2",
    ),
    "one set to monitor without name": (
        {"monitor": (X, Y)},
        ValueError,
        "'monitor' parameter of fit must be a dict",
    ),
    "a name that is taken": (
        {"monitor": {"train": (X, Y)}},
        ValueError,
        r"'monitor' parameter of fit.* taken\. Got the name 'train'",
    ),
    "a name that is no text": (
        {"monitor": {3: (X, Y)}},
        ValueError,
        "'monitor' parameter of fit.* Got the name 3",
    ),
    "unknown labels to monitor": (
        {"monitor": {"test": (X, Y + 1)}},
        ValueError,
        r"'monitor' \('test'\) parameter of fit holds labels that y does not: \[2\]",
    ),
    "other images to monitor": (
        {"monitor": {"test": (X[..., :6], Y)}},
        ValueError,
        r"'monitor' \('test'\) parameter of fit cannot be used: .*\(1, 12, 6\)",
    ),
    "no pair to monitor": (
        {"monitor": {"test": X}},
        ValueError,
        r"'monitor' \('test'\) parameter of fit must be a pair",
    ),
}

# Parameters of the constructor.
PARAMETERS = {
    "lr": ["fast", 0, -1, np.nan, np.inf, None],
    "weight_decay": [-1, "none", np.nan, None],
    "optimizer": ["rmsprop", None],
    "loss": ["mse", None],
    "schedule": ["linear", 3],
    "step_size": [0, 1.5],
    "gamma": [0, 1.1],
    "max_epochs": [0, 2.5, "many"],
    "batch_size": [0, -1, 8.0],
    "validation_fraction": [0, 1, 1.5, "some"],
    "early_stopping": ["yes", 2],
    "patience": [0, None],
    "restore_best": ["loss", True],
    "class_weight": ["equal", 3, {0: 0, 1: 1}, {0: -1, 1: 1}, {0: np.nan, 1: 1}],
    "augment": ["faces", 3],
    "image_shape": [12, (12, 12), (2, 12, 12), (1, 0, 12), (1, 12.0, 12), (1, 6, 12), (3, 12, 12)],
    "on_bad_file": ["ignore", None],
    "device": [0, None],
    "precision": ["float16", None],
    "n_threads": [0, "all", None],
    "random_state": ["x", -1, 1.5],
    "callbacks": [3, "all", [3]],
    "warm_start": ["yes", None],
}
OWN_PARAMETERS = {
    ANNClassifier: {
        "hidden_layer_sizes": [(), (0,), (3, -1), (2.0,), 3, None],
        "dropout": [-0.1, 1, "half"],
        "batch_norm": ["yes"],
    },
    CNNClassifier: {
        "n_filters": [(), (0,), ("a",), 32],
        "kernel_size": [4, 0, 3.0, (3, 3)],
        "pool_size": [0, "max"],
        "hidden_layer_sizes": [(0,), 3],
        "dropout": [1.0],
    },
    GAPClassifier: {"kernel_size": [2], "n_filters": [[]], "output_size": [0, (1, 1)]},
}
BY_CLASS = [
    (cls, name, value)
    for cls, parameters in OWN_PARAMETERS.items()
    for name, values in parameters.items()
    for value in values
] + [(ANNClassifier, name, value) for name, values in PARAMETERS.items() for value in values]


def check_unfitted(clf):
    for name in ("net_", "classes_", "history_", "image_shape_"):
        assert not hasattr(clf, name)
    with pytest.raises(NotFittedError):
        clf.predict(X)


@pytest.mark.parametrize("name", FIT)
def test_arguments_of_fit(classifier, name, small):
    arguments, error, message = FIT[name]
    arguments = {"X": X, "y": Y, **arguments}
    clf = small(classifier)
    if "groups" in arguments:
        clf.set_params(validation_fraction=0.2)
    with pytest.raises(error, match=f"(?s){message}"):
        clf.fit(**arguments)
    check_unfitted(clf)


@pytest.mark.parametrize(("cls", "name", "value"), BY_CLASS)
def test_parameters(cls, name, value, small):
    clf = small(cls, **{name: value})
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        clf.fit(X, Y)
    check_unfitted(clf)


@pytest.mark.parametrize(
    ("parameters", "arguments", "message"),
    [
        ({"early_stopping": True}, {}, "early_stopping=True .* needs validation data"),
        ({"restore_best": "val_loss"}, {}, "restore_best='val_loss' .* needs validation data"),
        ({"restore_best": "val_accuracy"}, {}, "restore_best='val_accuracy' .* needs validation"),
        (
            {"validation_fraction": 0.2},
            {"validation_data": (X, Y)},
            "either the 'validation_data' parameter of fit or set 'validation_fraction'",
        ),
        ({"validation_fraction": 0.01}, {}, "'validation_fraction' parameter, 0.01"),
        ({"validation_fraction": 0.99}, {}, "'validation_fraction' parameter, 0.99"),
        ({"validation_fraction": 0.2}, {"groups": Y}, "'validation_fraction' parameter, 0.2"),
        ({"class_weight": {7: 1.0}}, {}, r"classes, \[0, 1\], are not in class_weight"),
        ({"loss": "bce"}, {"y": np.arange(20) % 3}, "'loss' parameter .*'bce' and 3 classes"),
        ({"augment": lambda image: image[:, 1:]}, {}, r"'augment' parameter.*\(1, 12, 12\)"),
        ({"image_shape": (1, 12, 13)}, {"X": X.reshape(20, -1)}, "'image_shape' parameter.*156"),
    ],
)
def test_parameters_that_contradict_each_other(classifier, parameters, arguments, message, small):
    clf = small(classifier, **parameters)
    with pytest.raises(ValueError, match=message):
        clf.fit(**{"X": X, "y": Y, **arguments})
    check_unfitted(clf)


def test_batch_norm_needs_batches(small):
    clf = small(ANNClassifier, batch_norm=True, batch_size=1)
    with pytest.raises(ValueError, match=r"'batch_size' parameter .* at least 2 with batch_norm"):
        clf.fit(X, Y)
    check_unfitted(clf)


@pytest.mark.parametrize(
    "device",
    [
        "cuda:99",
        "tpu",
        pytest.param(
            "cuda", marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is one here")
        ),
    ],
)
def test_a_device_that_is_not_there(classifier, device, small):
    clf = small(classifier, device=device)
    with pytest.raises(DeviceUnavailableError, match=f"'device' parameter.*{device}"):
        clf.fit(X, Y)
    check_unfitted(clf)


# --------------------------------------------------------------------------------------- files


@pytest.fixture
def paths(tmp_path):
    """Return the paths of 20 intact files."""
    names = [tmp_path / f"{number:02}.png" for number in range(20)]
    for path, image in zip(names, X, strict=True):
        Image.fromarray(image).save(path)
    return [str(path) for path in names]


@pytest.mark.parametrize("position", [0, 7, 19])
@pytest.mark.parametrize("when", ["fit", "predict"])
def test_a_truncated_file(classifier, position, when, paths, small):
    clf = small(classifier)
    if when == "predict":
        clf.fit(paths, Y)
    file = Path(paths[position])
    file.write_bytes(file.read_bytes()[:80])
    with pytest.raises(ImageFileError, match=rf"{position:02}\.png"):
        clf.fit(paths, Y) if when == "fit" else clf.predict(paths)
    if when == "fit":
        check_unfitted(clf)


@pytest.mark.parametrize("position", [0, 19])
def test_a_path_that_is_not_there(classifier, position, paths, small):
    paths[position] = "/nowhere/at all.png"
    clf = small(classifier)
    with pytest.raises(MissingPathError, match=r"/nowhere/at all\.png"):
        clf.fit(paths, Y)
    check_unfitted(clf)


@pytest.mark.parametrize("position", [0, 19])
def test_files_of_different_sizes(classifier, position, paths, small):
    Image.fromarray(X[0, :, :7]).save(paths[position])
    clf = small(classifier)  # the first file says which size is right
    with pytest.raises(ImageFileError, match=r"\.png is 12×\d+ pixels.*image_shape=.*size="):
        clf.fit(paths, Y)
    check_unfitted(clf)
    small(classifier, image_shape=(1, 12, 12)).fit(paths, Y).predict(paths)


def test_a_file_that_is_no_image(paths, small):
    Path(paths[4]).write_text("patient,diagnosis\n")
    with pytest.raises(ImageFileError, match=r"04\.png.*no PNG, JPEG, TIFF or BMP"):
        small(ANNClassifier).fit(paths, Y)


def test_a_file_that_cannot_be_used_to_validate_on(paths, small):
    validation = ([paths[0], "/nowhere.png"], [0, 1])
    with pytest.raises(MissingPathError, match=r"/nowhere\.png"):
        small(ANNClassifier).fit(paths, Y, validation_data=validation)


# ------------------------------------------------------------------------------------- predict


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (X[:, :6], r"X holds images of shape \(1, 6, 12\).* was fitted with .*\(1, 12, 12\)"),
        (np.stack([X] * 3, axis=3), r"shape \(3, 12, 12\).* was fitted with .*\(1, 12, 12\)"),
        (X.transpose(0, 2, 1)[:, :, :3], r"\(1, 12, 3\).* was fitted with"),
        (X.reshape(20, -1)[:, :100], "X has 100 features, but .* is expecting 144 features"),
        (X.reshape(20, 6, 24), r"\(1, 6, 24\).* was fitted with .*\(1, 12, 12\)"),
        (floats(a=np.nan), "Input X contains NaN"),
        (X[:0], "0 sample"),
        (X[0, 0], "Expected 2D array"),
    ],
    ids=["size", "channels", "strip", "row", "same number of pixels", "NaN", "empty", "1-D"],
)
def test_images_that_do_not_fit_the_network(classifier, images, message, small):
    clf = small(classifier).fit(X, Y)
    before = clf.predict_proba(X)
    for method in (clf.predict, clf.predict_proba):
        with pytest.raises(ValueError, match=f"(?s){message}"):
            method(images)
    np.testing.assert_array_equal(clf.predict_proba(X), before)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "summary"])
def test_before_fit(classifier, method, small):
    arguments = () if method == "summary" else (X,)
    with pytest.raises(NotFittedError, match=f"This {classifier.__name__} instance is not fitted"):
        getattr(small(classifier), method)(*arguments)


# ---------------------------------------------------------------------------------- divergence


# The huge validation images are warned of before they are too much.
@pytest.mark.filterwarnings("default::dlboi.exceptions.PixelRangeWarning")
@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({"lr": 1e30}, {}),
        # One step: the loss was that of the first weights, only the weights are infinite.
        ({"lr": 1e42, "max_epochs": 1, "batch_size": 20}, {}),
        ({"lr": 1e42, "max_epochs": 1, "batch_size": 20}, {"validation_data": (X, Y)}),
    ],
    ids=["training", "last step", "last step, validated"],
)
def test_numbers_that_are_not_finite(classifier, parameters, arguments, small):
    clf = small(classifier, optimizer="sgd", schedule=None, **parameters)
    with pytest.raises(DivergenceError, match=r"Training has diverged: after epoch .*'lr'"):
        clf.fit(X, Y, **arguments)
    check_unfitted(clf)


def test_finite_weights_with_a_validation_loss_that_is_not(classifier, small):
    clf = small(
        classifier,
        optimizer="sgd",
        schedule=None,
        lr=1e25,
        max_epochs=1,
        batch_size=20,
        loss="ce",
    )
    large = (1e20 * (X + 1.0), Y)
    with (
        pytest.warns(PixelRangeWarning, match="The largest pixel of validation_data"),
        pytest.raises(DivergenceError, match="the validation loss is"),
    ):
        clf.fit(X, Y, validation_data=large)
    check_unfitted(clf)


def test_a_huge_rate_diverges_in_a_deep_network(small):
    clf = CNNClassifier(optimizer="sgd", lr=1e6, max_epochs=5, random_state=0)
    with pytest.raises(DivergenceError, match=r"learning rate of 1e\+06 is too large"):
        clf.fit(X, Y)
    check_unfitted(clf)


def test_a_failed_fit_leaves_the_predictions_of_the_one_before(classifier, small):
    clf = small(classifier).fit(X, Y)
    before = clf.predict_proba(X)
    for arguments in ({"y": Y[:-1]}, {"y": np.ones(20)}, {"X": floats(a=np.nan)}):
        with pytest.raises(ValueError, match=r"samples|classes|NaN"):
            clf.fit(**{"X": X, "y": Y, **arguments})
    np.testing.assert_array_equal(clf.predict_proba(X), before)
