"""Torchvision bodies: head, feature map, stages, freezing, weights, sizes."""

import copy
import pickle
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from dlboi.exceptions import BackboneError, FeatureMapWarning, UnknownBackboneError
from dlboi.networks import (
    PretrainedNetwork,
    check_backbone,
    fixed_input_size,
    list_backbones,
    minimum_input_size,
    summarize,
)
from dlboi.training import LocalRandomness

SMALL = ["resnet18", "googlenet", "squeezenet1_1", "densenet121", "mobilenet_v3_small"]


def make(backbone, shape=(1, 64, 64), n_outputs=2, seed=0, **parameters):
    with LocalRandomness(seed):
        return PretrainedNetwork(shape, n_outputs, backbone=backbone, **parameters)


def images(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def test_all_classification_models_are_listed():
    names = list_backbones()
    assert len(names) >= 80
    assert {"alexnet", "resnet18", "resnet34", "googlenet", "vit_b_16"} <= set(names)
    assert not any("mask" in name or "deeplab" in name or "r3d" in name for name in names)


@pytest.mark.parametrize(
    ("name", "near"), [("resnet19", "resnet18"), ("ResNet18", "resnet18"), ("alex", "alexnet")]
)
def test_an_unknown_backbone_is_refused_with_the_nearest_names(name, near):
    with pytest.raises(UnknownBackboneError, match=near):
        check_backbone(name)
    with pytest.raises(ValueError, match="'backbone' parameter"):
        make(name)


@pytest.mark.parametrize("name", [None, 3, ["resnet18"], "qqqqqqqqqq"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(UnknownBackboneError):
        check_backbone(name)


@pytest.mark.parametrize("name", ["alexnet", *SMALL])
def test_features_are_what_the_last_layer_of_torchvision_is_given(name):
    network = make(name, (3, 64, 64)).eval()
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    reference = models.get_model(name, weights=None, **options).eval()
    network.load_body(reference.state_dict())
    head = [layer for layer in reference.modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]
    given = []
    head.register_forward_hook(lambda layer, inputs, output: given.append(inputs[0]))
    pixels = images(2, 3, 64, 64)
    with torch.no_grad():
        reference(network.prepare(pixels))
        features = network.features(pixels)
    expected = given[0].mean((2, 3)) if given[0].ndim == 4 else given[0]
    torch.testing.assert_close(features, expected)
    assert features.shape == (2, network.n_features)
    assert features.std() > 0


def test_squeezenet_may_say_no():
    """torchvision's own has a ReLU behind its head: a single logit could not be negative."""
    network = make("squeezenet1_0", n_outputs=1).eval()
    pixels = images(4, 1, 64, 64)
    with torch.no_grad():
        logits = network(pixels)
        for parameter in network.head.parameters():
            parameter.neg_()
        assert torch.equal(network(pixels), -logits)
    assert (logits != 0).all()


@pytest.mark.parametrize(("size", "n_parameters"), [(1, 3078), (2, 12294), (4, 49158), (8, 196614)])
def test_head_of_resnet34_pooled(size, n_parameters):
    network = make("resnet34", (3, 256, 256), 6, pool_output_size=size)
    assert sum(parameter.numel() for parameter in network.head.parameters()) == n_parameters
    assert network.n_features == 512 * size**2
    assert network.map_is_linear == (size == 1)


@pytest.mark.parametrize("name", [*SMALL, "alexnet", "shufflenet_v2_x0_5"])
def test_pooling_averages_the_map(name):
    network = make(name, (1, 96, 96), 3, pool_output_size=2).eval()
    pixels = images(2, 1, 96, 96)
    with torch.no_grad():
        feature_map = network.feature_map(pixels)
        features = network.features(pixels)
        assert network(pixels).shape == (2, 3)
    assert feature_map.shape == (2, *network.feature_map_shape)
    expected = nn.functional.adaptive_avg_pool2d(feature_map, 2).flatten(1)
    torch.testing.assert_close(features, expected)


@pytest.mark.parametrize("name", ["alexnet", "mobilenet_v3_small", "vgg11"])
def test_pooling_takes_off_the_layers_behind_the_map(name):
    """What no image passes must not be counted, decayed or saved."""
    with torch.device("meta"):
        network = PretrainedNetwork((1, 96, 96), 3, backbone=name, pool_output_size=2)
    passed = summarize(network, (1, 96, 96))
    assert passed.n_parameters == sum(p.numel() for p in network.parameters())
    assert not any("classifier" in name for name, _ in network.named_parameters())


@pytest.mark.parametrize("name", [*SMALL, "alexnet", "mobilenet_v2", "efficientnet_b0"])
def test_where_the_map_is_linear_features_are_its_mean(name):
    network = make(name, (1, 96, 96)).eval()
    pixels = images(2, 1, 96, 96)
    with torch.no_grad():
        means = network.feature_map(pixels).mean((2, 3))
        features = network.features(pixels)
    is_mean = means.shape == features.shape and torch.allclose(means, features, atol=1e-6)
    assert network.map_is_linear == is_mean
    assert network.map_is_linear == (name not in ("alexnet", "mobilenet_v3_small"))


@pytest.mark.parametrize("pool", [None, 2])
@pytest.mark.parametrize("name", ["densenet121", "alexnet", "squeezenet1_1"])
def test_gradients_lead_from_the_logits_to_the_map(name, pool):
    network = make(name, (1, 96, 96), pool_output_size=pool).eval()
    pixels = images(2, 1, 96, 96)
    feature_map, logits = network.map_and_logits(pixels)
    torch.testing.assert_close(logits, network(pixels))
    slope = torch.autograd.grad(logits[:, 0].sum(), feature_map)[0]
    assert slope.shape == feature_map.shape
    assert slope.abs().sum() > 0


def test_a_transformer_has_no_map():
    with torch.device("meta"):
        network = PretrainedNetwork((1, 224, 224), 2, backbone="vit_b_16")
        assert network.feature_map_shape is None
        assert network(torch.empty(2, 1, 224, 224)).shape == (2, 2)
        with pytest.raises(BackboneError, match="no feature map"):
            network.feature_map(torch.empty(2, 1, 224, 224))
        with pytest.raises(BackboneError, match="pool_output_size"):
            PretrainedNetwork((1, 224, 224), 2, backbone="vit_b_16", pool_output_size=2)


def test_more_cells_than_the_map_has_are_warned_of():
    with pytest.warns(FeatureMapWarning, match="2×3 cells"):
        make("resnet18", (1, 64, 96), pool_output_size=3)


def test_prepared_images():
    network = make(
        "resnet18", (1, 40, 48), input_size=(32, 64), mean=(0.1, 0.2, 0.3), std=(1, 2, 4)
    )
    prepared = network.prepare(torch.full((2, 1, 40, 48), 0.5))
    assert prepared.shape == (2, 3, 32, 64)
    torch.testing.assert_close(prepared[0, :, 0, 0], torch.tensor([0.4, 0.15, 0.05]))
    pixels = images(1, 3, 32, 32)
    colour = make("resnet18", (3, 32, 32), mean=(0, 0, 0), std=(1, 1, 1))
    assert torch.equal(colour.prepare(pixels), pixels)


@pytest.mark.parametrize("size", [33, np.int64(33), (33, 33), [33, 33]])
def test_forms_of_the_input_size(size):
    network = make("resnet18", (1, 40, 50), input_size=size)
    assert network.prepare(images(1, 1, 40, 50)).shape == (1, 3, 33, 33)


def test_threads_get_their_own_maps():
    network = make("resnet18", pool_output_size=2).eval()
    pixels = [images(1, 1, 64, 64, seed=seed) for seed in range(8)]
    with torch.no_grad():
        expected = [network.features(image) for image in pixels]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(torch.no_grad()(network.features), pixels))
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_one_channel_is_the_same_as_three_equal_ones():
    grey, colour = make("resnet18", (1, 64, 64)).eval(), make("resnet18", (3, 64, 64)).eval()
    pixels = images(2, 1, 64, 64)
    with torch.no_grad():
        assert torch.equal(grey(pixels), colour(pixels.expand(-1, 3, -1, -1)))


@pytest.mark.parametrize("channels", [2, 4])
def test_other_channels_are_refused(channels):
    with pytest.raises(ValueError, match="1 or 3 channels"):
        make("resnet18", (channels, 64, 64))


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_transform_input_follows_the_weights(name):
    with torch.device("meta"):
        for value in (False, True):
            network = PretrainedNetwork((1, 96, 96), 2, backbone=name, transform_input=value)
            assert network.body.transform_input is value
            assert not any("aux" in key.lower() for key in network.state_dict())


def test_transform_input_is_refused_elsewhere():
    with pytest.raises(BackboneError, match="transform_input"):
        make("resnet18", transform_input=True)


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "googlenet", "squeezenet1_0", "densenet121"])
def test_minimum_is_that_of_torchvision(name):
    least = minimum_input_size(name)
    assert (least, least) == models.get_model_weights(name).DEFAULT.meta["min_size"]
    with torch.device("meta"):
        PretrainedNetwork((1, least, least), 2, backbone=name)
        with pytest.raises(BackboneError, match=rf"at least {least}×{least}.*larger input_size"):
            PretrainedNetwork((1, least - 1, 300), 2, backbone=name)
        with pytest.raises(BackboneError, match=rf"input_size of {least - 1}×{least - 1}"):
            PretrainedNetwork((1, 300, 300), 2, backbone=name, input_size=least - 1)
        PretrainedNetwork((1, 1, 1), 2, backbone=name, input_size=least)


