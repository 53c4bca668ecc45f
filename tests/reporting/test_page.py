import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot

from dlboi.exceptions import MissingPathError
from dlboi.reporting import Figure, Page, Section, Table

ATTACK = (
    """</title><script>alert("1")</script><img src='http://x.test/a' onerror=alert(2)>"""
    " & {{ 7*7 }} -->"
)


class Parsed(HTMLParser):
    """Tags, attributes and text of a page; tags must be closed in order."""

    void = ("meta", "img", "br", "link")

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def named(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def make_figure(label="Loss", *, noise=0):
    figure, ax = pyplot.subplots(figsize=(4, 3))
    ax.plot([1, 2, 3], [3, 1, 2], marker="o")
    ax.set(xlabel="Epoch", ylabel=label)
    if noise:
        ax.imshow(np.random.default_rng(0).random((noise, noise)), extent=(1, 3, 1, 3))
    return figure


def make_page(text="text", **options):
    table = Table({text: [text, "other"], "accuracy": [0.9, np.nan]}, text)
    figure = Figure(make_figure(text), text, text)
    sections = [Section(text, text, [table], [figure]), Section("empty")]
    options = {"settings": {text: text, "lr": 1e-3}, "versions": {"torch": text}, **options}
    return Page(text, text, sections, **options)


def test_page_holds_its_contents_in_order():
    page = Page(
        "Title",
        "First paragraph.\n\nSecond paragraph.",
        [
            Section(
                "Part one",
                "Words.",
                [Table({"model": ["CNN"], "n": [1067457]}, "A table")],
                [Figure(make_figure(), "A figure", "A falling line")],
            ),
            Section("Part two", tables=[Table({"a": []}, "Nothing yet")]),
        ],
        {"random_state": 0, "n_filters": (32, 32)},
        {"torch": "2.6.0"},
    )
    parsed = Parsed(page.to_html())
    text = " ".join(" ".join(parsed.text).split())
    wanted = [
        *("Title", "First paragraph.", "Second paragraph.", "Part one", "Words."),
        *("Table 1. A table", "model", "CNN", "1,067,457", "Figure 1. A figure", "Part two"),
        *("Table 2. Nothing yet", "No rows", "Settings", "random_state 0", "n_filters 32, 32"),
        *("Versions", "torch 2.6.0"),
    ]
    positions = [text.find(part, text.index("Title")) for part in wanted]
    assert -1 not in positions
    assert positions[1:] == sorted(positions[1:])
    assert len(parsed.named("h1")) == 1


def test_page_can_be_read_aloud():
    parsed = Parsed(make_page().to_html())
    assert parsed.named("html")[0]["lang"] == "en"
    (svg,) = parsed.named("svg")
    assert svg["role"] == "img"
    assert svg["aria-label"] == "text"
    assert len(parsed.named("caption")) == len(parsed.named("table")) == 1
    assert {cell["scope"] for cell in parsed.named("th")} == {"col", "row"}
    boxes = [attrs for attrs in parsed.named("div") if "scroll" in attrs["class"]]
    assert [box["aria-label"] for box in boxes] == ["Table 1", "Figure 1"]


def test_hostile_text_stays_text():
    parsed = Parsed(make_page(ATTACK).to_html())
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {"script", "iframe", "object", "link", "img"}
    assert not [name for _, attrs in parsed.tags for name in attrs if name.startswith("on")]
    text = "".join(parsed.text)
    # title, h1, lead, heading, text, column, cell, two captions, setting twice, version
    assert text.count(ATTACK) == 12
    assert parsed.named("svg")[0]["aria-label"] == ATTACK


def test_nothing_comes_from_outside():
    noise = Figure(make_figure(noise=500), "grid", "grid")
    html = Page(
        "t", "l", [Section("s", figures=[noise, *make_page().sections[0].figures])]
    ).to_html()
    assert "default-src 'none'" in html
    parsed = Parsed(html)
    for _, attrs in parsed.tags:
        for name, value in attrs.items():
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                assert value.startswith(("#", "data:image/png;base64,"))
            assert not re.search(r"url\((?!#)", value or "")
    assert "@import" not in html
    assert "http" not in re.sub(r'base64,[^"]*', "", html).replace("http-equiv", "")


def test_same_contents_give_the_same_bytes():
    assert make_page().to_html() == make_page().to_html()


def test_identifiers_are_unique_and_found():
    figures = [Figure(make_figure(), f"figure {n}", "the same") for n in range(2)]
    parsed = Parsed(Page("t", "l", [Section("s", figures=figures)]).to_html())
    names = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
    assert len(set(names)) == len(names) > 10
    html = str(parsed.tags)
    used = re.findall(r"url\(#([^)]*)\)", html)
    used += [attrs["xlink:href"][1:] for attrs in parsed.named("use")]
    assert used
    assert set(used) <= set(names)


def test_versions_are_this_environments():
    html = Page("t", "l").to_html()
    assert "scikit-learn" in html
    assert "Settings" not in html


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "muted"])
@pytest.mark.parametrize("ground", ["ground", "panel"])
def test_contrast_is_enough(scheme, text, ground):
    html = Page("t", "l").to_html()
    pairs = [re.findall(rf"--{name}: (#\w{{6}})", html)[scheme] for name in (text, ground)]
    low, high = sorted(luminance(colour) for colour in pairs)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_save_writes_the_page(tmp_path):
    page = make_page()
    path = page.save(str(tmp_path / "page.html"))
    assert path == tmp_path / "page.html"
    assert path.read_text(encoding="utf-8") == page.to_html()
    other = tmp_path / "other"
    other.touch()
    assert path.stat().st_mode == other.stat().st_mode
    assert sorted(tmp_path.iterdir()) == [other, path]


@pytest.mark.parametrize("moment", ["to_html", "fsync", "replace"])
def test_a_failure_leaves_the_old_page_alone(tmp_path, monkeypatch, moment):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail(*arguments):
        raise OSError("disk full")

    owner = {"to_html": Page, "fsync": os, "replace": Path}[moment]
    monkeypatch.setattr(owner, moment, fail)
    with pytest.raises(OSError, match="disk full"):
        make_page().save(path)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_save_to_a_missing_folder_names_it(tmp_path):
    with pytest.raises(MissingPathError, match="absent"):
        make_page().save(tmp_path / "absent" / "page.html")


def test_names_that_are_no_text_can_be_saved(tmp_path):
    name = b"scan_\xff.png".decode("utf-8", "surrogateescape")
    path = Page("t", "l", settings={"file": name}, versions={}).save(tmp_path / "page.html")
    assert "scan_?.png" in path.read_text(encoding="utf-8")


def test_import_takes_no_matplotlib_and_no_torch_along():
    code = (
        "import sys, dlboi.reporting as r; r.environment(); print({'matplotlib'} & {*sys.modules})"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "set()"
