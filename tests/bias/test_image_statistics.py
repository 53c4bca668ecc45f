"""Low-level statistics of images and of their files."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import laplace

from dlboi.bias import image_statistics
from dlboi.exceptions import MissingPathError

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 20, 24), dtype=np.uint8)


def by_name(statistics):
    return dict(zip(statistics.names, statistics.values.T, strict=True))


def test_images_whose_statistics_are_known():
    approx = partial(pytest.approx, abs=1e-6)
    grey, halves = np.full((32, 32), 102), np.repeat([[0, 255]], 32, axis=0).repeat(16, axis=1)
    framed = np.full((32, 32), 51)
    framed[2:-2, 2:-2] = 204
    found = by_name(image_statistics(np.stack([grey, halves, framed]).astype(np.uint8)))
    assert found["brightness"] == approx([0.4, 0.5, (784 * 0.8 + 240 * 0.2) / 1024])
    assert found["contrast"][:2] == approx([0, 0.5])
    assert found["entropy"][:2] == approx([0, 1])
    assert found["asymmetry"] == approx([0, 1, 0])
    assert found["nearly_black"] == approx([0, 0.5, 0])
    assert found["nearly_white"] == approx([0, 0.5, 0])
    assert found["border"][[0, 2]] == approx([0.4, 0.2])
    assert found["border_minus_centre"][[0, 2]] == approx([0, -0.6])
    assert found["saturation"] == approx([0, 0, 0])


def test_sharpness_is_the_variance_of_the_laplacian():
    inner = np.stack([laplace(image / 255)[1:-1, 1:-1] for image in PIXELS])
    assert by_name(image_statistics(PIXELS))["sharpness"] == pytest.approx(inner.var(axis=(1, 2)))


@pytest.mark.parametrize("spread", [0.01, 0.05, 0.1])
def test_noise_is_recovered_from_under_a_ramp(spread):
    noise = np.random.default_rng(0).normal(0, spread, (3, 128, 128))
    X = 0.5 + noise + np.linspace(-0.1, 0.1, 128)
    found = by_name(image_statistics(np.clip(X, 0, 1)))
    assert found["noise"] == pytest.approx(spread, rel=0.05)


def test_saturation_is_that_of_colour():
    X = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    X[1, ..., 0], X[1, ..., 1] = 255, 51
    assert by_name(image_statistics(X))["saturation"] == pytest.approx([0, 1])


@settings(max_examples=30, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(4, 12)),
    channels=st.sampled_from([(), (1,), (3,)]),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32, np.int64, bool]),
    seed=st.integers(0, 10**6),
)
def test_any_images_have_finite_statistics(shape, channels, dtype, seed):
    X = np.random.default_rng(seed).integers(0, 2, (*shape, *channels)).astype(dtype)
    values = image_statistics(X).values
    assert values.shape == (len(X), 11)
    assert np.isfinite(values).all()


def test_no_image_depends_on_the_others():
    X = np.random.default_rng(0).integers(0, 256, (9, 200, 200), dtype=np.uint8)
    together = image_statistics(X).values
    alone = np.concatenate([image_statistics(X[i : i + 1]).values for i in range(len(X))])
    assert together == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize(
    "same",
    [
        PIXELS[..., None],
        PIXELS[:, None],
        PIXELS.astype(np.uint16) * 257,
        PIXELS / 255,
        np.repeat(PIXELS[..., None], 3, axis=3),
    ],
    ids=["channel behind", "channel in front", "uint16", "float", "grey in colour"],
)
def test_layouts_and_types_make_no_difference(same):
    found = image_statistics(same).values
    assert found == pytest.approx(image_statistics(PIXELS).values, abs=1e-5)


def test_floats_of_another_range_are_scaled():
    found = image_statistics(PIXELS.astype(np.float32))
    assert by_name(found)["brightness"].max() < 1


@pytest.fixture
def files(tmp_path):
    paths = [str(tmp_path / f"{i}.png") for i in range(len(PIXELS))]
    for path, pixels in zip(paths, PIXELS, strict=True):
        Image.fromarray(pixels).save(path)
    return np.array(paths)


def test_files_are_measured_as_they_are_stored(files):
    Image.fromarray(np.zeros((30, 10, 3), dtype=np.uint8)).save(files[0])
    found = by_name(image_statistics(PIXELS, files))
    assert found["file_height"].tolist() == [30, 20, 20, 20, 20]
    assert found["file_width"].tolist() == [10, 24, 24, 24, 24]
    assert found["file_aspect"][:2] == pytest.approx([1 / 3, 1.2])
    assert found["file_is_colour"].tolist() == [1, 0, 0, 0, 0]
    assert (found["file_bytes_per_pixel"] > 0).all()


def test_paths_are_decoded_at_their_own_size(files):
    of_paths, of_arrays = image_statistics(files), image_statistics(PIXELS, files)
    assert of_paths.names == of_arrays.names
    assert of_paths.values == pytest.approx(of_arrays.values, abs=1e-6)
    Image.fromarray(np.zeros((7, 9), dtype=np.uint8)).save(files[0])
    assert len(image_statistics(files).values) == len(files)


def test_without_all_files_those_statistics_are_left_out(files):
    names = np.append(files[:-1], "gone.png")
    assert len(image_statistics(PIXELS, names).names) == 11


@pytest.mark.parametrize(
    "X", [np.ones((4, 16)), np.ones(4), np.empty((0, 4, 4)), np.ones((3, 4, 4, 2))]
)
def test_what_is_no_image_is_refused(X):
    with pytest.raises(ValueError, match="X"):
        image_statistics(X)


def test_a_missing_image_is_named():
    with pytest.raises(MissingPathError, match=r"gone\.png"):
        image_statistics(np.array(["gone.png"]))


def test_one_file_name_an_image():
    with pytest.raises(ValueError, match="'filenames' parameter of image_statistics"):
        image_statistics(PIXELS, ["a.png"])
