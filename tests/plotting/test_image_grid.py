from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlboi.exceptions import MissingPathError
from dlboi.plotting import ImageGridDisplay
from dlboi.plotting._choice import samples_by_class

LABELS = np.array(["ill", "ill", "well", "well", "ill"])
WRONG = np.array(["well", "ill", "ill", "well", "well"])
PROBA = np.array([0.6, 0.9, 0.97, 0.8, 0.7])
IMAGES = np.linspace(0, 1, 5 * 64).reshape(5, 8, 8)


def drawn(display):
    return [ax.images[0].get_array() for ax in display.axes_]


def titles(display):
    return [ax.get_title() for ax in display.axes_]


def suptitle(display):
    return display.figure_.get_suptitle()


def test_errors_come_by_confidence():
    display = ImageGridDisplay.from_predictions(IMAGES, LABELS, WRONG, PROBA)
    assert titles(display) == ["well → ill (0.97)", "ill → well (0.70)", "ill → well (0.60)"]
    np.testing.assert_allclose(drawn(display), IMAGES[[2, 4, 0]], atol=1e-6)
    assert suptitle(display).startswith("3 errors among 5 images, the most confident first")
    assert "true → predicted (probability)" in suptitle(display)


def test_n_images_limits_and_the_title_says_so():
    display = ImageGridDisplay.from_predictions(IMAGES, LABELS, WRONG, PROBA, n_images=1)
    assert titles(display) == ["well → ill (0.97)"]
    assert suptitle(display).replace("\n", " ").startswith("1 of 3 errors among 5 images")


def test_columns_of_proba_follow_the_labels():
    columns = np.stack([PROBA, 1 - PROBA], axis=1)
    display = ImageGridDisplay.from_predictions(
        IMAGES, LABELS, WRONG, columns, labels=["well", "ill"], display_labels=["W", "I"]
    )
    assert titles(display) == ["I → W (0.70)", "I → W (0.60)", "W → I (0.03)"]


def test_without_proba_errors_keep_their_order():
    display = ImageGridDisplay.from_predictions(IMAGES, LABELS, WRONG)
    assert titles(display) == ["ill → well", "well → ill", "ill → well"]


def test_no_errors_are_said_to_be_none():
    display = ImageGridDisplay.from_predictions(IMAGES, LABELS, LABELS, PROBA)
    (ax,) = display.axes_
    assert not ax.images
    assert ax.texts[0].get_text() == "No errors: all 5 images are classified correctly"
    display.figure_.canvas.draw()
    frame = ax.texts[0].get_window_extent()
    assert 0 <= frame.x0 < frame.x1 <= display.figure_.bbox.x1


def test_samples_with_predictions():
    display = ImageGridDisplay.from_predictions(
        IMAGES, LABELS, WRONG, PROBA, which="samples", n_images=2
    )
    assert titles(display) == ["ill → ill (0.90)", "well → well (0.80)"]


def test_from_labels_shows_each_class():
    display = ImageGridDisplay.from_labels(
        IMAGES, [0, 0, 1, 1, 0], n_images=4, display_labels=["normal", "$5 disease"]
    )
    assert titles(display) == ["normal", "normal", "$5 disease", "$5 disease"]
    display.figure_.canvas.draw()


def test_from_estimator_takes_flat_rows_as_the_classifier_does():
    estimator = SimpleNamespace(
        classes_=np.array([0, 1]),
        image_shape_=(3, 4, 8),
        predict_proba=lambda X: np.tile([0.25, 0.75], (len(X), 1)),
    )
    images = np.random.default_rng(0).random((3, 3, 4, 8))
    display = ImageGridDisplay.from_estimator(estimator, images.reshape(3, -1), [1, 0, 1])
    assert titles(display) == ["0 → 1 (0.75)"]
    np.testing.assert_allclose(drawn(display)[0], np.moveaxis(images[1], 0, 2), atol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "largest"), [(np.uint8, 255), (np.uint16, 4000), (np.float32, 1), (np.int64, 700)]
)
def test_types_are_shown_on_one_scale(dtype, largest):
    images = (np.stack([np.eye(6), 0.5 * np.eye(6)]) * largest).astype(dtype)
    full, half = drawn(ImageGridDisplay(images).plot())
    assert full.max() == 1
    assert half.max() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("shape", [(2, 6, 8), (2, 6, 8, 1), (2, 1, 6, 8)])
