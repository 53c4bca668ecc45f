"""Gradients of a linear head without a graph are those of the graph."""

import numpy as np
import pytest
import torch
from torch import nn

from dlboi.training import FeatureRows, ImageClassifierNet, LabelledImages
from dlboi.training._dataset import ImageBatch
from dlboi.training._gradients import BatchGradients
from dlboi.training._lanes import Lanes
from dlboi.training._linear_head import LinearHeadGradients, linear_head
from dlboi.training._losses import LogitLoss


class Head(nn.Module):
    """A network that is nothing but its head."""

    def __init__(self, n_outputs, dropout=0.0):
        super().__init__()
        self.head = nn.Sequential(nn.Linear(12, n_outputs))
        if dropout:
            self.head.insert(0, nn.Dropout(dropout))

    def forward(self, features):
        return self.head(features)


def make_net(n_outputs=1, **parameters):
    net = ImageClassifierNet(
        Head,
        module__n_outputs=n_outputs,
        criterion=LogitLoss,
        criterion__kind="bce" if n_outputs == 1 else "ce",
        batch_size=8,
        max_epochs=3,
        verbose=0,
        **parameters,
    )
    return net.initialize()


def make_rows(n=20, n_classes=2):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(1, n, 12)).astype(np.float32)
    return LabelledImages(FeatureRows(features), np.arange(n) % n_classes)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_outputs", [1, 2, 5])
def test_gradients_are_those_of_the_graph(n_outputs, weighted, precision):
    net = make_net(n_outputs, precision=precision)
    rows = make_rows(n_classes=max(n_outputs, 2))
    weight = torch.rand(20, generator=torch.Generator().manual_seed(0)) if weighted else None
    batch = ImageBatch(rows.images, np.arange(20), weight)
    linear = net.module_.head[0]
    results = []
    for gradients in (BatchGradients(net, 1), LinearHeadGradients(net, linear)):
        with Lanes(1) as lanes:
            step = gradients.add_up(lanes, batch, rows.target)
        results.append([step["loss"], step["y_pred"], linear.weight.grad, linear.bias.grad])
        assert not any(tensor.requires_grad for tensor in results[-1])
    tolerance = 1e-6 if precision == "float32" else 1e-2
    for expected, got in zip(*results, strict=True):
        torch.testing.assert_close(got.float(), expected.float(), rtol=tolerance, atol=tolerance)


def test_a_plain_head_is_found():
    net = make_net()
    assert linear_head(net) is net.module_.head[0]


def test_a_head_with_more_to_it_goes_through_the_graph():
    assert linear_head(make_net(module__dropout=0.5)) is None
    hooked = make_net()
    hooked.module_.head[0].register_forward_hook(lambda layer, inputs, output: None)
    assert linear_head(hooked) is None
    without_bias = make_net()
    without_bias.module_.head[0].bias.requires_grad_(False)
    assert linear_head(without_bias) is None
    other_loss = make_net()
    other_loss.criterion_ = nn.CrossEntropyLoss()
    assert linear_head(other_loss) is None


def test_a_head_learns_on_features():
    rows = make_rows(200)
    rows.target = torch.from_numpy((rows.images.views[0][:, 0] > 0).astype(np.int64))
    net = make_net(optimizer=torch.optim.Adam, lr=0.1)
    net.partial_fit((rows, None))
    assert net.history[-1, "train_accuracy"] > 0.9
