"""The study of transfer: backbones that are fixed, fine-tuned or start at random."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision import models

from dlboi.datasets import make_chest_phantoms
from dlboi.exceptions import MissingPathError
from dlboi.studies import compare, transfer_study
from dlboi.studies._study_sentences import best_level
from dlboi.studies._transfer_findings import transfer_findings
from tests.studies.prototypes import RandomProjections, make_patients

MODES = ("fixed", "fine-tuned", "from scratch")


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(40, image_size=64, random_state=0)


def _weights(backbone, folder):
    path = folder / f"{backbone}.pt"
    model = models.get_model(backbone, weights=None)
    torch.save(model.state_dict(), path)
    return path


def _study(data, folder, *, max_epochs=2, **options):
    parameters = {"max_epochs": max_epochs, "memory": str(folder / "features")}
    settings = {"validation": 0.25, "test": 0.25, "n_repeats": 2, "verbose": 0}
    return transfer_study(data, parameters=parameters, **{**settings, **options})


def test_each_backbone_is_trained_in_each_mode(phantoms, tmp_path):
    backbones = ("squeezenet1_1", "shufflenet_v2_x0_5")
    weights = {name: _weights(name, tmp_path) for name in backbones}
    result = _study(phantoms, tmp_path, backbones=backbones, weights=weights)
    assert result.names == [f"{backbone}, {mode}" for backbone in backbones for mode in MODES]
    assert not result.runs["error"].any()
    for name in backbones:
        fixed, *others = (result.runs["train_seconds"][result.done(f"{name}, {m}")] for m in MODES)
        assert np.isfinite([fixed, *others]).all()
    (seconds,) = result.tables.values()
    assert seconds["level"].tolist() == result.names
    assert (seconds["validation, mean"] > 0).all()
    for backbone in backbones:
        for mode in ("fixed", "from scratch"):
            start = f"{backbone}, {mode}: test accuracy"
            assert any(
                finding.startswith(start) and f"of {backbone}, fine-tuned" in finding
                for finding in result.findings
            )


def test_seconds_are_those_of_the_runs(phantoms, tmp_path):
    weights = _weights("squeezenet1_1", tmp_path)
    result = _study(
        phantoms, tmp_path, backbones=["squeezenet1_1"], modes=MODES[:2], weights=weights
    )
    (table,) = result.tables.values()
    for row, name in enumerate(result.names):
        seconds = result.runs["train_seconds"][result.done(name)]
        assert table["training, first run"][row] == seconds[0]
        assert table["training, mean of the others"][row] == seconds[1]


def test_a_fixed_alexnet_learns(phantoms, tmp_path):
    torch.manual_seed(0)
    weights = _weights("alexnet", tmp_path)
    result = _study(
        phantoms,
        tmp_path,
        max_epochs=4,
        backbones=["alexnet", "squeezenet1_1"],
        modes=["fixed"],
        weights={"alexnet": weights, "squeezenet1_1": _weights("squeezenet1_1", tmp_path)},
        n_repeats=1,
    )
    assert not result.runs["error"].any()
    losses = result.histories["alexnet, fixed"][0]["train_loss"]
    assert losses[-1] < losses[0]


def test_without_weights_only_random_ones_are_trained_and_it_is_said(phantoms, tmp_path):
    backbones = ("squeezenet1_1", "shufflenet_v2_x0_5")
    result = _study(
        phantoms, tmp_path, max_epochs=1, backbones=backbones, weights=None, n_repeats=1
    )
    assert result.names == [f"{backbone}, from scratch" for backbone in backbones]
    assert result.findings[-1].startswith("Not run, for there were no weights: squeezenet1_1, fix")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modes": ["frozen"]}, "The 'modes' parameter of transfer_study must hold some of"),
        ({"weights": None, "backbones": ["resnet18"]}, "needs two levels or more"),
        ({"weights": None, "modes": ["fixed"]}, "Without weights only 'from scratch'"),
        ({"weights": {"resnet18": None}}, "The 'weights' parameter of transfer_study"),
    ],
)
def test_what_cannot_be_run_is_refused(phantoms, tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        _study(phantoms, tmp_path, **options)


def test_weights_that_are_not_there_are_told_before_training(phantoms, tmp_path, monkeypatch):
    monkeypatch.setattr("dlboi.studies._transfer.compare", pytest.fail)
    with pytest.raises(MissingPathError, match="is not there"):
        _study(phantoms, tmp_path, weights=tmp_path / "none.pt")


def test_the_defaults_are_those_of_the_experiment(phantoms, monkeypatch):
    seen = {}

    def stop(levels, *args, **options):
        seen.update(levels)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies._transfer.compare", stop)
    monkeypatch.setattr("dlboi.studies._transfer.read_weights", lambda *args: None)
    with pytest.raises(KeyboardInterrupt):
        transfer_study(phantoms)
    assert list(seen) == [f"{b}, {mode}" for b in ("resnet18", "resnet34") for mode in MODES]
    for name, level in seen.items():
        assert level.freeze_backbone == ("fixed" in name)
        assert (level.weights is None) == ("scratch" in name)
        assert (level.lr, level.max_epochs, level.schedule) == (1e-3, 30, "cosine")
        assert (level.loss, level.batch_size, level.optimizer) == ("ce", 32, "adam")
        assert level.restore_best == "val_accuracy"


def test_a_smaller_level_is_compared_with_the_best_as_one_that_was_chosen(monkeypatch):
    backbones = ["a", "b", "c"]
    levels = {f"{name}, fixed": RandomProjections(stream=ord(name)) for name in backbones}
    result = compare(levels, make_patients(20, 0), validation=0.3, n_repeats=3, verbose=0)
    size = np.where(result.runs["level"] == best_level(result), 1000.0, 10.0)
    result = replace(result, runs={**result.runs, "n_parameters": size})
    module = "dlboi.studies._transfer_findings.choice_adjust"
    for adjusted, is_said in ((0.06, True), (0.04, False)):
        asked = []
        monkeypatch.setattr(
            module, lambda p, n, asked=asked, value=adjusted: asked.append(n) or 0 * p + value
        )
        first = transfer_findings(result, backbones, ["fixed"])[0]
        assert ("not clearly worse, adjusted for the choice" in first) == is_said
        assert asked == [3]
