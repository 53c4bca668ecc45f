"""The same images in another form give the same classifier."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from dlboi import ANNClassifier, GAPClassifier
from dlboi.exceptions import PixelRangeWarning


@pytest.fixture
def fit_both(small, digest):
    """Return a function that fits on two forms of the same images and compares all to the bit."""

    def fit(classifier, form, reference, y, **parameters):
        fitted = small(classifier, **parameters).fit(form, y)
        expected = small(classifier).fit(reference, y)
        assert digest(fitted) == digest(expected)
        assert fitted.image_shape_ == expected.image_shape_
        assert fitted.n_features_in_ == expected.n_features_in_
        proba = expected.predict_proba(reference)
        np.testing.assert_array_equal(fitted.predict_proba(form), proba)
        np.testing.assert_array_equal(expected.predict_proba(form), proba)
        return fitted

    return fit


@pytest.mark.parametrize(
    "form",
    [
        lambda X: X[:, None],
        lambda X: X[..., None],
        lambda X: X.reshape(len(X), -1),
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X[:, ::-1][:, ::-1],
        torch.tensor,
        list,
    ],
    ids=["first", "last", "flat", "fortran", "strided", "reversed", "tensor", "list of arrays"],
)
def test_grey_images(classifier, form, chest, fit_both):
    fitted = fit_both(classifier, form(chest.data), chest.data, chest.target)
    assert fitted.image_shape_ == (1, 32, 32)
    assert fitted.n_features_in_ == 1024


@pytest.mark.parametrize(
    ("form", "parameters"),
    [
        (lambda first: first, {}),
        (lambda first: np.ascontiguousarray(first), {}),
        (lambda first: first.reshape(len(first), -1), {"image_shape": (3, 24, 24)}),
        (lambda first: first.reshape(len(first), -1), {"image_shape": [3, 24, 24]}),
    ],
    ids=["first, a view", "first", "flat", "flat, list"],
)
def test_colour_images(classifier, form, parameters, tissue, fit_both):
    first = tissue.data.transpose(0, 3, 1, 2)
    fitted = fit_both(classifier, form(first), tissue.data, tissue.target, **parameters)
    assert fitted.image_shape_ == (3, 24, 24)


def test_uint8_is_float_divided_by_255(classifier, chest, small):
    fitted = small(classifier).fit(chest.data, chest.target)
    expected = fitted.predict_proba(chest.data)
    for dtype in (np.float32, np.float64):
        floats = chest.data.astype(dtype) / 255
        np.testing.assert_allclose(fitted.predict_proba(floats), expected, atol=1e-6)
        refitted = small(classifier).fit(floats, chest.target)
        np.testing.assert_allclose(refitted.predict_proba(floats), expected, atol=1e-5)


def test_uint16_is_divided_by_65535(classifier, chest, small):
    fitted = small(classifier).fit(chest.data, chest.target)
    deep = chest.data.astype(np.uint16) * 257
    np.testing.assert_allclose(
        fitted.predict_proba(deep), fitted.predict_proba(chest.data), atol=1e-6
    )


@pytest.fixture(scope="module")
def chest_paths(chest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("chest")
    paths = [folder / f"{number}.png" for number in range(len(chest.data))]
    for path, image in zip(paths, chest.data, strict=True):
        Image.fromarray(image).save(path)
    return paths


@pytest.mark.parametrize(
    "form",
    [
        lambda paths: np.array([str(path) for path in paths]),
        lambda paths: np.array([str(path) for path in paths], dtype=object),
        lambda paths: [str(path) for path in paths],
        list,
        pd.Series,
    ],
    ids=["array of str", "array of objects", "list of str", "list of paths", "series"],
)
def test_paths(classifier, form, chest, chest_paths, fit_both):
    fit_both(classifier, form(chest_paths), chest.data, chest.target)


def test_paths_with_image_shape_are_resized(chest, chest_paths, small):
    fitted = small(GAPClassifier, image_shape=(3, 16, 20)).fit(chest_paths, chest.target)
    assert fitted.image_shape_ == (3, 16, 20)
    assert fitted.n_features_in_ == 3 * 16 * 20
    assert fitted.predict(chest_paths[:3]).shape == (3,)


def test_paths_everywhere(chest, chest_paths, small):
    pair = (chest_paths[:9], chest.target[:9])
    from_paths = small(GAPClassifier).fit(
        chest_paths, chest.target, validation_data=pair, monitor={"other": pair}
    )
    assert from_paths.history_["other_loss"] == pytest.approx(
        from_paths.history_["validation_loss"]
    )
    maps = from_paths.class_activation_map(chest_paths[:2])
    np.testing.assert_array_equal(maps, from_paths.class_activation_map(chest.data[:2]))


def test_rows_of_a_length_that_is_no_square_are_a_strip(small):
    X = np.random.default_rng(0).random((20, 10))
    fitted = small(ANNClassifier).fit(X, np.arange(20) % 2)
    assert fitted.image_shape_ == (1, 1, 10)


def test_names_of_columns_are_kept_and_checked(small):
    frame = pd.DataFrame(np.random.default_rng(0).random((20, 3)), columns=["a", "b", "c"])
    fitted = small(ANNClassifier).fit(frame, np.arange(20) % 2)
    assert fitted.feature_names_in_.tolist() == ["a", "b", "c"]
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame.rename(columns={"a": "z"}))


def test_images_of_type_float_beyond_one_are_warned_of_at_the_users_line(chest, small):
    with pytest.warns(PixelRangeWarning, match=r"float64 and its largest pixel is \d+") as caught:
        small(ANNClassifier).fit(chest.data.astype(float), chest.target)
    assert caught[0].filename == __file__


def test_tables_are_not_warned_of(small):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(ANNClassifier).fit(np.arange(200.0).reshape(20, 10), np.arange(20) % 2)


def test_fitting_again_gives_the_fit_both(classifier, chest, small, digest):
    fitted = small(classifier).fit(chest.data, chest.target)
    again = small(classifier).fit(chest.data, chest.target)
    assert again.fit(chest.data, chest.target) is again
    assert digest(again) == digest(fitted)
    assert again.n_iter_ == 2
    other = small(classifier, random_state=1).fit(chest.data, chest.target)
    assert digest(other) != digest(fitted)


@pytest.mark.parametrize(
    "labels",
    [["ill", "well"], [2, 1], [-1.0, 3.0], [True, False]],
    ids=["str", "int", "float", "bool"],
)
def test_labels_of_any_kind(classifier, labels, chest, small):
    y = np.array(labels)[chest.target]
    fitted = small(classifier).fit(chest.data, y)
    np.testing.assert_array_equal(fitted.classes_, np.unique(y))
    predicted = fitted.predict(chest.data)
    assert predicted.dtype == y.dtype
    proba = fitted.predict_proba(chest.data)
    np.testing.assert_array_equal(predicted, fitted.classes_[proba.argmax(axis=1)])


def test_six_classes(classifier, tissue, small):
    fitted = small(classifier).fit(tissue.data, tissue.target_names[tissue.target])
    proba = fitted.predict_proba(tissue.data)
    assert proba.shape == (48, 6)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(
        fitted.predict(tissue.data), fitted.classes_[proba.argmax(axis=1)]
    )
