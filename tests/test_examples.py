"""The examples and the code of the README run, and the prose of the examples is true."""

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlboi.datasets import make_chest_phantoms
from dlboi.training import PretrainedWeights

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(path.name for path in (ROOT / "examples").glob("plot_*.py"))


@pytest.fixture(autouse=True)
def _as_from_the_command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["plot_example.py"])
    monkeypatch.syspath_prepend(ROOT / "examples")


@pytest.fixture(autouse=True)
def _draw_without_a_screen(monkeypatch):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    def draw_all():
        for number in pyplot.get_fignums():
            pyplot.figure(number).canvas.draw()

    monkeypatch.setattr(pyplot, "show", draw_all)
    yield
    pyplot.close("all")


def _run(script):
    return runpy.run_path(str(ROOT / "examples" / script))


def _first_classifier(result):
    assert result["low"] < result["accuracy"] < result["high"]
    assert result["accuracy"] > 0.8


def _frozen_features(result):
    tissue, chest = result["targets"]
    learnt, random = (
        {target: result["means"][target, name] for target in (tissue, chest)}
        for name in ("learnt on tissue", "random")
    )
    assert learnt[tissue][0] > random[tissue][-1]
    assert learnt[chest][0] > random[chest][0]
    assert random[chest][-1] > learnt[chest][-1] - 0.05


def _gap_activation_maps(result):
    area = result["masks"].mean()
    assert result["accuracy"] > 0.8
    assert result["hits"] > 5 * area
    assert result["hits"] >= result["raw_hits"]
    assert result["recall_marked"] > 0.95
    assert result["recall_unmarked"] < result["recall_marked"] - 0.1
    assert result["letter_hits"] > 0.9


def _learning_rate_search(result):
    mean, spread = result["mean"], result["spread"]
    best = mean.argmax()
    assert result["n_close"] > 1
    assert mean[0, 0] < mean.flat[best] - spread.flat[best]


def _schedules(result):
    jumps = result["jumps"]
    assert jumps["step"] < jumps["none"] / 3
    assert jumps["cosine"] < jumps["none"] / 3


def _validation_by_patient(result):
    by_image, test_1, by_patient, test_2 = result["accuracies"].mean(axis=0)
    assert by_image > test_1 + 0.2
    assert abs(by_patient - test_2) < 0.1


def _apart(table, quantity, level):
    """Return the difference to the reference, with its bounds, of a table of a study."""
    (row,) = np.flatnonzero((table["quantity"] == quantity) & (table["level"] == level))
    return [table[column][row] for column in ("difference", "difference low", "difference high")]


def _e01_weight_decay(result):
    slopes, losses = result["slopes"], result["losses"]
    assert (slopes["high"][slopes["loss"] == "training"] < 0).all()
    _, low, _ = _apart(losses, "training loss", "weight_decay = 0.01")
    assert low > 0
    assert 0 < result["penalty"][1] < result["higher"]
    assert not result["result"].table["p_holm"][1] < 0.05


def _e02_architecture(result):
    table = result["result"].table
    assert table["difference_low"][1] > 0
    assert table["p_holm"][1] < 0.05
    assert table["n_parameters"][1] == pytest.approx(table["n_parameters"][0], rel=0.02)
    seconds = result["result"].runs["train_seconds"].reshape(-1, 2).sum(axis=0)
    assert seconds[1] > 2 * seconds[0]


def _e03_gap_pooling(result):
    table = result["result"].table
    assert table["test_low"][0] <= 0.5 <= max(table["test_high"][0], table["test"][0])
    assert (table["difference_low"][1:] > 0).all()
    cells = result["maps"]["cells a mean"]
    assert cells[0] == 64
    assert cells[2] == 4
    assert table["n_parameters"][2] < 1.1 * table["n_parameters"][0]


def _e04_loss(result):
    assert result["apart"] < 1e-6
    assert result["low"] <= result["ahead"] <= result["high"] < 0
    assert not result["result"].table["p_holm"][1] < 0.05


def _e05b_batch_size(result):
    curves = result["curves"]
    noise = curves["mean"][result["chosen"]]
    assert noise[2] < noise[0]
    _, low, _ = _apart(curves, "training loss", "batches of 128")
    assert low > 0
    assert result["steps"]["steps"][2] < result["steps"]["steps"][0] / 8


def _e06_width_dropout(result):
    assert not (result["result"].table["p_holm"] < 0.05).any()
    learning, fixed = result["scores"]["mean"][:8].reshape(2, 4)
    for with_dropout in (1, 3):
        assert fixed[with_dropout] < fixed[with_dropout - 1]
        assert learning[with_dropout] < fixed[with_dropout]


def _e05_hyperparameters(result):
    study, candidates = result["result"], result["candidates"]
    fit = dict(zip(study.names, candidates["fit"], strict=True))
    smallest = "lr=1e-05, step_size=8"
    assert fit.pop(smallest) == "underfits"
    assert set(fit.values()) == {"undecided"}
    assert study.reference != smallest
    others = [study.names.index(name) for name in fit if name != study.reference]
    assert (study.table["p_holm"][others] > 0.05).all()


def _e07_transfer(result):
    study, seconds = result["result"], result["seconds"]
    assert study.runs["test_accuracy"][study.done(study.names[0])].min() > 0.9
    assert seconds["training, first run"][0] < seconds["training, first run"][1] / 5


