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
    "randint_like": lambda: torch.randint_like(FLOATS, 1000),
    "randint_like from low": lambda: torch.randint_like(FLOATS, 5, high=1000),
    "binomial": lambda: torch.binomial(torch.full((20,), 50.0), torch.full((20,), 0.5)),
    "gamma": lambda: torch.distributions.Gamma(2.0, 1.0).sample((5,)),
    "beta": lambda: torch.distributions.Beta(2.0, 1.0).sample((5,)),
    "dirichlet": lambda: torch._sample_dirichlet(torch.ones(2, 4)),
    "bernoulli of a tensor": lambda: FLOATS.bernoulli(0.5),
    "torch.dropout": lambda: torch.dropout(FLOATS, 0.5, train=True),
    "torch.dropout_": lambda: torch.dropout_(FLOATS.clone(), 0.5, True),
    "alpha dropout": lambda: nn.AlphaDropout(0.5)(FLOATS),
    "feature alpha dropout": lambda: nn.FeatureAlphaDropout(0.5)(torch.ones(4, 16, 3, 3)),
    "gumbel softmax": lambda: nn.functional.gumbel_softmax(FLOATS),
    "hard gumbel softmax": lambda: nn.functional.gumbel_softmax(FLOATS, hard=True),
    "rrelu": lambda: nn.RReLU()(-FLOATS),
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
    "augmix": lambda: v2.AugMix()(IMAGE),
    "randaugment": lambda: torch.stack([v2.RandAugment()(IMAGE) for _ in range(5)]),
    "trivial": lambda: torch.stack([v2.TrivialAugmentWide()(IMAGE) for _ in range(5)]),
    "autoaugment": lambda: torch.stack([v2.AutoAugment()(IMAGE) for _ in range(9)]),
    "photometric": lambda: v2.RandomPhotometricDistort(p=1.0)(IMAGE),
    "zoom out": lambda: v2.Resize((16, 16))(v2.RandomZoomOut(p=1.0)(IMAGE)),
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


def attention(dropout_p):
    return nn.functional.scaled_dot_product_attention(*[torch.ones(1, 3, 4)] * 3, None, dropout_p)


WITHOUT_GENERATOR = {
    "scaled_dot_product_attention": lambda p: attention(p),
    "multi_head_attention_forward": lambda p: nn.MultiheadAttention(4, 2, dropout=p)(
        *[torch.ones(3, 1, 4)] * 3
    ),
    "lstm": lambda p: nn.LSTM(3, 3, num_layers=2, dropout=p)(torch.ones(4, 1, 3)),
    "gru": lambda p: nn.GRU(3, 3, num_layers=2, dropout=p)(torch.ones(4, 1, 3)),
    "rnn_tanh": lambda p: nn.RNN(3, 3, num_layers=2, dropout=p)(torch.ones(4, 1, 3)),
}


@pytest.mark.parametrize("name", WITHOUT_GENERATOR)
def test_what_takes_no_generator_is_refused_where_it_would_draw(name):
    before = global_states()
    with LocalRandomness(0):
        WITHOUT_GENERATOR[name](0.0)
        with pytest.raises(NotImplementedError, match=rf"{name} .*takes no generator.*dropout 0"):
            WITHOUT_GENERATOR[name](0.5)
    assert global_states() == before


def test_packed_sequences_are_refused_with_dropout_and_taken_without():
    packed = nn.utils.rnn.pack_sequence([torch.ones(4, 3), torch.ones(2, 3)])
    with LocalRandomness(0):
        nn.LSTM(3, 3, num_layers=2, dropout=0.5).eval()(packed)
        with pytest.raises(NotImplementedError, match="lstm"):
            nn.LSTM(3, 3, num_layers=2, dropout=0.5)(packed)


def test_fractional_pooling_is_refused():
    with LocalRandomness(0), pytest.raises(NotImplementedError, match="fractional_max_pool2d"):
        nn.FractionalMaxPool2d(2, output_size=4)(FLOATS[None])


def test_alpha_dropout_keeps_mean_and_variance():
    values = torch.randn(200_000, generator=torch.Generator().manual_seed(0))
    dropped = draw(lambda: nn.functional.alpha_dropout(values, 0.3, training=True), 0)
    assert dropped.mean() == pytest.approx(0, abs=0.02)
    assert dropped.std() == pytest.approx(1, abs=0.02)
    torch.manual_seed(0)
    expected = nn.functional.alpha_dropout(values, 0.3, training=True)
    torch.testing.assert_close(dropped.unique()[:1], expected.unique()[:1], rtol=1e-3, atol=0)


def test_hard_gumbel_softmax_is_one_hot_with_the_probabilities_of_the_logits():
    logits = torch.tensor([0.2, 0.8]).log().repeat(20_000, 1)
    drawn = draw(lambda: nn.functional.gumbel_softmax(logits, hard=True), 0)
    assert drawn.mean(0).tolist() == pytest.approx([0.2, 0.8], abs=0.02)


@pytest.mark.parametrize(("axes", "dropout"), [(1, nn.Dropout1d), (3, nn.Dropout3d)])
def test_one_image_without_a_batch_axis_loses_whole_channels(axes, dropout):
    dropped = draw(lambda: dropout(0.5)(torch.ones(64, *[3] * axes)), 0).flatten(1)
    assert (dropped == dropped[:, :1]).all()
    assert {0.0, 2.0} == set(dropped.unique().tolist())


def test_integers_like_a_tensor_keep_to_their_bounds():
    with LocalRandomness(0):
        drawn = torch.randint_like(FLOATS, 5, high=8)
        assert torch.randint_like(FLOATS, low=2, high=3).unique().tolist() == [2]
        assert torch.randint_like(FLOATS, 0, 1).unique().tolist() == [0]
    assert drawn.dtype == FLOATS.dtype
    assert drawn.unique().tolist() == [5, 6, 7]
