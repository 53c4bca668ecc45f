"""Pixels are scaled in the same memory for one batch after the other."""

import numpy as np
import pytest
import torch

from dlboi import ANNClassifier, CNNClassifier
from dlboi._validation import ImageLayout
from dlboi.training._dataset import LabelledImages
from dlboi.training._images import ImageArray, channels_last, scale_pixels
from dlboi.training._pixel_buffer import PixelBuffer


def batches(dtype, channels=1):
    rng = np.random.default_rng(0)
    order, shape = ("grey", (12, 6, 5)) if channels == 1 else ("last", (12, 6, 5, channels))
    X = rng.integers(0, 256, shape).astype(dtype)
    images = ImageArray(X, ImageLayout(order, (channels, 6, 5)))
    dataset = LabelledImages(images, np.zeros(12))
    return [dataset.batch(np.arange(start, start + 4))[0] for start in (0, 4, 8)]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_pixels_are_those_of_new_memory_in_the_same_order(dtype, channels):
    buffer, places = PixelBuffer(may_keep=True), set()
    for batch in batches(dtype, channels):
        buffer.prepare(batch)
        for part in (slice(0, 1), slice(1, 4)):
            scaled = buffer.scaled(batch.pixels(part), part)
            expected = channels_last(scale_pixels(batch.pixels(part)))
            assert torch.equal(scaled, expected)
            assert scaled.is_contiguous(memory_format=torch.channels_last)
            places.add(scaled.data_ptr())
    assert len(places) == 2


@pytest.mark.parametrize(("dtype", "may_keep"), [("float32", True), ("uint8", False)])
def test_floats_and_other_devices_have_memory_of_their_own(dtype, may_keep):
    buffer = PixelBuffer(may_keep)
    batch = batches(dtype)[0]
    buffer.prepare(batch)
    pixels = batch.pixels()
    first, second = (buffer.scaled(pixels, slice(0, 4)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.data_ptr() == pixels.data_ptr() or first.data_ptr() != second.data_ptr()


@pytest.mark.parametrize("classifier", [ANNClassifier, CNNClassifier])
def test_a_network_learns_the_same_from_pixels_that_are_scaled_before(classifier):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (20, 16, 16), dtype=np.uint8), np.arange(20) % 2
    scaled = (X.astype(np.float32) / np.float32(255)).astype(np.float32)
    make = {"max_epochs": 2, "batch_size": 8, "random_state": 0}
    proba = [classifier(**make).fit(each, y).predict_proba(each) for each in (X, scaled)]
    np.testing.assert_array_equal(*proba)