def _e09_dataset_bias(result):
    verdicts = {verdict.name: verdict.verdict for verdict in result["report"].verdicts}
    for name in ("leakage in validation", "conditional shift in class normal"):
        assert verdicts[name] == "SUPPORTED"
    for name in ("chance explains the gap", "label shift", "harder test"):
        assert verdicts[name] == "NOT SUPPORTED"
    leakage = result["report"].leakage_
    given, pooled, by_patient = _accuracies_on_test(result["report"])
    assert pooled > given + 0.1
    assert by_patient > given + 0.1
    assert leakage["estimate"][0] > 0.05
    (normal, _) = result["report"].steps.get("covariate_shift").classes
    assert normal.controls.auc > normal.controls.bound + 0.1


def _accuracies_on_test(report):
    accuracies = report.steps.get("leakage").tables[1].columns
    rows = np.array(accuracies["part"]) == "test"
    return np.array(accuracies["accuracy"])[rows]


def _e09_pooled_shuffle(result):
    table = result["result"].table
    assert (table["test_low"][1:] > table["test_high"][0]).all()
    assert (table["test_from_train_low"][1:] > table["test_from_test"][1:]).all()
    assert abs(table["test_from_test"][1:] - table["test"][0]).max() < 0.1
    assert abs(table["share_from_test"][1:] - 1 / 6).max() < 0.04


def _e10_split_ratio(result):
    study = result["result"]
    assert (study.table["p_holm"][1:3] > 0.05).all()
    assert "more of them help" in study.findings[-1]


def _e12_pool_size(result):
    study, table = result["result"], result["table"]
    assert (study.table["difference_low"][1:] > 0).all()
    assert abs(study.table["test"][3] - study.table["test"][2]) < 0.03
    assert table["validation loss"][3] == table["validation loss"].max()
    validation = [
        np.mean([history["validation_loss"] for history in study.histories[name]], axis=0)
        for name in study.names
    ]
    assert validation[3][0] > validation[2][0]
    assert validation[3][-1] > validation[2][-1]
    assert "only repeat" in result["repeats"][0]


def _e13_augmentation(result):
    study = result["result"]
    assert study.table["p_value"][1] > 0.05


CLAIMS = {
    "plot_e01_weight_decay.py": _e01_weight_decay,
    "plot_e02_architecture.py": _e02_architecture,
    "plot_e03_gap_pooling.py": _e03_gap_pooling,
    "plot_e04_loss.py": _e04_loss,
    "plot_e05_hyperparameters.py": _e05_hyperparameters,
    "plot_e05b_batch_size.py": _e05b_batch_size,
    "plot_e06_width_dropout.py": _e06_width_dropout,
    "plot_e07_transfer.py": _e07_transfer,
    "plot_e09_dataset_bias.py": _e09_dataset_bias,
    "plot_e09_pooled_shuffle.py": _e09_pooled_shuffle,
    "plot_e10_split_ratio.py": _e10_split_ratio,
    "plot_e12_pool_size.py": _e12_pool_size,
    "plot_e13_augmentation.py": _e13_augmentation,
    "plot_first_classifier.py": _first_classifier,
    "plot_frozen_features.py": _frozen_features,
    "plot_gap_activation_maps.py": _gap_activation_maps,
    "plot_learning_rate_search.py": _learning_rate_search,
    "plot_schedules.py": _schedules,
    "plot_validation_by_patient.py": _validation_by_patient,
}


@pytest.mark.slow  # together they take minutes; `.ci/run` has a step of its own for them
@pytest.mark.parametrize("script", SCRIPTS)
def test_what_an_example_says_holds_for_its_numbers(script):
    CLAIMS[script](_run(script))


def test_every_example_is_there():
    assert set(SCRIPTS) == set(CLAIMS)


def _save_as_folder(images, folder):
    names = {0: "NORMAL/IM-{}-{}.png", 1: "PNEUMONIA/person{}_virus_{}.png"}
    for number, (pixels, target, patient) in enumerate(
        zip(images.data, images.target, images.groups, strict=True)
    ):
        path = folder / names[target].format(patient.removeprefix("patient_"), number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def _random_weights(backbone, weights):
    """Stand in for the download of ImageNet's weights."""
    from torchvision import models

    assert weights == "DEFAULT"
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    state = models.get_model(backbone, weights=None).state_dict()
    return PretrainedWeights(state, mean, std, 224, False, "", "random")


def test_the_python_code_of_the_readme_runs(tmp_path, monkeypatch):
    for part, seed in (("train", 0), ("test", 1)):
        images = make_chest_phantoms(60, image_size=64, random_state=seed)
        _save_as_folder(images, tmp_path / "chest_xray" / part)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    monkeypatch.setattr("dlboi.classifiers._body.read_weights", _random_weights)
    results = []
    for block, earlier in zip(blocks, [None, None, 1, None, 3], strict=True):
        namespace = {} if earlier is None else dict(results[earlier])
        exec(compile(block, "README.md", "exec"), namespace)
        results.append(namespace)
    phantoms, folder, pretrained, compared, biased = results
    assert len(pretrained["search"].cv_results_["params"]) == 4
    assert phantoms["accuracy"] > 0.8
    assert compared["study"].table["n_runs"].tolist() == [3, 3]
    assert "ANN or CNN" in (tmp_path / "study.html").read_text()
    assert biased["report"].verdict("conditional shift in class normal").verdict == "SUPPORTED"
    assert "Dataset bias" in (tmp_path / "bias.html").read_text()
    assert (tmp_path / "cnn.safetensors").is_file()
    assert len(np.unique(folder["train"].groups)) == 30
    assert folder["test"].data.shape == (60, 64, 64)
