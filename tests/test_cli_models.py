"""The commands that take a saved model: dlboi predict and dlboi explain."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from dlboi import ANNClassifier, GAPClassifier, load
from dlboi.cli import main
from dlboi.datasets import load_image_folder, make_chest_phantoms
from dlboi.evaluation import evaluate


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    phantoms = make_chest_phantoms(40, image_size=32, random_state=0)
    for number, (pixels, code, patient) in enumerate(
        zip(phantoms.data, phantoms.target, phantoms.groups, strict=True)
    ):
        path = folder / str(phantoms.target_names[code]) / f"{patient}_image{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture(scope="module")
def models(images, tmp_path_factory):
    """Models for images of 24 pixels: gap knows the names of the classes, ann their codes."""
    folder = tmp_path_factory.mktemp("models")
    train = load_image_folder(images, size=24)
    gap = GAPClassifier(n_filters=(4,), pool_size=4, max_epochs=1, random_state=0)
    gap.fit(train.data, train.target_names[train.target]).save(folder / "gap.safetensors")
    ann = ANNClassifier(hidden_layer_sizes=(4,), max_epochs=1, random_state=0)
    ann.fit(train.data, train.target).save(folder / "ann.safetensors")
    return folder


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_predictions_are_those_of_the_classifier(images, models, tmp_path, capsys):
    out = tmp_path / "out.csv"
    model = models / "gap.safetensors"
    assert main(["predict", str(model), str(images), "-o", str(out), "--quiet"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""

    test, classifier = load_image_folder(images, size=24), load(model)
    rows = _rows(out)
    assert list(rows[0]) == ["file", "predicted", "probability_normal", "probability_pneumonia"]
    assert [str(images / row["file"]) for row in rows] == test.filenames.tolist()
    assert [row["predicted"] for row in rows] == classifier.predict(test.data).tolist()
    written = [[float(row[name]) for name in list(row)[2:]] for row in rows]
    np.testing.assert_array_equal(written, classifier.predict_proba(test.data))

    scores = evaluate(classifier, test.data, test.target_names[test.target]).scores
    estimate, low, high = scores["accuracy"]
    said = f"Accuracy {estimate:.3f} (95 % interval {low:.3f} to {high:.3f}) on 40 images."
    assert said in printed.out
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_json_has_the_scores_over_patients_and_stands_alone(images, models, tmp_path, capsys):
    out = tmp_path / "out.csv"
    arguments = ["predict", str(models / "ann.safetensors"), str(images), "-o", str(out)]
    names = ["--classes", "normal,pneumonia", "--groups", "/(.+)_image"]
    assert main([*arguments, *names, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    test = load_image_folder(images, size=24, groups="/(.+)_image")
    result = evaluate(load(arguments[1]), test.data, test.target, groups=test.groups)
    assert tuple(found["scores"]["accuracy"].values()) == tuple(result.scores["accuracy"])
    assert found["predictions"] == str(out)
    assert sum(found["n_predicted"].values()) == found["n_images"] == 40


def test_images_without_class_folders_are_predicted_and_not_scored(
    images, models, tmp_path, capsys
):
    flat = tmp_path / "flat"
    (flat / "deeper").mkdir(parents=True)
    (flat / "notes.txt").write_text("passed over")
    (flat / ".hidden.png").write_text("passed over")
    names = ["a.png", "b.PNG", "deeper/c.png"]
    for name, file in zip(names, sorted(images.rglob("*.png")), strict=False):
        (flat / name).write_bytes(file.read_bytes())
    out = tmp_path / "out.csv"
    arguments = ["predict", str(models / "gap.safetensors"), str(flat), "-o", str(out)]
    assert main([*arguments, "--quiet"]) == 0
    assert "No accuracy" in capsys.readouterr().out
    assert [row["file"] for row in _rows(out)] == names
    assert main([*arguments, "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] is None


def test_scores_without_a_meaning_are_null(images, models, tmp_path, capsys):
    one = tmp_path / "one" / "normal"
    one.parent.mkdir()
    one.symlink_to(images / "normal")
    arguments = ["predict", str(models / "gap.safetensors"), str(one.parent), "--json", "--quiet"]
    assert main([*arguments, "-o", str(tmp_path / "out.csv")]) == 0
    scores = json.loads(capsys.readouterr().out)["scores"]
    assert scores["roc_auc"]["estimate"] is None
    assert scores["accuracy"]["estimate"] is not None


def test_files_that_are_no_images_are_named_and_nothing_is_written(
    images, models, tmp_path, capsys
):
    folder = tmp_path / "folder"
    folder.mkdir()
    whole = next(images.rglob("*.png")).read_bytes()
    (folder / "whole.png").write_bytes(whole)
    for name in ("one.png", "two.jpg"):
        (folder / name).write_text("no image")
    arguments = ["predict", str(models / "gap.safetensors"), str(folder), "--quiet"]
    out = tmp_path / "out.csv"
    out.write_text("as before")
    assert main([*arguments, "-o", str(out)]) == 2
    message = capsys.readouterr().err
    assert "2 of the 3 files" in message
    assert str(folder / "one.png") in message
    assert str(folder / "two.jpg") in message
    for name in ("one.png", "two.jpg"):
        (folder / name).unlink()
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    assert main([*arguments, "-o", str(out)]) == 2
    assert "half.png" in capsys.readouterr().err
    assert out.read_text() == "as before"


def test_explain_writes_the_map_of_the_class_asked_for(images, models, tmp_path, capsys):
    model, image = models / "gap.safetensors", next((images / "normal").iterdir())
    pixels = load_image_folder(images, size=24)
    pixels = pixels.data[[name == str(image) for name in pixels.filenames]]
    shares = load(model).predict_proba(pixels)[0].tolist()
    found = {}
    for name in ("normal", "pneumonia"):
        out = tmp_path / f"{name}.png"
        arguments = ["explain", str(model), str(image), "-o", str(out), "--class", name]
        assert main([*arguments, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["class"] == name
        assert list(found["probabilities"].values()) == shares
        assert np.asarray(Image.open(out)).std() > 0
    assert not np.array_equal(*(np.asarray(Image.open(file)) for file in tmp_path.iterdir()))
    out = tmp_path / "map.svg"
    assert main(["explain", str(model), str(image), "-o", str(out)]) == 0
    said = f"The map of {found['predicted']} is in {out}."
    assert said in capsys.readouterr().out
    assert "<svg" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "{models}/none.safetensors", "{images}"], "none.safetensors"),
        (["predict", "{pickle}", "{images}"], "no safetensors file"),
        (["predict", "{models}/gap.safetensors", "{images}/none"], "There is no folder"),
        (["predict", "{models}/gap.safetensors", "{models}"], "holds no image"),
        (["predict", "{models}/gap.safetensors", "{images}", "-o", "no/out.csv"], "Make it"),
        (["predict", "{models}/gap.safetensors", "{images}", "-o", "{models}"], "is a folder"),
        (["predict", "{pickle}", "{images}", "-o", "{pickle}"], "Give another name"),
        (["predict", "{models}/gap.safetensors", "{images}", "--classes", "a"], "--classes"),
        (["predict", "{models}/gap.safetensors", "{images}", "--classes", "a,a"], "--classes"),
        (["predict", "{models}/gap.safetensors", "{images}", "--groups", "Q"], "no group"),
        (["explain", "{models}/ann.safetensors", "{image}"], "no class activation map"),
        (["explain", "{models}/gap.safetensors", "{image}", "--class", "x"], "--class"),
        (["explain", "{models}/gap.safetensors", "none.png"], "none.png"),
        (["explain", "{models}/gap.safetensors", "{pickle}"], "no PNG, JPEG"),
        (["explain", "{models}/gap.safetensors", "{image}", "-o", "map.doc"], "map.doc"),
        (["explain", "{models}/gap.safetensors", "{image}", "-o", "{image}"], "another name"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(
    arguments, message, images, models, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    pickled = tmp_path / "model.pkl"
    pickled.write_bytes(b"\x80\x04N.")
    names = {"images": images, "models": models, "pickle": pickled}
    names["image"] = min(images.rglob("*.png"))
    arguments = [argument.format(**names) for argument in arguments]
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == [pickled]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted, nothing written"),
        (RuntimeError("out of memory"), 1, "error: out of memory"),
    ],
)
def test_what_stops_the_work_leaves_no_file(
    error, status, said, images, models, tmp_path, monkeypatch, capsys
):
    def stopped(*args, **kwargs):
        raise error

    monkeypatch.setattr(GAPClassifier, "predict_proba", stopped)
    model, image = str(models / "gap.safetensors"), str(next(images.rglob("*.png")))
    for command, of in (("predict", str(images)), ("explain", image)):
        out = tmp_path / "out.png"
        assert main([command, model, of, "-o", str(out)]) == status
        assert said in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []
