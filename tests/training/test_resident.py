"""Image sets on the device; the device of these tests is the processor."""

import threading

import numpy as np
import pytest
import torch

from dlboi._validation import image_layout
from dlboi.training import ImageArray, ImageFiles, LabelledImages
from dlboi.training._dataset import ShuffledBatches
from dlboi.training._resident import _HELD, ResidentImages, fetch_ahead, keep_on_device

CPU, CUDA = torch.device("cpu"), torch.device("cuda:0")


def image_array(shape=(9, 4, 5), dtype=np.uint8):
    array = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
    return ImageArray(array, image_layout(array.shape))


@pytest.mark.parametrize("shape", [(9, 4, 5), (9, 4, 5, 3), (9, 3, 4, 5)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_resident_images_are_the_same_images(shape, dtype):
    images = image_array(shape, dtype)
    resident = ResidentImages(images, CPU)
    index = np.array([8, 0, 0, 3])
    assert torch.equal(resident.take(index), images.take(index))
    assert resident.take(index).dtype == images.take(index).dtype
    assert len(resident) == 9
    assert resident.image_shape == images.image_shape


def test_sets_on_one_array_share_their_pixels_until_the_last_is_gone():
    images = image_array()
    first, second = (ResidentImages(images, CPU) for _ in range(2))
    assert first._pixels is second._pixels
    del first, second
    assert len(_HELD) == 0


def test_a_read_only_array_is_taken():
    images = image_array()
    images.array.flags.writeable = False
    assert torch.equal(ResidentImages(images, CPU).take(np.arange(9)), images.take(np.arange(9)))


def test_what_stays_where_it_is(tmp_path):
    images = image_array()
    assert keep_on_device(images, CPU) is images
    assert keep_on_device(images, CUDA, free_bytes=images.array.nbytes) is images
    wide = image_array(dtype=np.uint16)
    assert keep_on_device(wide, CUDA, free_bytes=10**9) is wide
    files = ImageFiles(["a.png"], (1, 4, 5))
    assert keep_on_device(files, CUDA, free_bytes=10**9) is files


def batches(n=10):
    images = image_array((n, 4, 5))
    return ShuffledBatches(LabelledImages(images, np.arange(n)), 2, seed=0)


def test_batches_that_are_fetched_ahead_are_the_same():
    for (images, target), (fetched, same) in zip(
        batches().epoch(1), fetch_ahead(batches().epoch(1), CPU), strict=True
    ):
        assert torch.equal(images.pixels(), fetched.pixels())
        assert torch.equal(images.pixels(slice(1, 2)), fetched.pixels(slice(1, 2)))
        assert torch.equal(target, same)
        np.testing.assert_array_equal(images.index, fetched.index)


def test_the_next_batches_are_fetched_meanwhile_but_not_all():
    asked = []

    def watched():
        for number, batch in enumerate(batches(20).epoch(1)):
            asked.append(number)
            yield batch

    fetched = fetch_ahead(watched(), CPU)
    next(fetched)
    assert asked == [0, 1, 2]
    fetched.close()
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_an_error_comes_with_its_batch():
    def broken():
        for number, (images, target) in enumerate(batches().epoch(1)):
            if number == 1:
                images.index = np.array([99])
            yield images, target

    fetched = fetch_ahead(broken(), CPU)
    next(fetched)
    with pytest.raises(IndexError):
        next(fetched)
