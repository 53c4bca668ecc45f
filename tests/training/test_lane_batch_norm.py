"""Batch normalisation over lanes: equal to torch's over the whole batch."""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch import nn

from dlboi._validation import image_layout
from dlboi.networks import PretrainedNetwork
from dlboi.training import ImageArray, ImageClassifierNet, LabelledImages, Lanes, LogitLoss
from dlboi.training._dataset import ImageBatch
from dlboi.training._gradients import add_gradients
from dlboi.training._lane_batch_norm import LaneBatchNorms
from dlboi.training._lane_exchange import LaneExchange, LanesApartError

LAYERS = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}


def in_lanes(module, x, sizes, back, autocast=False):
    """Return output and gradients of a batch in lanes, and those of input and parameters."""
    parameters = list(module.parameters())
    norms, parts = LaneBatchNorms(module, len(sizes)), x.split(sizes)

    def run(number):
        part = parts[number].clone().requires_grad_()
        with norms.lane(number):
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                output = module(part)
            own = back.split(sizes)[number].to(output.dtype)
            of_part, *gradients = torch.autograd.grad(output, [part, *parameters], own)
        return output.detach(), of_part, gradients

    with Lanes(1) as lanes:
        outputs, of_parts, gradients = zip(
            *lanes.run_together(run, list(range(len(sizes)))), strict=True
        )
    total = [None] * len(parameters)
    for lane in gradients:
        total = add_gradients(total, list(lane))
    return torch.cat(outputs), torch.cat(of_parts), total


def whole(module, x, back, autocast=False):
    x = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        output = module(x)
    of_x, *gradients = torch.autograd.grad(output, [x, *module.parameters()], back.to(output.dtype))
    return output.detach(), of_x, gradients


def randomised(module, generator):
    for parameter in module.parameters():
        nn.init.normal_(parameter, generator=generator)
    return module


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=3),
    n_axes=st.sampled_from(sorted(LAYERS)),
    affine=st.booleans(),
    momentum=st.sampled_from([0.1, 0.7, None]),
    tracked=st.booleans(),
    channels_last=st.booleans(),
    offset=st.sampled_from([0.0, 30.0]),
    seed=st.integers(0, 99),
)
def test_equal_to_the_whole_batch(
    sizes, n_axes, affine, momentum, tracked, channels_last, offset, seed
):
    generator = torch.Generator().manual_seed(seed)
    parameters = {"affine": affine, "momentum": momentum, "track_running_stats": tracked}
    ours = randomised(LAYERS[n_axes](3, **parameters), generator)
    theirs = copy.deepcopy(ours)
    shape = (sum(sizes), 3, *range(2, n_axes))
    for _ in range(2):
        x = torch.randn(shape, generator=generator) * 2 + offset
        if channels_last and n_axes == 4:
            x = x.contiguous(memory_format=torch.channels_last)
        back = torch.randn(shape, generator=generator)
        got, expected = in_lanes(ours, x, sizes, back), whole(theirs, x, back)
        # Two images in all, or three, may be so near each other that rounding is magnified.
        torch.testing.assert_close(got, expected, rtol=1e-3, atol=1e-3)
        assert_states_close(ours, theirs, rtol=1e-5, atol=1e-5)


def assert_states_close(ours, theirs, **tolerance):
    theirs = theirs.state_dict()
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, theirs[name], **tolerance)


@pytest.mark.parametrize("channels_last", [False, True])
def test_bfloat16_is_as_close_to_float32_as_that_of_the_whole_batch(channels_last):
    generator = torch.Generator().manual_seed(0)
    # The convolution makes what the normalisation is given bfloat16.
    ours = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    theirs, exact = copy.deepcopy(randomised(ours, generator)), copy.deepcopy(ours)
    x = torch.randn(10, 3, 9, 9, generator=generator) + 3
    if channels_last:
        x = x.contiguous(memory_format=torch.channels_last)
    back = torch.randn(10, 8, 7, 7, generator=generator)
    output, *got = in_lanes(ours, x, [4, 6], back, autocast=True)
    assert output.dtype == torch.bfloat16
    _, *other = whole(theirs, x, back, autocast=True)
    _, *reference = whole(exact, x, back)
    for a, b, c in zip(flat(got), flat(other), flat(reference), strict=True):
        assert (a - c).norm() <= 1.5 * (b - c).norm() + 1e-3 * c.norm()
    assert ours[1].running_var.dtype == torch.float32
    assert_states_close(ours, theirs, rtol=1e-4, atol=1e-4)


def flat(gradients):
    of_input, of_parameters = gradients
    return [of_input, *of_parameters]


def test_layers_in_evaluation_mode_stay_as_they_are():
    layer = nn.BatchNorm1d(3).eval()
    before = copy.deepcopy(layer)
    x, back = torch.randn(6, 3), torch.ones(6, 3)
    torch.testing.assert_close(in_lanes(layer, x, [2, 4], back), whole(before, x, back))
    assert_states_close(layer, before, rtol=0, atol=0)


@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("where", ["before", "forward", "backward"])
def test_an_exception_in_one_lane_comes_out(failing, where):
    layers = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3))
    norms = LaneBatchNorms(layers, 2)

    def fail(*_):
        raise KeyError(where)

    def run(number):
        with norms.lane(number):
            fails = number == failing
            if fails and where == "before":
                fail()
            middle = layers[0](torch.randn(4, 3))
            if fails and where == "forward":
                fail()
            output = layers[1](middle)
            if fails and where == "backward":
                middle.register_hook(fail)
            output.sum().backward()

    with pytest.raises(KeyError, match=where), Lanes(1) as lanes:
        lanes.run_together(run, [0, 1])


