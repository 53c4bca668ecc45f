"""Gradients of wide linear layers: equal to torch's, one product a batch."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.nn import functional

from dlboi.training import Lanes
from dlboi.training._gradients import add_gradients
from dlboi.training._wide_linear import WideLinears

N_IN, N_OUT = 8192, 32  # as many weights as make a layer wide


def network(bias=True):
    generator = torch.Generator().manual_seed(0)
    wide = nn.Linear(N_IN, N_OUT, bias=bias)
    with torch.no_grad():
        for parameter in wide.parameters():
            parameter.normal_(generator=generator)
    return wide


def prepared(module):
    wide = WideLinears(module)
    with Lanes(1) as lanes:
        wide.prepare(lanes)
    return wide


def gradients_in_parts(module, x, parts, loss=lambda output: output.square().sum()):
    """Return what `WideLinears` and autograd give for a batch in parts, one lane each."""
    wide, parameters = prepared(module), list(module.parameters())
    sums, collected = [None] * len(parameters), []
    for part in x.split(parts):
        with wide.collect() as factors:
            new = torch.autograd.grad(loss(module(part)), parameters, allow_unused=True)
        sums = add_gradients(sums, new)
        collected.append(factors)
    with Lanes(2) as lanes:
        products = wide.compute(lanes, collected)
    return products, add_gradients(sums, [products.get(p) for p in parameters])


@settings(max_examples=15, deadline=None)
@given(parts=st.lists(st.integers(1, 5), min_size=1, max_size=4), bias=st.booleans())
def test_gradients_are_those_of_autograd(parts, bias):
    module = network(bias)
    x = torch.randn(sum(parts), N_IN, generator=torch.Generator().manual_seed(1))
    products, gradients = gradients_in_parts(module, x, parts)
    assert list(products) == [module.weight]
    expected = torch.autograd.grad(module(x).square().sum(), list(module.parameters()))
    for gradient, of_autograd in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, of_autograd, rtol=1e-4, atol=1e-2)


def test_gradient_of_the_input_goes_on():
    module = nn.Sequential(nn.Linear(4, N_IN), nn.ReLU(), network())
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(1))
    _, gradients = gradients_in_parts(module, x, [2, 4])
    expected = torch.autograd.grad(module(x).square().sum(), list(module.parameters()))
    for gradient, of_autograd in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, of_autograd, rtol=1e-3, atol=1.0)


def test_a_weight_that_is_used_in_another_way_too_gets_the_sum_of_both():
    module = network()
    x = torch.randn(4, N_IN, generator=torch.Generator().manual_seed(1))

    def loss(output):
        return output.square().sum() + module.weight.square().sum()

    _, (gradient, _) = gradients_in_parts(module, x, [4], loss)
    (expected,) = torch.autograd.grad(loss(module(x)), [module.weight])
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-2)


def test_the_memory_of_the_last_gradient_is_used_again():
    module = network()
    x = torch.randn(4, N_IN, generator=torch.Generator().manual_seed(1))
    products, _ = gradients_in_parts(module, x, [4])
    module.weight.grad = products[module.weight]
    again, _ = gradients_in_parts(module, x, [4])
    assert again[module.weight] is module.weight.grad


@pytest.mark.parametrize("n_threads", [1, 3])
def test_the_number_of_threads_changes_no_bit(n_threads):
    module = network()
    x = torch.randn(9, N_IN, generator=torch.Generator().manual_seed(1))
    results = []
    for threads in (2, n_threads):
        wide = prepared(module)
        with wide.collect() as factors:
            torch.autograd.grad(module(x).sum(), [module.weight], allow_unused=True)
        with Lanes(threads) as lanes:
            results.append(wide.compute(lanes, [factors])[module.weight])
    assert torch.equal(*results)


def test_bfloat16_gives_a_float32_gradient():
    module = network()
    x = torch.rand(8, N_IN, generator=torch.Generator().manual_seed(1))
    with torch.autocast("cpu", torch.bfloat16):
        wide = prepared(module)
        with wide.collect() as factors:
            output = module(x)
    assert output.dtype == torch.bfloat16
    torch.autograd.grad(output.float().sum(), [module.weight], allow_unused=True)
    with Lanes(1) as lanes:
        gradient = wide.compute(lanes, [factors])[module.weight]
    assert gradient.dtype == torch.float32
    torch.testing.assert_close(gradient, x.sum(0).expand_as(gradient), rtol=0.02, atol=0.02)


def test_tokens_narrow_layers_and_frozen_ones_are_left_to_autograd():
    module, narrow, frozen = network(), nn.Linear(8, 8), network()
    frozen.requires_grad_(False)
    wide = prepared(nn.ModuleList([module, narrow, frozen]))
    tokens = torch.ones(2, 3, N_IN)
    with wide.collect() as factors:
        (gradient,) = torch.autograd.grad(module(tokens).sum(), [module.weight])
        functional.linear(torch.ones(1, 8), narrow.weight).sum().backward()
        assert not frozen(torch.ones(1, N_IN)).requires_grad
    torch.testing.assert_close(gradient, torch.full_like(gradient, 6.0))
    assert narrow.weight.grad is not None
    with Lanes(1) as lanes:
        assert wide.compute(lanes, [factors]) == {}
