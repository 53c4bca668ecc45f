"""Every kind of page, as a browser shows it on a telephone and on a desk, light and dark."""

import functools

import numpy as np
import pytest

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.evaluation import evaluate
from dlboi.reporting import Page, Section, Table
from dlboi.studies import compare, dataset_bias_study
from tests.pages.browser import CHROMIUM, WIDTHS, inspect

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

QUICK = ANNClassifier(max_epochs=2, hidden_layer_sizes=(8,), random_state=0)


def two_sets():
    train, test = (
        make_chest_phantoms(n, image_size=16, shift=shift, random_state=seed)
        for seed, (n, shift) in enumerate([(60, 0.0), (36, 1.0)])
    )
    test.groups = np.array([f"test {patient}" for patient in test.groups])
    return train, test


@functools.cache
def html_of(make):
    return make().to_html()


def evaluation():
    train, test = two_sets()
    clf = QUICK.fit(train.data, train.target)
    return evaluate(clf, test.data, test.target, groups=test.groups).to_page()


def study():
    train, test = two_sets()
    levels = {"an ANN with a name that is long": QUICK, "another": ANNClassifier(max_epochs=1)}
    return compare(levels, train, validation=0.2, test=test, n_repeats=2, verbose=0).to_page()


def bias():
    train, test = two_sets()
    test.data[0] = train.data[0]  # a pair of duplicates, which is drawn
    return dataset_bias_study(train, test, n_permutations=19, n_resamples=3, verbose=0).to_page()


def words():
    long = "_".join(["a_name_without_a_place_to_break"] * 8)
    table = Table({long: [long, "short"], "value": [1.0, 2.0]}, caption=long)
    return Page(long, long, [Section(long, long, [table])], {long: long}, {})


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("make", [evaluation, study, bias, words])
def test_pages_can_be_read_with_a_browser(make, dark):
    found, console = inspect(html_of(make), dark=dark)
    assert console == []
    for width, seen in zip(WIDTHS, found, strict=True):
        assert seen["width"] == pytest.approx(width, abs=20)  # less the scroll bar
        assert (sum(seen["ground"]) < 200) == dark
        assert seen["overflow"] == 0
        assert seen["contrast"] >= 4.5
        assert seen["smallest"] >= 12
        assert (seen["language"], seen["mains"]) == ("en", 1)
        assert seen["title"]
        assert seen["levels"][0] == 1
        assert max(np.diff(seen["levels"])) <= 1
        for fault in ("outside", "cut", "unnamed", "unreachable", "twice"):
            assert seen[fault] == [], fault
        assert seen["unlabelled"] == 0


def test_the_browser_finds_what_is_wrong():
    page = """<!DOCTYPE html><html><body style="margin:0">
        <h3 style="color:#999">Pale</h3>
        <p style="width:900px">Wide</p>
        <div style="width:99px;overflow-x:auto"><div style="width:200px">Scrolls</div></div>
        <div style="width:99px;overflow-x:hidden"><div style="width:200px">Cut</div></div>
        <svg id="a"></svg><svg id="a"></svg><table><tr><th style="font-size:9px">Head</th></table>
        <script>console.error("broken")</script></body></html>"""
    (narrow, wide), console = inspect(page, dark=False)
    assert len(console) == len(WIDTHS)
    assert (narrow["overflow"] > 400, wide["overflow"]) == (True, 0)
    assert narrow["contrast"] == pytest.approx(2.85, abs=0.01)
    assert (narrow["smallest"], narrow["unlabelled"], narrow["levels"]) == (9, 1, [3])
    assert (narrow["language"], narrow["title"], narrow["mains"]) == ("", "", 0)
    for fault in ("outside", "cut", "unnamed", "unreachable", "twice"):
        assert narrow[fault], fault
