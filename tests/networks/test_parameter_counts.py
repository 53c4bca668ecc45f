"""The sizes that the reports' networks have, and what `summarize` says of them."""

import pytest
import torch

from dlboi.networks import ANN, CNN, GAP, summarize

REPORTS = [
    (ANN, {}, 2_099_329),
    (CNN, {}, 1_067_457),
    (GAP, {}, 18_849),
    (GAP, {"pool_size": 4}, 18_849),
    (GAP, {"output_size": 16}, 27_009),
]


@pytest.mark.parametrize(("network", "arguments", "n_parameters"), REPORTS)
def test_parameters_of_the_reports_networks(network, arguments, n_parameters):
    with torch.device("meta"):
        module = network((1, 256, 256), 1, **arguments)
    assert sum(parameter.numel() for parameter in module.parameters()) == n_parameters
    assert summarize(module, (1, 256, 256)).n_parameters == n_parameters


@pytest.mark.parametrize("n_outputs", [1, 2, 6])
@pytest.mark.parametrize(
    ("network", "arguments"),
    [
        (ANN, {"hidden_layer_sizes": (7, 5), "dropout": 0.5, "batch_norm": True}),
        (CNN, {"n_filters": (4, 6), "hidden_layer_sizes": (5, 3), "dropout": 0.5}),
        (CNN, {"n_filters": (4,), "hidden_layer_sizes": ()}),
        (GAP, {"n_filters": (4, 6), "output_size": 3}),
    ],
)
def test_summary_agrees_with_the_module(network, arguments, n_outputs):
    shape = (3, 20, 24)
    module = network(shape, n_outputs, **arguments)
    summary = summarize(module, shape)

    outputs = {}
    for name, layer in module.named_modules():
        layer.register_forward_hook(
            lambda layer, inputs, output, name=name: outputs.update({name: tuple(output.shape[1:])})
        )
    module.eval()
    with torch.no_grad():
        assert module(torch.zeros(2, *shape)).shape == (2, n_outputs)

    own = {name: list(layer.parameters(recurse=False)) for name, layer in module.named_modules()}
    for layer in summary.layers:
        assert layer.output_shape == outputs[layer.name]
        assert layer.n_parameters == sum(p.numel() for p in own[layer.name])
    assert summary.n_parameters == sum(p.numel() for p in module.parameters())
    assert summary.n_trainable_parameters == summary.n_parameters
    assert summary.layers[-1].output_shape == (n_outputs,)


def test_summary_tells_frozen_parameters_apart():
    module = CNN((1, 8, 8), 1, n_filters=(2,), hidden_layer_sizes=())
    module.features.requires_grad_(False)
    summary = summarize(module, (1, 8, 8))
    assert summary.n_parameters - summary.n_trainable_parameters == 2 * 9 + 2
    assert "20" in str(summary)


def test_summary_leaves_the_module_as_it_was():
    module = ANN((1, 4, 4), 1, batch_norm=True, dropout=0.5).train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    summarize(module, (1, 4, 4))
    assert module.training
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert not any(layer._forward_hooks for layer in module.modules())


def test_summary_counts_the_largest_activation():
    # 1×8×8 = 64 going in, 5×8×8 = 320 behind the convolution.
    module = GAP((1, 8, 8), 1, n_filters=(5,))
    assert summarize(module, (1, 8, 8)).largest_activation == 320


def test_summary_prints_as_a_table():
    text = str(summarize(CNN((1, 16, 16), 1), (1, 16, 16), notes=("pixels / 255",)))
    assert "conv1" in text
    assert "32×16×16" in text
    assert text.endswith("pixels / 255")
    assert "&" not in summarize(ANN((1, 2, 2), 1), (1, 2, 2))._repr_html_()
