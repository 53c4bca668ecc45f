"""The command line."""

import csv
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dlboi import GAPClassifier
from dlboi.cli import main
from dlboi.datasets import make_chest_phantoms
from dlboi.reporting import Page


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    phantoms = make_chest_phantoms(90, image_size=32, random_state=0)
    for number, (image, code, patient) in enumerate(
        zip(phantoms.data, phantoms.target, phantoms.groups, strict=True)
    ):
        path = folder / str(phantoms.target_names[code]) / f"{patient}_image{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
    return folder


def test_compare_writes_a_page_and_prints_the_estimate_first(image_folder, tmp_path, capsys):
    out = tmp_path / "report"
    arguments = ["compare", str(image_folder), "--size", "24", "--epochs", "1"]
    status = main([*arguments, "--groups", r"/(.+)_image", "--out", str(out), "--quiet"])
    printed = capsys.readouterr()
    assert status == 0
    assert printed.err == ""
    assert printed.out.index("Training will take about") < printed.out.index("| network")
    html = (out / "index.html").read_text(encoding="utf-8")
    assert "over patients" in html
    assert html.count(str(image_folder)) == 1
    assert "/(.+)_image" in html


def test_compare_trains_the_networks_and_takes_the_test_images_that_are_named(
    two_folders, tmp_path, monkeypatch, capsys
):
    seen = []

    def save(comparison, folder, **settings):
        seen.append((comparison, settings["settings"]))
        return folder / "index.html"

    monkeypatch.setattr("dlboi.studies.NetworkComparison.save", save)
    folders = [str(two_folders / "train"), "--test", str(two_folders / "test")]
    options = ["--size", "16", "--epochs", "1", "--networks", "gap", "ann", "--json"]
    assert main(["compare", *folders, *options, "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    (comparison, settings), found = *seen, json.loads(printed.out)
    assert "Training will take about" in printed.err
    assert found["page"] == str(tmp_path / "out" / "index.html")
    assert [row["network"] for row in found["networks"]] == list(comparison.classifiers)
    assert [row["network"] for row in found["networks"]] == ["GAP", "ANN"]
    for column, values in comparison.results.items():
        assert [row[column] for row in found["networks"]] == values.tolist()
    assert len(comparison.cohort.test.target) == 60
    assert settings["test images"] == str(two_folders / "test")


def test_repeats_go_on_from_the_journal(two_folders, tmp_path, monkeypatch, capsys):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    folders = [str(two_folders / "train"), "--test", str(two_folders / "test")]
    options = ["--size", "16", "--epochs", "1", "--networks", "ann", "gap", "--repeats", "2"]
    arguments = ["compare", *folders, *options, "--memory", str(tmp_path / "journal")]
    arguments += ["--out", str(tmp_path / "out"), "--quiet", "--json"]
    with monkeypatch.context() as patch:
        patch.setattr("dlboi.studies.StudyResult.to_page", interrupted)
        assert main(arguments) == 130
    assert "goes on with what the journal has" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

    monkeypatch.setattr("dlboi.ANNClassifier.fit", interrupted)
    monkeypatch.setattr("dlboi.GAPClassifier.fit", interrupted)
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["level"], row["n_runs"]) for row in found["levels"]] == [("ANN", 2), ("GAP", 2)]
    assert found["levels"][0]["difference"] is None
    assert found["levels"][1]["difference_low"] <= found["levels"][1]["difference_high"]
    assert found["page"] == str(tmp_path / "out" / "index.html")
    assert (tmp_path / "out" / "index.html").stat().st_size > 0


