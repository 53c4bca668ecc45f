"""Torch's random functions draw from a generator of the call, and from nothing global."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms import v2

from dlboi.training import AUGMENT_PRESETS, LocalRandomness, make_augmentation

IMAGE = torch.arange(3 * 16 * 16, dtype=torch.uint8).reshape(3, 16, 16)
FLOATS = IMAGE.float() / 255


def filled(initialise):
    return lambda: initialise(torch.empty(6, 6))


DRAWS = {
    "rand": lambda: torch.rand(5),
    "randn": lambda: torch.randn(5),
    "randint": lambda: torch.randint(1000, (5,)),
    "randperm": lambda: torch.randperm(100),
    "normal": lambda: torch.normal(0.0, torch.ones(5)),
    "rand_like": lambda: torch.rand_like(FLOATS),
    "randn_like": lambda: torch.randn_like(FLOATS),
    "bernoulli": lambda: torch.bernoulli(FLOATS),
    "multinomial": lambda: torch.multinomial(torch.ones(50), 20),
    "uniform_": lambda: torch.empty(5).uniform_(-1, 1),
    "normal_": lambda: torch.empty(5).normal_(),
    "bernoulli_": lambda: torch.empty(50).bernoulli_(0.5),
    "exponential_": lambda: torch.empty(5).exponential_(),
    "random_": lambda: torch.empty(5).random_(1000),
    "uniform": filled(nn.init.uniform_),
    "kaiming_uniform": filled(nn.init.kaiming_uniform_),
    "kaiming_normal": filled(nn.init.kaiming_normal_),
    "xavier_uniform": filled(nn.init.xavier_uniform_),
    "trunc_normal": filled(nn.init.trunc_normal_),
    "orthogonal": filled(nn.init.orthogonal_),
    "linear": lambda: nn.Linear(4, 4).weight.detach(),
    "conv": lambda: nn.Conv2d(2, 2, 3).bias.detach(),
    "lstm": lambda: nn.LSTM(3, 3).weight_hh_l0.detach(),
    "dropout": lambda: nn.Dropout(0.5)(FLOATS),
    "dropout2d": lambda: nn.Dropout2d(0.5)(torch.ones(4, 16, 3, 3)),
    "dropout in place": lambda: nn.Dropout(0.5, inplace=True)(FLOATS.clone()),
    **{
        f"preset {name}": lambda name=name: make_augmentation(name)(IMAGE)
        for name in AUGMENT_PRESETS
    },
    "flip": lambda: torch.stack([v2.RandomHorizontalFlip()(IMAGE) for _ in range(20)]),
    "rotation": lambda: v2.RandomRotation(90)(IMAGE),
    "crop": lambda: v2.RandomResizedCrop(16, antialias=True)(IMAGE),
    "erasing": lambda: v2.RandomErasing(p=1.0)(FLOATS),
    "blur": lambda: v2.GaussianBlur(3)(FLOATS),
    "jitter": lambda: v2.ColorJitter(0.5, 0.5, 0.5, 0.5)(IMAGE),
    "perspective": lambda: v2.RandomPerspective(p=1.0)(IMAGE),
    "affine": lambda: v2.RandomAffine(30, (0.2, 0.2), (0.5, 1.5), 10)(IMAGE),
    "elastic": lambda: v2.ElasticTransform(sigma=1.0)(IMAGE),
    "noise": lambda: v2.GaussianNoise()(FLOATS),
}


def global_states():
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    return random.getstate(), (kind, keys.tolist(), *rest), torch.get_rng_state().tolist()


def seed_globally(seed):
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def draw(function, *seed):
    with LocalRandomness(*seed):
        return function()


@pytest.mark.parametrize("name", DRAWS)
def test_global_states_are_neither_changed_nor_read(name):
    seed_globally(1)
    before = global_states()
    first = draw(DRAWS[name], 7)
    assert global_states() == before
    seed_globally(2)
    torch.testing.assert_close(draw(DRAWS[name], 7), first, rtol=0, atol=0)
    assert not torch.equal(draw(DRAWS[name], 8), first)


def test_two_draws_of_one_context_differ():
    with LocalRandomness(0):
        assert not torch.equal(torch.rand(5), torch.rand(5))


def test_every_part_of_the_seed_counts():
    seeds = [(0, 1, 2), (0, 1, 3), (0, 2, 1), (1, 0, 2), (2, 1, 0)]
    draws = [draw(DRAWS["rand"], *seed) for seed in seeds]
    assert len({tuple(values.tolist()) for values in draws}) == len(seeds)


def test_four_threads_at_once_draw_as_one_alone():
    alone = [draw(DRAWS["preset xray"], 3, lane) for lane in range(4)]
    barrier = threading.Barrier(4)

    def together(lane):
        barrier.wait()
        return [draw(DRAWS["preset xray"], 3, lane) for _ in range(5)]

    with ThreadPoolExecutor(4) as executor:
        for lane, drawn in enumerate(executor.map(together, range(4))):
            assert all(torch.equal(image, alone[lane]) for image in drawn)


def test_a_thread_beside_the_context_is_not_affected():
    seed_globally(5)
    expected = torch.rand(3)
    seed_globally(5)
    with LocalRandomness(0), ThreadPoolExecutor(1) as executor:
        assert torch.equal(executor.submit(torch.rand, 3).result(), expected)


def test_a_generator_that_is_passed_is_used():
    expected = torch.rand(3, generator=torch.Generator().manual_seed(9))
    with LocalRandomness(0):
        drawn = torch.rand(3, generator=torch.Generator().manual_seed(9))
    assert torch.equal(drawn, expected)


def test_dropout_keeps_the_mean_and_drops_the_share_asked_for():
    ones = torch.ones(100_000)
    dropped = draw(lambda: nn.functional.dropout(ones, 0.25), 0)
    assert (dropped == 0).float().mean() == pytest.approx(0.25, abs=0.01)
    assert dropped.mean() == pytest.approx(1, abs=0.02)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert torch.equal(draw(lambda: nn.functional.dropout(ones, 1.0), 0), torch.zeros(100_000))
    assert torch.equal(draw(lambda: nn.functional.dropout(ones, 0.5, training=False), 0), ones)


def test_dropout2d_drops_whole_channels():
    dropped = draw(DRAWS["dropout2d"], 0)
    per_channel = dropped.flatten(2)
    assert ((per_channel == 0).all(2) | (per_channel == 2).all(2)).all()
    assert {0.0, 2.0} == set(dropped.unique().tolist())


def test_gradients_pass_through_dropout():
    values = torch.ones(50, requires_grad=True)
    with LocalRandomness(0):
        dropped = nn.functional.dropout(values, 0.5)
    dropped.sum().backward()
    assert torch.equal(values.grad, dropped.detach())


def test_layers_on_the_meta_device_draw_nothing():
    with LocalRandomness(0), torch.device("meta"):
        assert nn.Linear(3, 3).weight.is_meta
