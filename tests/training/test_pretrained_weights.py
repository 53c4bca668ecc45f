"""Weights by name, from a file, from a damaged file, and without a network."""

import hashlib
import pickle
import re
from urllib.error import URLError

import pytest
import torch
from safetensors.torch import save_file

from dlboi.exceptions import MissingPathError, ModelFileError
from dlboi.training._pretrained_weights import read_weights

models = pytest.importorskip("torchvision.models")


def tiny(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {
        "conv1.weight": torch.randn(4, 3, 3, 3, generator=generator),
        "bn1.num_batches_tracked": torch.tensor(7),
        "fc.weight": torch.randn(2, 4, generator=generator),
    }


def assert_same(read, expected):
    assert set(read) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(read[name], value, rtol=0, atol=0)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Torch's cache in an empty folder, and no network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def refuse(*args, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "urlopen", refuse)
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def name_of_content(monkeypatch):
    """Give weights of torchvision an address whose hash is the one of a small file."""

    def rename(entry, content):
        name = f"weights-{hashlib.sha256(content).hexdigest()[:8]}.pth"
        monkeypatch.setattr(entry.value, "url", f"https://example.org/models/{name}")
        return name

    return rename


def test_none_has_no_weights():
    assert read_weights("resnet18", None) is None


@pytest.mark.parametrize("wrap", [None, "state_dict", "model"])
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("legacy", [False, True])
def test_file_of_torch(tmp_path, wrap, prefix, legacy):
    content = {prefix + name: value for name, value in tiny().items()}
    content = content if wrap is None else {"epoch": 3, wrap: content}
    path = tmp_path / "weights.pth"
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    for given in (path, str(path)):
        weights = read_weights("resnet18", given)
        assert_same(weights.state_dict, tiny())
        assert weights.mean == (0.485, 0.456, 0.406)
        assert weights.std == (0.229, 0.224, 0.225)
        assert weights.input_size is None
        assert weights.transform_input is False
        assert str(path) in weights.description


def test_file_of_safetensors(tmp_path):
    save_file(tiny(), tmp_path / "weights.safetensors")
    torch.save(tiny(), tmp_path / "weights.pt")
    weights = read_weights("resnet18", tmp_path / "weights.safetensors")
    assert_same(weights.state_dict, tiny())
    assert weights.digest == read_weights("resnet18", tmp_path / "weights.pt").digest


def test_digest_follows_the_content(tmp_path):
    def digest(content):
        torch.save(content, tmp_path / "w.pt")
        return read_weights("resnet18", tmp_path / "w.pt").digest

    first = tiny()
    one_bit = tiny()
    one_bit["fc.weight"][0, 0] = torch.nextafter(one_bit["fc.weight"][0, 0], torch.tensor(9.0))
    reshaped = {**tiny(), "fc.weight": tiny()["fc.weight"].reshape(4, 2)}
    renamed = {name.replace("fc", "head"): value for name, value in tiny().items()}
    halved = {**tiny(), "fc.weight": tiny()["fc.weight"].bfloat16()}
    digests = [digest(content) for content in (first, one_bit, reshaped, renamed, halved)]
    assert len(set(digests)) == 5
    assert digest(dict(reversed(first.items()))) == digests[0]


@pytest.mark.parametrize("backbone", ["googlenet", "inception_v3"])
def test_backbones_that_normalise_themselves(tmp_path, backbone):
    torch.save(tiny(), tmp_path / "w.pt")
    assert read_weights(backbone, tmp_path / "w.pt").transform_input is True


@pytest.mark.parametrize(
    ("backbone", "old", "new"),
    [
        (
            "densenet121",
            r"features.denseblock1.denselayer2.norm.1.weight",
            "features.denseblock1.denselayer2.norm1.weight",
        ),
        (
            "vit_b_16",
            "encoder.layers.encoder_layer_0.mlp.linear_2.bias",
            "encoder.layers.encoder_layer_0.mlp.3.bias",
        ),
    ],
)
def test_old_names_of_layers(tmp_path, backbone, old, new):
    torch.save({old: torch.ones(2)}, tmp_path / "w.pt")
    assert list(read_weights(backbone, tmp_path / "w.pt").state_dict) == [new]
    assert new in models.get_model(backbone, weights=None).state_dict()


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_mnasnet_loads_with_its_version(tmp_path, suffix):
    model = models.mnasnet0_5(weights=None)
    path = tmp_path / f"w.{suffix}"
    (torch.save if suffix == "pt" else save_file)(model.state_dict(), path)
    models.mnasnet0_5(weights=None).load_state_dict(read_weights("mnasnet0_5", path).state_dict)


@pytest.mark.parametrize("path", ["no/such/file", "nothing.pth", "nothing.safetensors"])
def test_missing_file(path):
    with pytest.raises(MissingPathError, match=r"is not there.*state dict"):
        read_weights("resnet18", path)


def test_folder(tmp_path):
    with pytest.raises(MissingPathError, match="is a folder"):
        read_weights("resnet18", tmp_path)


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
@pytest.mark.parametrize("kept", [0.0, 0.05, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("legacy", [False, True])
def test_truncated_file(tmp_path, suffix, kept, legacy):
    path = tmp_path / f"w.{suffix}"
    if suffix == "pt":
        torch.save(tiny(), path, _use_new_zipfile_serialization=not legacy)
    else:
        save_file(tiny(), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(ModelFileError, match=rf"{path.name} is truncated.*again"):
        read_weights("resnet18", path)


@pytest.mark.parametrize(
    "content", [[1, 2], {}, {"epoch": 3}, {"model": {}}, {"a": "text"}, torch.ones(3)]
)
def test_no_state_dict(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(ModelFileError, match=r"w.pt holds no state dict.*torch.save"):
        read_weights("resnet18", tmp_path / "w.pt")


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("save", [torch.save, lambda o, p: p.write_bytes(pickle.dumps(o))])
def test_nothing_is_executed(tmp_path, save):
    save({"state_dict": Bomb(tmp_path / "executed")}, tmp_path / "w.pt")
    with pytest.raises(ModelFileError, match=r"w\.pt .*torch\.save\(model\.state_dict\(\)"):
        read_weights("resnet18", tmp_path / "w.pt")
    assert not (tmp_path / "executed").exists()


def test_whole_model_says_the_way_out(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "w.pt")
    with pytest.raises(ModelFileError, match=r"holds more than weights.*weights_only=False"):
        read_weights("resnet18", tmp_path / "w.pt")


def test_unknown_name():
    with pytest.raises(ValueError, match=r"for 'alexnet' must be one of \['DEFAULT', 'IMAGENET1K"):
        read_weights("alexnet", "IMAGENET1K_V2")
    with pytest.raises(TypeError, match="Got 3 instead"):
        read_weights("alexnet", 3)


def test_without_a_network(hub):
    entry = models.ResNet18_Weights.DEFAULT
    with pytest.raises(MissingPathError) as error:
        read_weights("resnet18", "DEFAULT")
    for part in (entry.url.rpartition("/")[2], str(hub), "no route to host", "weights=path"):
        assert part in str(error.value)
    assert list(hub.iterdir()) == []


def test_truncated_file_in_torchs_cache(hub):
    name = models.ResNet18_Weights.DEFAULT.url.rpartition("/")[2]
    (hub / name).write_bytes(b"half of it")
    with pytest.raises(ModelFileError, match=rf"{name} is truncated.*Delete"):
        read_weights("resnet18", "DEFAULT")


@pytest.mark.parametrize(
    ("backbone", "name", "size", "mean"),
    [
        ("resnet18", "DEFAULT", 224, (0.485, 0.456, 0.406)),
        ("inception_v3", "IMAGENET1K_V1", 299, (0.485, 0.456, 0.406)),
        ("efficientnet_v2_l", "DEFAULT", 480, (0.5, 0.5, 0.5)),
    ],
)
def test_file_in_torchs_cache(hub, name_of_content, tmp_path, backbone, name, size, mean):
    torch.save(tiny(), tmp_path / "w.pth")
    content = (tmp_path / "w.pth").read_bytes()
    entry = models.get_model_weights(backbone)[name]
    (hub / name_of_content(entry, content)).write_bytes(content)
    weights = read_weights(backbone, name)
    assert_same(weights.state_dict, tiny())
    assert (weights.input_size, weights.mean) == (size, mean)
    assert weights.transform_input is (backbone == "inception_v3")
    assert weights.description == f"{type(entry).__name__}.{entry.name} of torchvision"
    assert weights.digest == read_weights(backbone, tmp_path / "w.pth").digest


def test_all_weights_say_what_they_expect():
    for backbone in models.list_models(module=models):
        entries = models.get_model_weights(backbone)
        assert len(entries) > 0
        for entry in entries:
            preprocessing = entry.transforms()
            assert len(preprocessing.crop_size) == 1
            assert len(preprocessing.mean) == len(preprocessing.std) == 3
            assert re.search(r"-[0-9a-f]{8,}\.pth$", entry.url)