def test_grey_layouts(shape):
    images = np.random.default_rng(0).random(shape)
    for image, wanted in zip(drawn(ImageGridDisplay(images).plot()), images, strict=True):
        np.testing.assert_allclose(image, wanted.reshape(6, 8), atol=1e-6)


def test_colour_layouts_are_the_same():
    last = np.random.default_rng(0).integers(0, 256, (2, 6, 8, 3), dtype=np.uint8)
    first = np.moveaxis(last, 3, 1)
    for one, other in zip(
        drawn(ImageGridDisplay(last).plot()), drawn(ImageGridDisplay(first).plot()), strict=True
    ):
        np.testing.assert_array_equal(one, other)
        assert one.shape == (6, 8, 3)


def test_paths_and_sizes_may_be_mixed(tmp_path):
    array = np.arange(48, dtype=np.uint8).reshape(6, 8)
    Image.fromarray(array).save(tmp_path / "grey.png")
    Image.fromarray(np.stack([array[:3]] * 3, axis=2)).save(tmp_path / "colour.png")
    paths = [str(tmp_path / "grey.png"), tmp_path / "colour.png"]
    grey, colour = drawn(ImageGridDisplay(paths).plot())
    np.testing.assert_allclose(grey, array / 255, atol=1e-6)
    assert colour.shape == (3, 8, 3)
    with pytest.raises(MissingPathError, match="absent"):
        ImageGridDisplay([str(tmp_path / "absent.png")]).plot()


def test_only_shown_files_are_decoded(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "there.png")
    paths = [str(tmp_path / name) for name in ("absent.png", "there.png")]
    display = ImageGridDisplay.from_predictions(paths, [0, 0], [0, 1])
    assert titles(display) == ["0 → 1"]


def test_long_names_are_broken_and_overlap_nothing():
    names = [
        f"{kind} of the colonic mucosa, grade {n}" for n in "12" for kind in ("adenoma", "polyp")
    ]
    display = ImageGridDisplay(np.zeros((4, 8, 8)), titles=names).plot()
    display.figure_.canvas.draw()
    frames = [ax.title.get_window_extent() for ax in display.axes_]
    assert not any(a.overlaps(b) for k, a in enumerate(frames) for b in frames[:k])
    assert min(frame.x0 for frame in frames) >= 0
    assert max(frame.x1 for frame in frames) <= display.figure_.bbox.x1
    assert max(frame.y1 for frame in frames) <= display.figure_.bbox.y1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(1, 20))
def test_samples_are_even_and_distinct(y, n_images):
    y = np.array(y)
    chosen, _ = samples_by_class(y, n_images)
    assert len(set(chosen.tolist())) == len(chosen) == min(n_images, len(y))
    taken = {label: int(np.sum(y[chosen] == label)) for label in set(y.tolist())}
    left = {label for label in taken if taken[label] < np.sum(y == label)}
    assert all(taken[label] >= max(taken.values()) - 1 for label in left)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y_pred": ["ill"]}, "'y_pred' parameter of ImageGridDisplay.from_predictions"),
        ({"y_true": ["ill"]}, "'y_true' parameter.*5 images"),
        ({"proba": [0.5]}, "'proba' parameter"),
        ({"labels": ["ill"]}, "'labels' parameter.*well"),
        ({"display_labels": ["x"]}, "'display_labels' parameter"),
        ({"which": "worst"}, "'which' parameter"),
        ({"n_images": 0}, "'n_images' parameter"),
        ({"axes": []}, "'axes' parameter"),
    ],
)
def test_bad_input_names_the_parameter(options, message):
    arguments = {"images": IMAGES, "y_true": LABELS, "y_pred": WRONG, **options}
    with pytest.raises(ValueError, match=message):
        ImageGridDisplay.from_predictions(**arguments)


def test_titles_must_match_the_images():
    with pytest.raises(ValueError, match="'titles' parameter"):
        ImageGridDisplay(IMAGES, titles=["one"]).plot()


def test_titles_may_be_an_array():
    display = ImageGridDisplay(IMAGES[:2], titles=np.array(["one", "two"])).plot()
    assert titles(display) == ["one", "two"]
