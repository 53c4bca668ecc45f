"""Pooling before the ReLU is the same function, and pools fit any map."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlboi.networks import CNN, GAP, ConvBlocks

sides = st.integers(1, 40)
quick = settings(deadline=None, max_examples=40)


def relu_first(blocks):
    """Return the layers of `blocks` in the order of the reports: convolution, ReLU, pooling."""
    layers = dict(blocks.named_children())
    ordered = []
    for number in range(1, 1 + sum(name.startswith("conv") for name in layers)):
        ordered += [layers[f"conv{number}"], layers[f"relu{number}"]]
        ordered += [layers[f"pool{number}"]] if f"pool{number}" in layers else []
    return nn.Sequential(*ordered)


@quick
@given(
    channels=st.sampled_from([1, 3]),
    height=sides,
    width=sides,
    n_filters=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    kernel_size=st.sampled_from([1, 3, 5]),
    pool_size=st.integers(1, 5),
    seed=st.integers(0, 2**16),
)
def test_pooling_first_equals_relu_first(
    channels, height, width, n_filters, kernel_size, pool_size, seed
):
    generator = torch.Generator().manual_seed(seed)
    blocks = ConvBlocks(
        (channels, height, width), n_filters=n_filters, kernel_size=kernel_size, pool_size=pool_size
    )
    for parameter in blocks.parameters():
        nn.init.normal_(parameter, generator=generator)
    images = torch.rand(2, channels, height, width, generator=generator, requires_grad=True)
    arguments = [images, *blocks.parameters()]

    ours, theirs = blocks(images), relu_first(blocks)(images)
    assert torch.equal(ours, theirs)
    slope = torch.rand(ours.shape, generator=generator)
    for mine, reference in zip(
        torch.autograd.grad((ours * slope).sum(), arguments),
        torch.autograd.grad((theirs * slope).sum(), arguments),
        strict=True,
    ):
        torch.testing.assert_close(mine, reference, rtol=1e-5, atol=1e-6)


@quick
@given(
    height=sides,
    width=sides,
    n_blocks=st.integers(1, 6),
    pool_size=st.integers(1, 50),
    output_size=st.integers(1, 4),
)
def test_pools_are_clipped_to_the_map(height, width, n_blocks, pool_size, output_size):
    shape = (1, height, width)
    blocks = ConvBlocks(shape, n_filters=(2,) * n_blocks, pool_size=pool_size)
    assert blocks.output_shape == tuple(blocks(torch.zeros(1, *shape)).shape[1:])
    assert min(blocks.output_shape) >= 1
    for network, arguments in ((CNN, {}), (GAP, {"output_size": output_size})):
        module = network(shape, 2, n_filters=(2,) * n_blocks, pool_size=pool_size, **arguments)
        assert module(torch.zeros(3, *shape)).shape == (3, 2)


def test_a_map_is_pooled_as_the_reports_do_where_it_is_large_enough():
    assert ConvBlocks((1, 256, 256)).output_shape == (32, 32, 32)
    assert ConvBlocks((1, 256, 256), pool_size=4).output_shape == (32, 4, 4)
    assert ConvBlocks((1, 9, 5)).output_shape == (32, 1, 1)
    assert ConvBlocks((1, 1, 8)).output_shape == (32, 1, 1)
