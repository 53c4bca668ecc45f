"""Each classification model of torchvision as a backbone.

The light ones run with the other tests. All take about nine minutes with one thread::

    pytest -m "slow or not slow" tests/networks/test_all_backbones.py
"""

import pytest
import torch
from torch import nn
from torchvision import models

from dlboi.networks import PretrainedNetwork, fixed_input_size, list_backbones, minimum_input_size
from dlboi.training import LocalRandomness

#: Models with more parameters, or multiplications (billions, for 224×224 pixels), are slow.
LIGHT_PARAMETERS, LIGHT_OPERATIONS = 13e6, 2.0


def cases():
    for name in list_backbones():
        facts = models.get_model_weights(name).DEFAULT.meta
        is_light = facts["num_params"] < LIGHT_PARAMETERS and facts["_ops"] < LIGHT_OPERATIONS
        yield pytest.param(name, marks=() if is_light else pytest.mark.slow, id=name)


CASES = list(cases())


def side_of(name):
    """Return a small side: two cells for what halves the image five times."""
    return fixed_input_size(name) or max(64, minimum_input_size(name) + 20)


def make(name, channels, n_outputs, side):
    with LocalRandomness(0):
        return PretrainedNetwork((channels, side, side), n_outputs, backbone=name)


def images(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def snapshot(module):
    """Return the bytes of each tensor, in which any change shows."""
    return {
        key: value.contiguous().view(torch.uint8 if value.ndim else value.dtype).clone()
        for key, value in module.state_dict().items()
    }


def changes(module, before):
    now = snapshot(module)
    return {key for key in now if not torch.equal(now[key], before[key])}


def train_a_step(network, pixels, labels):
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=0.01, weight_decay=0.1)
    network.train()
    with LocalRandomness(1):
        nn.functional.cross_entropy(network(pixels), labels).backward()
    optimizer.step()
    return {id(parameter) for parameter in parameters if parameter.grad is not None}


def test_every_model_is_a_case():
    assert len(CASES) == len(list_backbones()) >= 80
    assert sum(not case.marks for case in CASES) >= 20


@pytest.mark.parametrize("name", CASES)
def test_backbone(name):
    side = side_of(name)
    network = make(name, 1, 3, side)
    labels = torch.tensor([0, 1])
    pixels = images(2, 1, side, side)

    # One channel and three, K logits, and a head of the right size.
    assert sum(p.numel() for p in network.head.parameters()) == 3 * (network.n_features + 1)
    network.eval()
    with torch.no_grad():
        logits = network(pixels)
        colour = network(pixels.expand(-1, 3, -1, -1))
        assert network.features(pixels).shape == (2, network.n_features)
    assert logits.shape == (2, 3)
    assert torch.isfinite(logits).all()
    torch.testing.assert_close(logits, colour)

    # The feature map, and what is said of it.
    if network.feature_map_shape is not None:
        with torch.no_grad():
            feature_map = network.feature_map(pixels)
            features = network.features(pixels)
        assert feature_map.shape == (2, *network.feature_map_shape)
        means = feature_map.mean((2, 3))
        if network.map_is_linear:
            torch.testing.assert_close(means, features, rtol=1e-4, atol=1e-5)
        else:
            assert means.shape != features.shape or not torch.allclose(means, features)

    # Each parameter of the body is in one stage.
    held = [id(p) for stage in network.stages() for p in stage.parameters()]
    assert sorted(held) == sorted(id(p) for p in network.body.parameters())
    assert len(network.stages()) == len(network.stage_names) >= 4

    # Frozen to the bit: weights, statistics, no gradient.
    network.freeze()
    before = snapshot(network)
    trained = train_a_step(network, pixels, labels)
    assert trained == {id(p) for p in network.head.parameters()}
    assert changes(network, before) == {"head.output.weight", "head.output.bias"}

    # Fine-tuned: each parameter of the body has a gradient, and most change.
    network.thaw()
    before = snapshot(network.body)
    trained = train_a_step(network, pixels, labels)
    assert trained == {id(p) for p in network.parameters()}
    n_changed = len(changes(network.body, before))
    assert n_changed > len(before) / 2


@pytest.mark.parametrize("name", CASES)
def test_both_classes_are_reachable(name):
    """A single logit turns its sign with its head: nothing behind the head cuts it off."""
    side = side_of(name)
    network = make(name, 3, 1, side).eval()
    pixels = images(2, 3, side, side)
    with torch.no_grad():
        logits = network(pixels)
        for parameter in network.head.parameters():
            parameter.neg_()
        assert torch.equal(network(pixels), -logits)
    assert logits.shape == (2, 1)
    assert (logits != 0).all()
