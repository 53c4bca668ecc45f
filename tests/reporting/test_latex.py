import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.reporting import Table


def cells_of(latex):
    body = latex.split("\\midrule\n")[1].split("\\bottomrule")[0]
    return [line.removesuffix(r" \\").split(" & ") for line in body.splitlines()]


def test_table_has_rules_caption_label_and_alignment():
    table = Table({"model": ["a", "b"], "n": [1200, 7], "gain": [-0.5, np.nan]}, "By model")
    assert table.to_latex(label="tab:x").splitlines() == [
        r"\begin{table}",
        r"\centering",
        r"\caption{By model}",
        r"\label{tab:x}",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"model & n & gain \\",
        r"\midrule",
        r"a & 1,200 & $-$0.5000 \\",
        r"b & 7 & n/a \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("50 % & $5 #1 a_b {x}", r"50 \% \& \$5 \#1 a\_b \{x\}"),
        (r"~^\input", r"\textasciitilde{}\textasciicircum{}\textbackslash{}input"),
        ("<a|b>", r"\textless{}a\textbar{}b\textgreater{}"),
        ("[1] x", "{[}1{]} x"),
        ("*", "{}*"),
        ("a -- b --- 'c'", "a -{}- b -{}-{}- 'c'"),
        ('"a"', r"\symbol{34}a\symbol{34}"),
        ("3×3 → λ − 1 – 2", r"3$\times$3 $\rightarrow$ $\lambda$ $-$ 1 -- 2"),
        ("two\n\nlines\x00", "two lines"),
        ("Gewebe: Ödem", "Gewebe: Ödem"),
    ],
)
def test_text_is_shown_as_it_is(text, wanted):
    latex = Table({"name": [text]}, text).to_latex()
    assert cells_of(latex) == [[wanted]]
    assert rf"\caption{{{wanted.removeprefix('{}')}}}" in latex


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4), st.text())
def test_nothing_hostile_gets_through(names, caption):
    latex = Table({"name": names, "n": range(len(names))}, caption).to_latex()
    rows = cells_of(latex)
    assert [row[1] for row in rows] == [str(n) for n in range(len(names))]
    known = r"\\text(backslash|asciitilde|asciicircum|less|greater|bar)\{\}|\\symbol\{34\}"
    known += r"|\$(-|\\(times|pm|rightarrow|leq|geq|lambda|mu))\$|\\[#$%&_{}]|\{\[\}|\{\]\}|\{\}"
    for name, _ in rows:
        assert not set(re.sub(known, "", name)) & set("\\#$%&{}^<>|[]")
    lines = latex.splitlines()
    assert len(lines) == len(names) + 11


@pytest.mark.parametrize(
    ("caption", "label"),
    [
        ("Test accuracy (%), by patient and by image", "tab:test-accuracy-by-patient-and"),
        ("Ödeme", "tab:odeme"),
        ("…", "tab:table"),
    ],
)
def test_label_is_made_of_the_caption(caption, label):
    assert rf"\label{{{label}}}" in Table({"a": [1]}, caption).to_latex()


@pytest.mark.parametrize("label", ["", "a}b", "two words"])
def test_bad_label_is_named(label):
    with pytest.raises(ValueError, match=r"'label' parameter of Table.to_latex"):
        Table({"a": [1]}, "caption").to_latex(label=label)
