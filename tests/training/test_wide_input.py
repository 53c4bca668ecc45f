"""Networks that begin with a wide layer on the pixels: the gradients of the graph, in columns."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlboi._validation import ImageLayout
from dlboi.networks import ANN
from dlboi.training import ImageArray, ImageBatch, ImageClassifierNet, Lanes, make_augmentation
from dlboi.training._gradients import BatchGradients
from dlboi.training._losses import LogitLoss
from dlboi.training._wide_input import WideInputGradients, wide_input

SHAPE = (1, 64, 128)  # with 32 neurons as many weights as make a layer wide


def make_net(n_outputs=1, shape=SHAPE, *, precision="float32", augment=None, **parameters):
    return ImageClassifierNet(
        ANN,
        module__input_shape=shape,
        module__n_outputs=n_outputs,
        **{f"module__{name}": value for name, value in parameters.items()},
        criterion=LogitLoss,
        criterion__kind="bce" if n_outputs == 1 else "ce",
        precision=precision,
        augment=augment,
        verbose=0,
    ).initialize()


def make_batch(n, dtype=np.uint8, *, weighted=False, last=False):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, *SHAPE[1:])).astype(dtype)
    if dtype == np.uint16:
        pixels *= 257
    elif np.dtype(dtype).kind == "f":
        pixels /= 255
    layout = ImageLayout("last" if last else None, SHAPE)
    pixels = pixels[..., None] if last else pixels
    weight = torch.from_numpy(rng.random(n, dtype=np.float32)) if weighted else None
    target = torch.from_numpy(rng.integers(0, 2, n))
    return ImageBatch(ImageArray(pixels, layout), np.arange(n), weight), target


def results_of(gradients, net, batch, n_threads=1):
    with Lanes(n_threads) as lanes:
        step = gradients.add_up(lanes, *batch)
    found = [step["loss"], step["y_pred"], *(p.grad.clone() for p in net.module_.parameters())]
    assert not any(tensor.requires_grad for tensor in found)
    return found


def assert_alike(results, tolerance):
    for expected, got in zip(*results, strict=True):
        scale = float(expected.abs().max()) * tolerance
        torch.testing.assert_close(got.float(), expected.float(), rtol=tolerance, atol=scale)


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 3e-2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_gradients_are_those_of_the_graph(n_outputs, dtype, precision, tolerance):
    net, batch = make_net(n_outputs, precision=precision), make_batch(12, dtype, weighted=True)
    net.module_.train()
    ours = WideInputGradients(net, wide_input(net), 1)
    assert_alike([results_of(g, net, batch) for g in (BatchGradients(net, 1), ours)], tolerance)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4), last=st.booleans())
def test_batches_of_any_size_follow_each_other(sizes, last):
    net = make_net()
    ours = WideInputGradients(net, wide_input(net), 1)
    for size in sizes:
        batch = make_batch(size, last=last)
        found = [results_of(each, net, batch) for each in (BatchGradients(net, 1), ours)]
        assert_alike(found, 1e-4)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("parameters", [{}, {"dropout": 0.5, "batch_norm": True}])
def test_the_number_of_threads_does_not_change_a_bit(precision, parameters):
    net, batch = make_net(precision=precision, **parameters), make_batch(13)
    net.module_.train()

    def run(n_threads, epoch=1):
        return results_of(WideInputGradients(net, wide_input(net), epoch), net, batch, n_threads)

    expected = run(1)
    for n_threads in (2, 3, 7):
        assert all(map(torch.equal, run(n_threads), expected))
    if parameters:
        assert not torch.equal(run(1, epoch=2)[0], expected[0])


def test_dropout_goes_on_drawing():
    net, batch = make_net(dropout=0.5), make_batch(13)
    net.module_.train()
    gradients = WideInputGradients(net, wide_input(net), 1)
    first, second, third = (results_of(gradients, net, batch)[0] for _ in range(3))
    assert len({float(first), float(second), float(third)}) == 3


def test_no_memory_is_taken_for_a_second_gradient():
    net, batch = make_net(), make_batch(8)
    gradients = WideInputGradients(net, wide_input(net), 1)
    results_of(gradients, net, batch)
    address = net.module_.linear1.weight.grad.data_ptr()
    results_of(gradients, net, batch)
    assert net.module_.linear1.weight.grad.data_ptr() == address


def test_only_networks_that_begin_so_and_are_not_listened_to_are_meant():
    net = make_net()
    assert wide_input(net) is net.module_.linear1
    assert wide_input(make_net(shape=(1, 8, 8))) is None
    assert wide_input(make_net(augment=make_augmentation("xray"))) is None
    fixed = make_net()
    fixed.module_.linear1.weight.requires_grad_(False)
    assert wide_input(fixed) is None
    for name in ("flatten", "linear1"):
        hooked = make_net()
        getattr(hooked.module_, name).register_forward_hook(lambda layer, inputs, output: None)
        assert wide_input(hooked) is None
    other = make_net()
    other.module_ = nn.Sequential(nn.Linear(4, 2**17))
    assert wide_input(other) is None


def test_hooks_of_the_layers_behind_are_called():
    net, batch, seen = make_net(), make_batch(8), []
    net.module_.linear2.register_forward_hook(lambda layer, inputs, output: seen.append(output))
    results_of(WideInputGradients(net, wide_input(net), 1), net, batch)
    assert seen[0].shape == (8, 32)
