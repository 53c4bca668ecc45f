"""Augmentation presets and transforms of one's own."""

import pytest
import torch
from torchvision.transforms import v2

from dlboi.training import AUGMENT_PRESETS, LocalRandomness, make_augmentation
from dlboi.training._augment import QuarterTurn, augment_batch

DTYPES = [torch.uint8, torch.uint16, torch.float32]


def images(channels, height=12, width=12, dtype=torch.uint8, n=4):
    values = torch.randint(
        256, (n, channels, height, width), generator=torch.Generator().manual_seed(0)
    )
    if dtype == torch.float32:
        return values / 255
    return (values * 257 if dtype == torch.uint16 else values).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(12, 12), (9, 14)])
@pytest.mark.parametrize("preset", AUGMENT_PRESETS)
def test_presets_keep_shape_and_dtype(preset, shape, channels, dtype):
    batch = images(channels, *shape, dtype=dtype)
    before = batch.clone()
    with LocalRandomness(0):
        augmented = augment_batch(batch, make_augmentation(preset))
    assert augmented.shape == batch.shape
    assert augmented.dtype == dtype
    assert torch.equal(batch, before)
    assert not torch.equal(augmented, batch)


@pytest.mark.parametrize("preset", AUGMENT_PRESETS)
def test_every_image_is_changed_on_its_own(preset):
    batch = images(3, n=1).repeat(6, 1, 1, 1)
    with LocalRandomness(0):
        augmented = augment_batch(batch, make_augmentation(preset))
    assert len({tuple(image.flatten().tolist()) for image in augmented}) == 6


def test_xrays_are_never_flipped():
    """The heart is on the left: a mark on the left stays on the left."""
    batch = torch.zeros(200, 1, 32, 32, dtype=torch.uint8)
    batch[:, :, 12:20, 4:10] = 200
    with LocalRandomness(0):
        augmented = augment_batch(batch, make_augmentation("xray")).float()
    assert (augmented[..., :16].mean((1, 2, 3)) > 2 * augmented[..., 16:].mean((1, 2, 3))).all()


def test_tissue_is_turned_all_ways():
    batch = torch.zeros(100, 3, 16, 16, dtype=torch.uint8)
    batch[:, :, :4, :8] = 200  # no symmetry: eight ways to lie
    with LocalRandomness(0):
        augmented = augment_batch(batch, make_augmentation("histology"))
    ways = {tuple((image[1] > 100).flatten().tolist()) for image in augmented}
    assert len(ways) == 8


@pytest.mark.parametrize(("shape", "n_ways"), [((4, 4), 4), ((4, 6), 2)])
def test_quarter_turns_keep_the_shape(shape, n_ways):
    image = torch.arange(24)[: shape[0] * shape[1]].reshape(1, *shape)
    with LocalRandomness(0):
        turned = [QuarterTurn()(image) for _ in range(50)]
    assert {tuple(image.shape) for image in turned} == {(1, *shape)}
    assert len({tuple(image.flatten().tolist()) for image in turned}) == n_ways


def test_a_transform_of_ones_own_is_used_as_it_is():
    transform = v2.RandomHorizontalFlip(p=1.0)
    assert make_augmentation(transform) is transform
    assert make_augmentation(None) is None
    batch = images(1)
    assert torch.equal(augment_batch(batch, transform), batch.flip(-1))


@pytest.mark.parametrize(
    "transform", [v2.CenterCrop(8), v2.Resize(20), v2.Grayscale(), lambda image: image[0]]
)
def test_a_transform_that_changes_the_shape_is_refused(transform):
    with pytest.raises(ValueError, match=r"'augment' .* keeps the shape .* \(3, 12, 12\)"):
        augment_batch(images(3), transform)


def failing(image):
    return image @ "text"


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_an_error_of_a_transform_is_told_with_what_it_was_called_with(dtype):
    message = rf"'augment' .*one image.* {dtype} tensor of shape \(3, 12, 12\).*raised TypeError"
    with pytest.raises(ValueError, match=message) as caught:
        augment_batch(images(3, dtype=getattr(torch, dtype)), failing)
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize("returned", [None, "image", {"image": 0}, (None, 1)])
def test_a_transform_that_returns_no_image_is_refused(returned):
    with pytest.raises(ValueError, match=r"'augment' .*returns an image.* returned <class"):
        augment_batch(images(1), lambda image: returned)


def test_a_transform_may_return_a_view_of_numpy():
    batch = images(3)
    flipped = augment_batch(batch, lambda image: image.numpy()[:, ::-1])
    assert torch.equal(flipped, batch.flip(-2))


def test_a_draw_that_cannot_be_repeated_names_augment():
    transform = torch.nn.FractionalMaxPool2d(2, output_size=12)
    with LocalRandomness(0), pytest.raises(ValueError, match=r"'augment'.*fractional_max_pool2d"):
        augment_batch(images(3, 24, 24, dtype=torch.float32), transform)
