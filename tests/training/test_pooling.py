"""Max pooling whose gradients lie in kept memory: the same bits, and no new memory."""

import contextlib
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from dlboi.training._pooling import PoolingMemory, keep_pooling_memory


class Branches(nn.Module):
    """Two poolings of one map, as in Inception, and one behind them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.near = nn.MaxPool2d(3, stride=1, padding=1)
        self.far = nn.MaxPool2d(5, stride=1, padding=2)
        self.last = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.conv(x)
        return self.last((self.near(x) * self.far(x) + x).sin())


@pytest.fixture
def network():
    module, generator = Branches(), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(generator=generator)
    return module


def images(n, seed=0):
    return torch.randn(n, 1, 8, 10, generator=torch.Generator().manual_seed(seed))


def gradients(module, x, context=None):
    with contextlib.nullcontext() if context is None else context:
        return torch.autograd.grad(module(x).square().sum(), list(module.parameters()))


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_bits_are_those_without(network, dtype, memory_format):
    network, memory = network.to(dtype), PoolingMemory()
    for n in (4, 4, 3, 4):
        x = images(n, seed=n).to(dtype).contiguous(memory_format=memory_format)
        found, expected = gradients(network, x, memory), gradients(network, x)
        assert all(map(torch.equal, found, expected))


@settings(max_examples=30, deadline=None)
@given(
    kernel_size=st.one_of(st.integers(2, 4), st.tuples(st.integers(2, 4), st.integers(1, 4))),
    stride=st.none() | st.integers(1, 3),
    padding=st.integers(0, 1),
    dilation=st.integers(1, 2),
    ceil_mode=st.booleans(),
)
def test_all_settings_of_a_pooling_are_kept(kernel_size, stride, padding, dilation, ceil_mode):
    padding = padding if min(np.ravel(kernel_size)) > 1 else 0  # at most half of the kernel
    window = kernel_size, stride, padding, dilation, ceil_mode
    layer = nn.MaxPool2d(*window[:4], ceil_mode=ceil_mode)
    x = images(2).requires_grad_()
    expected = torch.autograd.grad(layer(x).square().sum(), x)
    with PoolingMemory():
        output = layer(x)
        assert torch.equal(output, functional.max_pool2d(x, *window))
        assert all(map(torch.equal, torch.autograd.grad(output.square().sum(), x), expected))


def test_each_pooling_of_a_pass_has_memory_of_its_own_and_passes_share_it(network):
    memory, places = PoolingMemory(), []

    def note(layer, of_input, of_output):
        places.append(of_input[0].data_ptr())

    for layer in (network.near, network.far, network.last):
        layer.register_full_backward_hook(note)
    for _ in range(2):
        gradients(network, images(4), memory)
    assert len(set(places[:3])) == 3
    assert places[:3] == places[3:]


def test_threads_do_not_share_memory(network):
    memory, barrier, found = PoolingMemory(), threading.Barrier(2), {}

    def run(seed):
        for _ in range(20):
            barrier.wait()
            found.setdefault(seed, []).append(gradients(network, images(4, seed), memory))

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, results in found.items():
        expected = gradients(network, images(4, seed))
        assert all(all(map(torch.equal, result, expected)) for result in results)


def test_what_does_not_learn_or_asks_for_indices_is_pooled_as_usual():
    layer, x = nn.MaxPool2d(2, return_indices=True), images(2)
    with PoolingMemory():
        assert functional.max_pool2d(x, 2).grad_fn is None
        with torch.no_grad():
            assert not functional.max_pool2d(x.requires_grad_(), 2).requires_grad
        output, indices = layer(x)
        assert torch.equal(output, functional.max_pool2d(x, 2))
    assert indices.dtype == torch.int64


def test_second_derivatives_are_those_without(network):
    def second_of(context):
        with context:
            loss = network(images(2)).square().sum()
            (first,) = torch.autograd.grad(loss, [network.conv.weight], create_graph=True)
            return torch.autograd.grad(first.square().sum(), [network.conv.weight])[0]

    assert torch.equal(second_of(PoolingMemory()), second_of(contextlib.nullcontext()))


def test_only_networks_that_pool_get_it(network):
    assert isinstance(keep_pooling_memory(network), PoolingMemory)
    assert isinstance(keep_pooling_memory(nn.Linear(2, 2)), contextlib.nullcontext)
    with torch.device("meta"):
        assert isinstance(keep_pooling_memory(Branches()), contextlib.nullcontext)