def test_tune_hands_the_candidates_to_the_study_and_writes_its_folder(
    two_folders, tmp_path, monkeypatch, capsys
):
    seen = {}

    def study(train, **settings):
        seen.update(settings, train=train)
        return SimpleNamespace(
            reference="lr=0.1",
            findings=["lr=0.1 is chosen."],
            tables={"Test": {"test": np.array([0.5])}},
            table={"level": np.array(["lr=0.1", "lr=0.2"])},
            to_csv=lambda: "level\n",
            to_markdown=lambda: "candidates",
            to_page=lambda title: Page(title, "lead"),
        )

    monkeypatch.setattr("dlboi.studies.hyperparameter_study", study)
    out = tmp_path / "out"
    options = ["--size", "16", "--network", "gap", "--lr", "0.1", "0.2", "--epochs", "6"]
    arguments = ["tune", str(two_folders), *options, "--out", str(out), "--quiet", "--seed", "3"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"candidates\nOpen {out / 'index.html'} in a browser.\n"
    assert (out / "results.csv").read_text() == "level\n"
    assert seen["param_grid"] == {"lr": [0.1, 0.2], "step_size": [4]}
    assert isinstance(seen["estimator"], GAPClassifier)
    assert seen["train"].data.shape == seen["test"].data.shape == (60, 16, 16)
    assert [seen[name] for name in ("n_repeats", "random_state", "verbose")] == [3, 3, 0]

    assert main([*arguments, "--json", "--step-size", "1", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["reference"] == "lr=0.1"
    assert found["findings"] == ["lr=0.1 is chosen."]
    assert found["tables"] == {"Test": [{"test": 0.5}]}
    assert found["levels"] == [{"level": "lr=0.1"}, {"level": "lr=0.2"}]
    assert seen["param_grid"]["step_size"] == [1, 2]


@pytest.mark.parametrize("names", [("train", "test", "val"), ("Training", "TEST", "Holdout")])
def test_compare_takes_the_folders_train_and_test(names, image_folder, tmp_path, capsys):
    root = tmp_path / "set"
    for file in sorted(image_folder.rglob("*.png")):
        number = int(file.stem.rsplit("image", 1)[1])
        link = root / names[number % 4 == 0] / file.relative_to(image_folder)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)
    (root / names[2]).mkdir()
    (root / ".cache").mkdir()
    out = tmp_path / "out"
    assert main(["compare", str(root), "--epochs", "1", "--out", str(out), "--quiet"]) == 0
    assert f"Passed over: {names[2]} (only" in capsys.readouterr().out
    html = (out / "index.html").read_text("utf-8")
    assert "No patients were given" in html
    assert "of the 23 test images" in html


def test_compare_does_not_train_train_against_test(image_folder, tmp_path, capsys):
    for part in ("train", "val"):
        (tmp_path / "set" / part).mkdir(parents=True)
    assert main(["compare", str(tmp_path / "set")]) == 2
    assert f"'{tmp_path / 'set' / 'train'}'" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_found_before_loading(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "deeper" / "out"
    assert main(["compare", "no_such_folder", "--out", str(out)]) == 2
    message = capsys.readouterr().err
    assert f"The folder '{out}' cannot be written" in message
    assert "no_such_folder" not in message
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("seed", ["-1", "4294967296", "x"])
def test_a_seed_that_is_none_is_named(seed, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["demo", "--seed", seed])
    assert stop.value.code == 2
    assert "--seed" in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "x"])
def test_a_learning_rate_that_is_none_is_named(rate, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["tune", "images", "--lr", "0.1", rate])
    assert stop.value.code == 2
    assert "--lr" in capsys.readouterr().err


@pytest.mark.parametrize(("epochs", "step_size"), [(1, 1), (2, 2), (3, 2), (10, 7), (30, 20)])
def test_the_learning_rate_falls_after_two_thirds(epochs, step_size, tmp_path, monkeypatch):
    seen = {}

    def compare(*args, estimators, **kwargs):
        seen.update(estimators)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies.compare_networks", compare)
    main(["demo", "--epochs", str(epochs), "--out", str(tmp_path / "out"), "--quiet"])
    assert {network.step_size for network in seen.values()} == {step_size}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "no_such_folder"], "no_such_folder"),
        (["compare", "{images}", "--groups", "("], "groups"),
        (["compare", "{images}", "--groups", "no_such_patient"], "no_such_patient"),
        (["compare", "{images}", "--groups", "(.)"], "patients in 90 images; check the expression"),
        (["compare", "{images}", "--size", "0"], "size"),
        (["compare", "{images}", "--out", "{images}"], "left as it is"),
        (["compare", "{images}", "--weight-decay", "-1", "--quiet"], "weight_decay"),
        (["compare", "{images}", "--memory", "journal"], "--memory needs --repeats"),
        (["tune", "{images}", "--lr", "0.1"], "Give --lr or --step-size two values"),
        (["compare", "{images}", "--repeats", "2", "--networks", "cnn", "cnn"], "--networks"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(
    arguments, message, image_folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    arguments = [argument.format(images=image_folder) for argument in arguments]
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_with_130_and_writes_nothing(image_folder, tmp_path, monkeypatch, capsys):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies.compare_networks", interrupted)
    status = main(["compare", str(image_folder), "--out", str(tmp_path / "out"), "--quiet"])
    assert status == 130
    assert "interrupted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_during_the_imports_ends_with_130(monkeypatch, tmp_path, capsys):
    class Interrupting:
        @staticmethod
        def find_spec(name, path, target=None):
            if name == "dlboi.studies":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "dlboi.studies")
    monkeypatch.setattr(sys, "meta_path", [Interrupting, *sys.meta_path])
    assert main(["demo", "--out", str(tmp_path / "out")]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_warnings_are_one_line_without_a_file(monkeypatch, tmp_path, capsys):
    import warnings

    from dlboi.exceptions import EmptyValidationWarning

    def warn(*args, **kwargs):
        warnings.warn("no image of X", EmptyValidationWarning, stacklevel=1)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies.compare_networks", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        main(["demo", "--out", str(tmp_path / "out"), "--quiet"])
    assert "dlboi: warning: no image of X\n" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["demo", "compare"])
def test_help_comes_from_the_docstring(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert "Train ANN, CNN and GAP" in " ".join(capsys.readouterr().out.split())


def test_the_guide_has_a_section_for_each_command(capsys):
    guide = Path(__file__, "../../docs/user_guide/command_line.rst").resolve()
    sections = re.findall(r"^`dlboi (\w+).*`\n-+$", guide.read_text(encoding="utf-8"), re.M)
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.M)
    assert sections == listed


@pytest.fixture(scope="module")
def two_folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("two")
    for part, seed in (("train", 0), ("test", 1)):
        images = make_chest_phantoms(60, image_size=32, random_state=seed)
        for number, (pixels, code, patient) in enumerate(
            zip(images.data, images.target, images.groups, strict=True)
        ):
            path = root / part / str(images.target_names[code]) / f"{part}-{patient}_{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    return root


def test_bias_hands_both_folders_to_the_study_and_writes_its_page(
    two_folders, tmp_path, monkeypatch, capsys
):
    seen = {}

    def study(train, test, **settings):
        seen.update(settings, train=train, test=test)
        return SimpleNamespace(
            save=lambda path: path.write_text("page") and path, to_markdown=lambda: "verdicts"
        )

    monkeypatch.setattr("dlboi.studies.dataset_bias_study", study)
    folders = [str(two_folders / part) for part in ("train", "test")]
    report = tmp_path / "bias.html"
    options = [
        "--groups",
        r"/([^/]+)_\d+\.png",
        "--size",
        "16",
        "--reported",
        "0.97",
        "--seed",
        "3",
    ]
    assert main(["bias", *folders, *options, "--report", str(report), "--quiet"]) == 0
    assert capsys.readouterr().out == f"verdicts\nOpen {report} in a browser.\n"
    assert report.read_text() == "page"
    assert seen["train"].data.shape == seen["test"].data.shape == (60, 16, 16)
    assert all(name.startswith("test-") for name in seen["test"].groups)
    settings = ("reported", "n_permutations", "random_state", "verbose")
    assert [seen[name] for name in settings] == [0.97, 999, 3, False]


def test_bias_prints_its_verdicts_as_json(two_folders, tmp_path, monkeypatch, capsys):
    columns = {"claim": np.array(["leakage"]), "low": np.array([np.nan])}
    report = SimpleNamespace(save=lambda path: path, verdicts_=columns)
    monkeypatch.setattr("dlboi.studies.dataset_bias_study", lambda *sets, **settings: report)
    folders = [str(two_folders / part) for part in ("train", "test")]
    page = tmp_path / "bias.html"
    assert main(["bias", *folders, "--size", "16", "--report", str(page), "--json"]) == 0
    verdicts = [{"claim": "leakage", "low": None}]
    assert json.loads(capsys.readouterr().out) == {"page": str(page), "verdicts": verdicts}


def test_fetch_prints_the_paths_as_json(tmp_path, monkeypatch, capsys):
    files = [tmp_path / "one.npz"]
    monkeypatch.setattr("dlboi.datasets._download_set.download_set", lambda *_, **settings: files)
    assert main(["fetch", "pneumoniamnist", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": [str(files[0])]}


def test_bias_finds_out_that_the_report_cannot_be_written_before_it_loads(tmp_path, capsys):
    report = tmp_path / "no_such_folder" / "bias.html"
    assert main(["bias", "nowhere", "nowhere", "--report", str(report)]) == 2
    assert f"'{report.parent}' is not there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{images}/train", "{images}/no_such_folder"], "no_such_folder"),
        (["{images}/train", "{images}/test", "--groups", "("], "groups"),
        (["{images}/train", "{images}/test", "--reported", "95"], "reported"),
        (["{images}/train", "{images}/train"], "different images"),
    ],
)
def test_bad_input_of_bias_is_named_and_nothing_is_written(
    arguments, message, two_folders, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    arguments = [argument.format(images=two_folders) for argument in arguments]
    assert main(["bias", *arguments, "--size", "32", "--quiet"]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_demo_on_a_few_epochs(tmp_path, capsys):
    assert main(["demo", "--epochs", "1", "--out", str(tmp_path / "demo"), "--quiet"]) == 0
    with (tmp_path / "demo" / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["network"] for row in rows] == ["ANN", "CNN", "GAP"]
    assert all(0 <= float(row["test_low"]) <= float(row["test_high"]) <= 1 for row in rows)