@pytest.mark.parametrize("name", ["vit_b_16", "maxvit_t"])
def test_an_architecture_may_fix_the_size(name):
    assert fixed_input_size(name) == minimum_input_size(name) == 224
    with torch.device("meta"):
        PretrainedNetwork((1, 30, 50), 2, backbone=name, input_size=224)
        for size in (256, (224, 256), None):
            with pytest.raises(BackboneError, match="Use input_size=224"):
                PretrainedNetwork((1, 256, 256), 2, backbone=name, input_size=size)


def test_a_transformer_may_be_built_for_the_size_of_larger_weights():
    with torch.device("meta"):
        network = PretrainedNetwork((1, 64, 64), 2, backbone="vit_b_16", input_size=384)
        assert network(torch.empty(2, 1, 64, 64)).shape == (2, 2)
    assert network.body.encoder.pos_embedding.shape == (1, 24 * 24 + 1, 768)


def test_stages_are_in_order_and_hold_each_parameter_once():
    assert make("resnet18").stage_names == ("conv1", "layer1", "layer2", "layer3", "layer4")
    alexnet = make("alexnet")
    assert alexnet.stage_names[0] == "features.0"
    assert alexnet.stage_names[-2:] == ("classifier.1", "classifier.4")
    with torch.device("meta"):
        transformer = PretrainedNetwork((1, 224, 224), 2, backbone="vit_b_16")
    for network in (alexnet, transformer):
        held = [id(p) for stage in network.stages() for p in stage.parameters()]
        assert sorted(held) == sorted(id(p) for p in network.body.parameters())
    first = dict(transformer.stages()[0].named_parameters())
    assert {"class_token", "encoder/pos_embedding"} <= set(first)


