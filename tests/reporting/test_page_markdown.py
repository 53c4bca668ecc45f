import io

import pytest
from matplotlib import pyplot
from PIL import Image

from dlboi.exceptions import MissingPathError
from dlboi.reporting import Figure, Page, Section, Table


def make_page():
    figure, ax = pyplot.subplots(figsize=(4, 3))
    ax.plot([1, 2], [3, 1])
    figures = [Figure(figure, "Loss [nats]", "A falling line"), Figure(figure, "Again", "")]
    tables = [Table({"model": ["CNN"], "n": [12]}, "Sizes")]
    sections = [
        Section("Part *one*", "First.\n\nSecond.", tables, figures[:1]),
        Section("Part two", tables=tables, figures=figures[1:]),
    ]
    return Page("Title", "Lead.", sections, {"n_filters": (32, 32)}, {"torch": "2.6.0"})


def test_contents_stand_in_order():
    assert make_page().to_markdown().split("\n\n") == [
        "# Title",
        "Lead.",
        r"## Part \*one\*",
        "First.",
        "Second.",
        "Table 1. Sizes",
        "| model | n |\n| --- | ---: |\n| CNN | 12 |",
        r"Figure 1. Loss \[nats\] (A falling line)",
        "## Part two",
        "Table 2. Sizes",
        "| model | n |\n| --- | ---: |\n| CNN | 12 |",
        "Figure 2. Again",
        "## Settings",
        r"- n_filters: 32, 32",
        "## Versions",
        "- torch: 2.6.0\n",
    ]


def test_figures_are_written_to_the_folder_and_shown(tmp_path):
    text = make_page().to_markdown(folder=tmp_path / "my figures")
    assert "![A falling line](<my figures/figure-1.png>)\n\nFigure 1. Loss" in text
    paths = sorted((tmp_path / "my figures").iterdir())
    assert [path.name for path in paths] == ["figure-1.png", "figure-2.png"]
    assert Image.open(io.BytesIO(paths[0].read_bytes())).width > 400
    assert make_page().to_markdown(folder=str(tmp_path / "my figures")) == text


def test_missing_parent_is_named(tmp_path):
    with pytest.raises(MissingPathError, match="absent"):
        make_page().to_markdown(folder=tmp_path / "absent" / "figures")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# 1 of all", r"\# 1 of all"),
        ("1. first", r"1\. first"),
        ("- minus", r"\- minus"),
        ("> than", r"\> than"),
        ("a <b> & $5$ ~ c_d", r"a &lt;b> &amp; \$5\$ \~ c_d"),
    ],
)
def test_text_is_read_as_text(text, wanted):
    page = Page("t", text, versions={})
    assert page.to_markdown() == f"# t\n\n{wanted}\n"
