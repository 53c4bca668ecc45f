"""Names of classes, patients, files and levels that attack whoever opens what dlboi writes."""

import csv
import io
import re

import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from dlboi import ANNClassifier, GAPClassifier
from dlboi.cli import main
from dlboi.datasets import load_image_folder, make_chest_phantoms
from dlboi.evaluation import evaluate
from dlboi.plotting import EvaluationDisplay, ImageGridDisplay
from dlboi.reporting import Figure, Page, Section
from dlboi.studies import compare, compare_networks, dataset_bias_study
from dlboi.studies._networks._folder import _file_stems
from tests.reporting.test_page import Parsed
from tests.studies.prototypes import RandomProjections

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
FORMULA = "=cmd|' /C calc'!A0 $\\frac{$ \\input{x} {{ 7*7 }} [x](javascript:alert(1))"
#: What a folder can be called, and what the folder of a second class.
FOLDERS = ('=1+1"><img src=x onerror=alert(1)>', "<svg onload=alert(1)> $\\frac{")


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Keep what is counted and cached out of the user's folders."""
    monkeypatch.setenv("DLBOI_CACHE", str(tmp_path / "cache"))
    yield
    pyplot.close("all")


def part(seed, n=60):
    """Return phantoms whose classes, patients and files have hostile names."""
    bunch = make_chest_phantoms(n, image_size=16, random_state=seed)
    bunch.target_names = np.array([SCRIPT, IMAGE])
    bunch.groups = np.array([f"{seed} {SCRIPT} {patient}" for patient in bunch.groups])
    bunch.filenames = np.array([f"{i} {IMAGE} {FORMULA}.png" for i in range(n)])
    return bunch


def assert_harmless(html, *shown):
    """See that a page has no element or attribute that runs anything, and shows the names."""
    parsed = Parsed(html)
    assert not {tag for tag, _ in parsed.tags} & {"script", "iframe", "object", "embed", "link"}
    for tag, attributes in parsed.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "#").startswith(("#", "data:image/png;base64,")), tag
    text = "".join(parsed.text)
    for name in shown:
        assert name in text


def assert_no_formula(text):
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            try:
                float(cell)
            except ValueError:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def assert_markdown_is_text(text):
    assert "<script" not in text
    assert "<img" not in text
    assert "[x](" not in text


def assert_latex_is_text(text):
    assert r"\input" not in text
    assert r"\frac" not in text


def test_pages_and_tables_of_studies():
    data = part(0)
    labels = data.target_names[data.target]
    levels = {f"{FORMULA} a": RandomProjections(), f"{SCRIPT} b": RandomProjections(stream=1)}
    study = compare(levels, (data.data, labels, data.groups), test=0.3, n_repeats=2, verbose=0)
    assert_harmless(study.to_page(f"{IMAGE} study").to_html(), *levels, IMAGE)
    assert_markdown_is_text(study.to_markdown())
    assert_markdown_is_text(study.to_page(SCRIPT).to_markdown())
    assert_latex_is_text(study.to_latex())
    assert_no_formula(study.to_csv())
    assert f"'{FORMULA} a" in study.to_csv()


def test_the_page_of_an_evaluation():
    data, test = part(0), part(1)
    clf = ANNClassifier(max_epochs=1, random_state=0).fit(data.data, data.target)
    names = [SCRIPT, FORMULA]
    found = evaluate(clf, test.data, test.target, groups=test.groups, target_names=names)
    assert_harmless(found.to_page(IMAGE).to_html(), *names, IMAGE)
    assert_markdown_is_text(found.to_markdown())
    assert_latex_is_text(found.to_latex())
    assert_no_formula(found.to_csv())


@pytest.mark.slow
def test_the_page_of_the_study_of_bias():
    train, test = part(0, 40), part(1, 30)
    test.data[0] = train.data[0]  # a duplicate, whose file is named
    train.target[0] = test.target[0]
    report = dataset_bias_study(train, test, n_resamples=2, n_permutations=19, verbose=0)
    assert_harmless(report.to_page(IMAGE).to_html(), SCRIPT, IMAGE)
    assert_markdown_is_text(report.to_markdown())
    for table in ("verdicts", "inventory", "gap"):
        assert_no_formula(report.to_csv(table))


def test_files_are_called_what_they_may_be_called():
    names = ["GAP(4)", "../../up", ".._.._up", "a/b", "a_b", "", ".", "x" * 300, IMAGE]
    stems = _file_stems(names)
    assert stems[0] == "GAP(4)"
    assert len(set(stems)) == len(names)
    assert all(re.fullmatch(r"[\w()+ -][\w.()+ -]{0,69}", stem) for stem in stems)


@pytest.mark.slow
def test_the_page_of_a_comparison(tmp_path):
    data = part(0, 40)
    names = [f"../../up {FORMULA}", f".._.._up {FORMULA}"]
    estimators = {name: GAPClassifier(max_epochs=1) for name in names}
    page = compare_networks(data, estimators=estimators).save(tmp_path / "out", title=IMAGE)
    assert_harmless(page.read_text(encoding="utf-8"), SCRIPT, IMAGE, *estimators)
    assert_markdown_is_text((page.parent / "results.md").read_text(encoding="utf-8"))
    assert_no_formula((page.parent / "results.csv").read_text(encoding="utf-8"))
    assert len(list((page.parent / "classifiers").iterdir())) == len(names)
    assert {path.name for path in tmp_path.iterdir()} <= {"out", "cache"}


def test_figures():
    data = part(0, 8)
    names = [f"{SCRIPT} {FORMULA}", IMAGE]
    y = data.target
    probabilities = np.column_stack([1 - y, y]) * 0.8 + 0.1
    grid = ImageGridDisplay(data.data, titles=[f"{IMAGE} {FORMULA}"] * 8).plot()
    curves = EvaluationDisplay(y, probabilities, display_labels=names).plot()
    figures = [Figure(shown.figure_, SCRIPT, IMAGE) for shown in (grid, curves)]
    assert_harmless(Page("t", "l", [Section("s", figures=figures)]).to_html(), SCRIPT)


def test_predictions_of_a_folder(tmp_path, capsys):
    for code, folder in enumerate(FOLDERS):
        (tmp_path / "images" / folder).mkdir(parents=True)
        for i in range(6):
            pixels = np.full((16, 16), 100 * code + i, dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / folder / f"{i}.png")
    train = load_image_folder(tmp_path / "images")
    labels = train.target_names[train.target]
    model, out = tmp_path / "model.safetensors", tmp_path / "found.csv"
    ANNClassifier(max_epochs=1, random_state=0).fit(train.data, labels).save(model)
    assert main(["predict", str(model), str(tmp_path / "images"), "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert_no_formula(text)
    assert f"'{FOLDERS[0]}/0.png" in [row[0] for row in csv.reader(io.StringIO(text))]
    assert FOLDERS[0] in capsys.readouterr().out  # a terminal shows text as it is