def test_a_lane_that_ends_early_lets_none_wait():
    layer = nn.BatchNorm1d(3)
    norms = LaneBatchNorms(layer, 2)

    def run(number):
        with norms.lane(number):
            if number == 1:
                layer(torch.randn(4, 3))

    with pytest.raises(LanesApartError, match="waits at a batch normalisation"), Lanes(1) as lanes:
        lanes.run_together(run, [0, 1])


def test_an_exchange_combines_in_the_order_of_the_lanes():
    exchange, others_first = LaneExchange(3), threading.Barrier(3, timeout=10)

    def run(lane):
        met = []
        for number in range(50):
            others_first.wait()
            met.append(exchange.meet(lane, (number, lane), list))
        exchange.leave()
        return met

    with Lanes(1) as lanes:
        for met in lanes.run_together(run, [0, 1, 2]):
            assert met == [[(number, lane) for lane in range(3)] for number in range(50)]


# ------------------------------------------------------------------------------------- in the net


class Net(nn.Module):
    def __init__(self, n_outputs=1):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Flatten(),
            nn.Linear(144, 8),
            nn.BatchNorm1d(8, momentum=None),
            nn.Linear(8, n_outputs),
        )

    def forward(self, x):
        return self.layers(x)


def images(n=22, side=8):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, side, side), dtype=np.uint8)
    return LabelledImages(ImageArray(pixels, image_layout(pixels.shape)), np.arange(n) % 2)


def fitted(n_threads=1, **parameters):
    net = ImageClassifierNet(
        Net,
        module__n_outputs=1,
        criterion=LogitLoss,
        criterion__kind="bce",
        optimizer=torch.optim.Adam,
        max_epochs=3,
        batch_size=9,  # a last batch of four, and lanes of unequal size
        n_threads=n_threads,
        train_split=None,
        verbose=0,
        **parameters,
    )
    return net.fit((images(), None))


def bits(net):
    return [tensor.numpy().tobytes() for tensor in net.module_.state_dict().values()]


def test_the_number_of_threads_changes_no_bit():
    one = fitted(1)
    assert bits(one) == bits(fitted(2)) == bits(fitted(3))
    assert one.module_.layers[1].num_batches_tracked == 9


def test_fits_at_once_change_no_bit_of_each_other():
    alone = [bits(fitted(seed=seed)) for seed in range(3)]
    with ThreadPoolExecutor(3) as executor:
        at_once = executor.map(lambda seed: bits(fitted(seed=seed)), range(3))
        assert list(at_once) == alone


def test_what_a_transform_raises_in_a_lane_comes_out():
    def augment(image):
        raise OSError("no such transform")

    with pytest.raises(ValueError, match="no such transform"):
        fitted(augment=augment)


@pytest.mark.parametrize(("n_images", "n_lanes"), [(3, 1), (4, 2), (9, 2), (200, 2)])
def test_a_batch_is_divided_in_two(n_images, n_lanes):
    net, batch = fitted(), ImageBatch(None, np.arange(n_images))
    iterator = net.get_iterator(images(), training=True)
    net._open_epoch(iterator, training=True)
    assert [len(lane) for lane in net._gradients_.divide(batch)] == [1] * n_lanes
    net.module_.layers[6] = nn.SyncBatchNorm(8)
    net._open_epoch(iterator, training=True)
    assert net._gradients_.divide(batch) == [[slice(0, n_images)]]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_step_of_a_resnet_is_as_exact_as_that_of_the_whole_batch(precision):
    net = ImageClassifierNet(
        PretrainedNetwork,
        module__input_shape=(1, 32, 32),
        module__n_outputs=1,
        criterion=LogitLoss,
        criterion__kind="bce",
        optimizer=torch.optim.SGD,
        precision=precision,
        verbose=0,
    ).initialize()
    theirs = copy.deepcopy(net.module_).train()
    exact = copy.deepcopy(theirs).double()
    (batch,) = net._open_epoch(net.get_iterator(images(n=20, side=32), True), training=True)
    assert len(net._gradients_.divide(batch[0])) == 2

    with Lanes(1) as lanes:
        ours = net._gradients_.add_up(lanes, *batch)["loss"]
    pixels, target = batch[0].pixels(slice(0, 20)).double() / 255, batch[1].double()
    with net.autocast():
        by_torch = backward(
            theirs, pixels.float().contiguous(memory_format=torch.channels_last), target
        )
    reference = backward(exact, pixels, target)

    # Rounding grows on its way through twenty normalisations: the same step in float64 tells by
    # how much. Gradients of the whole batch are as far from it as those of the lanes.
    assert abs(ours - reference) < 3 * abs(by_torch - reference) + 1e-3 * reference
    of_lanes, of_whole, of_exact = (
        torch.cat([p.grad.double().flatten() for p in module.parameters()])
        for module in (net.module_, theirs, exact)
    )
    error = (of_whole - of_exact).norm()
    assert error < 0.5 * of_exact.norm()
    assert (of_lanes - of_exact).norm() < 2 * error
    tolerance = 3e-2 if precision == "bfloat16" else 1e-4
    assert_states_close(net.module_, theirs, rtol=tolerance, atol=tolerance)


def backward(module, pixels, target):
    logits = module(pixels)[:, 0].to(target.dtype)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, target)
    loss.backward()
    return loss.detach()
