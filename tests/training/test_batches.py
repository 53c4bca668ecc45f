"""How a training set is cut into batches."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlboi._validation import image_layout
from dlboi.training import ImageArray, LabelledImages
from dlboi.training._dataset import ShuffledBatches, WholeSet


def labelled(n, weight=None, index=None):
    array = np.arange(n, dtype=np.uint8)[:, None, None]
    index = np.arange(n) if index is None else index
    return LabelledImages(ImageArray(array, image_layout(array.shape)), 10 + index, weight, index)


@settings(deadline=None, max_examples=60)
@given(n=st.integers(2, 50), batch_size=st.integers(1, 60), seed=st.integers(0, 99))
@example(n=9, batch_size=4, seed=0)
def test_an_epoch_shows_every_image_once(n, batch_size, seed):
    batches = list(ShuffledBatches(labelled(n), batch_size, seed).epoch(1))
    pixels = np.concatenate([images.pixels().numpy().ravel() for images, _ in batches])
    target = np.concatenate([target.numpy() for _, target in batches])
    np.testing.assert_array_equal(np.sort(pixels), np.arange(n))
    np.testing.assert_array_equal(target, 10 + pixels)
    sizes = [len(images) for images, _ in batches]
    assert max(sizes) <= batch_size + 1
    if batch_size > 1:
        assert min(sizes) > 1


def test_orders_differ_by_epoch_and_by_seed_and_come_back():
    def order(seed, epoch):
        batches = ShuffledBatches(labelled(30), 8, seed).epoch(epoch)
        return tuple(int(i) for images, _ in batches for i in images.index)

    assert order(0, 1) == order(0, 1)
    assert len({order(0, 1), order(0, 2), order(1, 1), order(1, 2)}) == 4


def test_a_set_may_be_a_part_of_the_images():
    part = labelled(9, weight=np.array([1.0, 2.0, 3.0]), index=np.array([4, 7, 8]))
    ((images, target),) = WholeSet(part)
    assert images.pixels().flatten().tolist() == [4, 7, 8]
    assert images.pixels(slice(1, None)).flatten().tolist() == [7, 8]
    assert target.tolist() == [14, 17, 18]
    assert images.weight.tolist() == [1, 2, 3]
    assert len(part) == len(images) == 3
    assert part[1][0].item() == 7
    assert part[1][1] == 17


@pytest.mark.parametrize("epoch", [1, 2])
def test_weights_stay_with_their_images(epoch):
    part = labelled(20, weight=np.arange(20.0))
    for images, target in ShuffledBatches(part, 6, 0).epoch(epoch):
        np.testing.assert_array_equal(images.weight, target - 10)