def step(network, pixels, optimizer=None):
    """Take a step of training on random labels."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = optimizer or torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.1)
    network.train()
    with LocalRandomness(1):
        loss = nn.functional.cross_entropy(network(pixels), torch.arange(len(pixels)) % 2)
        optimizer.zero_grad()
        loss.backward()
    optimizer.step()


def changed(network, before):
    return {
        key for key, value in network.state_dict().items() if not torch.equal(value, before[key])
    }


@pytest.mark.parametrize("name", ["alexnet", *SMALL])
def test_frozen_to_the_bit(name):
    network = make(name)
    network.freeze()
    before = copy.deepcopy(network.state_dict())
    step(network, images(4, 1, 64, 64))
    assert changed(network, before) == {"head.output.weight", "head.output.bias"}
    assert not any(layer.training for layer in network.body.modules())
    assert network.head.training


def test_a_frozen_body_has_no_dropout():
    network = make("alexnet")
    network.freeze()
    network.train()
    pixels = images(2, 1, 64, 64)
    assert torch.equal(network(pixels), network(pixels))


@pytest.mark.parametrize("n_stages", [0, 1, 3, 5])
def test_leading_stages_are_frozen(n_stages):
    network = make("resnet18")
    network.freeze(n_stages)
    assert network.n_frozen_stages == n_stages
    before = copy.deepcopy(network.state_dict())
    step(network, images(4, 1, 64, 64))
    layers = {key.split(".")[1] for key in changed(network, before) if key.startswith("body")}
    stages = [{"conv1", "bn1"}, {"layer1"}, {"layer2"}, {"layer3"}, {"layer4"}]
    assert layers == set().union(*stages[n_stages:])


def test_thawing_trains_the_body_again():
    network = make("resnet18")
    network.freeze()
    network.freeze(2)
    network.thaw()
    before = copy.deepcopy(network.state_dict())
    step(network, images(4, 1, 64, 64))
    assert {key for key in before if key not in ("mean", "std")} == changed(network, before)


@pytest.mark.parametrize("n_stages", [-1, 6])
def test_stages_that_are_not_there(n_stages):
    with pytest.raises(ValueError, match=r"from 0 to 5.*conv1, layer1"):
        make("resnet18").freeze(n_stages)


def test_copies_and_pickles_are_frozen_as_well():
    network = make("resnet18", pool_output_size=2)
    network.freeze()
    pixels = images(2, 1, 64, 64)
    for twin in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        twin.train()
        assert torch.equal(twin(pixels), network(pixels))
        assert not any(p.requires_grad for p in twin.body.parameters())


def test_weights_of_another_head_are_taken():
    reference = models.resnet18(num_classes=7)
    network = make("resnet18")
    network.load_body(reference.state_dict())
    expected = reference.state_dict()
    assert all(
        torch.equal(value, expected[key]) for key, value in network.body.state_dict().items()
    )
    headless = {k: v for k, v in expected.items() if not k.startswith("fc.")}
    make("resnet18", pool_output_size=2).load_body(headless)


def test_auxiliary_heads_in_weights_are_ignored():
    with torch.device("meta"):
        full = models.googlenet(weights=None, aux_logits=True, init_weights=False)
    state = {key: torch.zeros(value.shape) for key, value in full.state_dict().items()}
    network = make("googlenet")
    network.load_body(state)
    assert all((p == 0).all() for p in network.body.parameters())


def test_weights_with_the_old_names_of_densenet():
    state = models.densenet121(weights=None).state_dict()
    old = OrderedDict()
    for key, value in state.items():
        for kind in ("norm", "conv"):
            for number in "12":
                key = key.replace(f".{kind}{number}.", f".{kind}.{number}.")
        if not key.endswith("num_batches_tracked"):
            old[key] = value
    assert set(old) - set(state)
    network = make("densenet121")
    network.load_body(old)
    loaded = network.body.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in loaded.items())


def test_weights_with_the_old_names_of_transformers():
    with torch.device("meta"):
        network = PretrainedNetwork((1, 224, 224), 2, backbone="vit_b_32")
        state = models.vit_b_32(weights=None).state_dict()
    old = {
        key.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."): value
        for key, value in state.items()
    }
    assert set(old) - set(state)
    network.load_body(old)
    del old["encoder.layers.encoder_layer_5.mlp.linear_2.bias"]
    with pytest.raises(BackboneError, match=r"Missing: encoder.*_5\.mlp\.3\.bias"):
        network.load_body(old)


@pytest.mark.parametrize("name", ["mnasnet0_5", "mobilenet_v3_small"])
def test_weights_without_versions(name):
    """A file of safetensors holds no versions of modules."""
    state = models.get_model(name, weights=None).state_dict()
    network = make(name)
    network.load_body(dict(state))
    loaded = network.body.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in loaded.items())


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("resnet34", r"Unknown: layer1\.2"),
        ("alexnet", "Missing: conv1"),
        ("resnet50", "Wrong shap"),
    ],
)
def test_weights_of_another_architecture_name_the_layers(other, message):
    network = make("resnet18")
    before = copy.deepcopy(network.state_dict())
    with pytest.raises(BackboneError, match=message):
        network.load_body(models.get_model(other, weights=None).state_dict())
    assert not changed(network, before)


def test_wrong_shapes_are_told():
    network = make("resnet18")
    state = network.body.state_dict()
    state["layer3.0.conv1.weight"] = torch.zeros(2, 3)
    before = copy.deepcopy(network.state_dict())
    match = r"layer3\.0\.conv1\.weight is 2×3 and should be 256×128×3×3"
    with pytest.raises(BackboneError, match=match):
        network.load_body(state)
    assert not changed(network, before)


@pytest.mark.parametrize("name", ["regnet_y_400mf", *SMALL])
def test_weights_follow_from_the_seed(name):
    torch.manual_seed(0)
    state = torch.random.get_rng_state()
    first, again, other = make(name, seed=1), make(name, seed=1), make(name, seed=2)
    assert torch.equal(torch.random.get_rng_state(), state)
    same = zip(first.parameters(), again.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in same)
    differ = zip(first.parameters(), other.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in differ)


def test_what_was_looked_up_before_does_not_change_the_weights():
    from dlboi.networks import _backbone_anatomy as anatomy

    for function in (anatomy.find_parts, anatomy.find_shapes, anatomy.fixed_input_size):
        function.cache_clear()
    fresh, cached = make("resnet18"), make("resnet18")
    pairs = zip(fresh.parameters(), cached.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("name", ["resnet18", "regnet_x_400mf", "swin_t", "vit_b_16"])
def test_summary_on_meta(name):
    with torch.device("meta"):
        network = PretrainedNetwork((1, 50, 60), 2, backbone=name, input_size=224)
    assert all(tensor.is_meta for tensor in network.state_dict().values())
    summary = summarize(network, (1, 50, 60))
    assert summary.layers[-1].output_shape == (2,)
    assert summary.largest_activation > 1000
