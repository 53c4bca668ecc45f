"""Images by index, and pixels by type."""

import numpy as np
import pytest
import torch
from PIL import Image

from dlboi._validation import image_layout
from dlboi.exceptions import ImageFileError, MissingPathError
from dlboi.training import ImageArray, ImageFiles, scale_pixels


@pytest.mark.parametrize(
    ("dtype", "largest"), [(torch.uint8, 255), (torch.uint16, 65535), (torch.float32, 1)]
)
def test_pixels_are_scaled_by_type_alone(dtype, largest):
    values = torch.tensor([0, largest // 3, largest]).to(dtype)
    scaled = scale_pixels(values)
    assert scaled.dtype == torch.float32
    torch.testing.assert_close(scaled, values.float() / largest)
    assert scaled[-1] == 1


def test_scaling_a_batch_leaves_the_images_as_they_are():
    floats = torch.tensor([0.25, 3.0], dtype=torch.float64)
    assert scale_pixels(floats).tolist() == [0.25, 3.0]
    integers = torch.tensor([255], dtype=torch.uint8)
    scale_pixels(integers)
    assert integers.item() == 255


@pytest.mark.parametrize("channels", [1, 3])
def test_all_layouts_give_the_same_tensor(channels):
    first = np.random.default_rng(0).integers(256, size=(5, channels, 6, 7), dtype=np.uint8)
    index = np.array([3, 0, 3])
    layouts = [first, first.transpose(0, 2, 3, 1), first.reshape(5, -1)]
    if channels == 1:
        layouts.append(first[:, 0])
    for array in layouts:
        images = ImageArray(array, image_layout(array.shape, (channels, 6, 7)))
        taken = images.take(index)
        assert taken.dtype == torch.uint8
        np.testing.assert_array_equal(taken.numpy(), first[index])


@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint32", "uint64"])
def test_types_without_a_scale_become_float(dtype):
    array = np.array([[[0, 1]], [[1, 1]]], dtype=dtype)
    taken = ImageArray(array, image_layout(array.shape)).take(np.array([0, 1]))
    assert taken.dtype == torch.float32
    np.testing.assert_array_equal(taken.numpy()[:, 0], array)


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [(">u2", torch.uint16), (">f4", torch.float32), (">f8", torch.float64), ("<u2", torch.uint16)],
)
def test_the_byte_order_of_a_file_changes_nothing(dtype, kept):
    values = np.array([[[0, 1]], [[258, 65535]]])
    taken = ImageArray(values.astype(dtype), image_layout(values.shape)).take(np.array([1, 0]))
    assert taken.dtype == kept
    np.testing.assert_array_equal(taken.numpy()[:, 0], values[::-1])
    if dtype == ">u2":
        assert scale_pixels(taken).max() == 1


@pytest.mark.parametrize("dtype", [np.longdouble, ">i4", ">u4"])
def test_types_that_torch_lacks_become_float(dtype):
    values = np.array([[[0, 3]], [[2, 5]]], dtype=dtype)
    taken = ImageArray(values, image_layout(values.shape)).take(np.array([0, 1]))
    assert taken.dtype == torch.float32
    assert taken.flatten().tolist() == [0, 3, 2, 5]


def test_taking_images_never_writes_to_the_array():
    array = np.zeros((3, 4, 4), dtype=np.float32)
    taken = ImageArray(array, image_layout(array.shape)).take(np.array([0, 1, 2]))
    taken += 1
    assert not array.any()


@pytest.fixture
def files(tmp_path):
    """Return paths of two grey 8-bit, one colour and one grey 16-bit file of 6×5 pixels."""
    grey = np.arange(30, dtype=np.uint8).reshape(6, 5)
    pixels = {
        "a.png": grey,
        "b.png": grey[::-1],
        "colour.png": np.repeat(grey[..., None], 3, axis=2),
        "deep.png": grey.astype(np.uint16) * 257,
    }
    for name, values in pixels.items():
        Image.fromarray(np.ascontiguousarray(values)).save(tmp_path / name)
    return {name: str(tmp_path / name) for name in pixels}


def test_files_are_decoded_in_the_order_asked_for(files):
    images = ImageFiles([files["a.png"], files["b.png"]])
    assert images.image_shape == (1, 6, 5)
    taken = images.take(np.array([1, 0]))
    assert torch.equal(taken[0], taken[1].flip(1))
    assert taken.dtype == torch.uint8


def test_depths_are_brought_to_one_scale(files):
    taken = ImageFiles([files["a.png"], files["deep.png"]]).take(np.array([0, 1]))
    torch.testing.assert_close(taken[0], taken[1])
    assert taken.max() <= 1


def test_channels_follow_the_first_file_or_what_is_asked_for(files):
    colour_first = ImageFiles([files["colour.png"], files["a.png"]])
    assert colour_first.image_shape == (3, 6, 5)
    taken = colour_first.take(np.array([0, 1]))
    assert torch.equal(taken[0], taken[1])
    assert ImageFiles([files["colour.png"]], (1, 6, 5)).take(np.array([0])).shape == (1, 1, 6, 5)


def test_files_of_another_size_are_resized_only_where_asked(files):
    small = ImageFiles([files["a.png"]], (1, 3, 3), resize=True)
    assert small.take(np.array([0])).shape == (1, 1, 3, 3)
    with pytest.raises(ImageFileError, match=r"a\.png is 6×5 pixels.*image_shape="):
        ImageFiles([files["a.png"]], (1, 3, 3)).take(np.array([0]))


def test_a_missing_file_is_named():
    with pytest.raises(MissingPathError, match=r"nowhere\.png"):
        ImageFiles(["nowhere.png"])
