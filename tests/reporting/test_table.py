import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.reporting import Table


def test_markdown():
    table = Table({"class": ["a", "b"], "n": [1200, 7], "recall": [0.5, np.nan]}, "By class")
    assert table.to_markdown().splitlines() == [
        "By class",
        "",
        "| class | n | recall |",
        "| --- | ---: | ---: |",
        "| a | 1,200 | 0.5000 |",
        "| b | 7 | n/a |",
    ]


def test_markdown_reads_no_markup_in_names():
    table = Table({"a|b": ["<script>", "x\ny", "__init__", "a_b", "**[x](y)**"]}, "c & d")
    lines = table.to_markdown().splitlines()
    assert lines[0] == "c &amp; d"
    assert lines[2] == r"| a\|b |"
    assert lines[4:] == [
        "| &lt;script> |",
        "| x y |",
        r"| \_\_init\_\_ |",
        "| a_b |",
        r"| \*\*\[x\](y)\*\* |",
    ]


def test_csv_has_numbers_in_full():
    third = np.float64(1) / 3
    table = Table({"x": [third, np.nan], "n": np.array([10000, 2]), "who": ["a,b", 'c"d\ne']}, "")
    rows = list(csv.reader(io.StringIO(table.to_csv())))
    assert rows == [["x", "n", "who"], [repr(1 / 3), "10000", "a,b"], ["", "2", 'c"d\ne']]


def test_csv_executes_nothing_in_a_spreadsheet():
    harmful = ["=cmd|' /C calc'!A0", "+1+1", "-2+3|x", "@SUM(1)", "\t=1", "\r=1"]
    harmless = ["a=b", "-1.5", "+2e3", "'quoted", ""]
    table = Table({"=1+1": harmful + harmless}, "")
    header, *rows = csv.reader(io.StringIO(table.to_csv(), newline=""))
    assert header == ["'=1+1"]
    assert [row[0] for row in rows] == [f"'{text}" for text in harmful] + harmless


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.floats()), max_size=5))
def test_csv_comes_back_and_markdown_keeps_its_rows(rows):
    table = Table({"name": [r[0] for r in rows], "value": [r[1] for r in rows]}, "caption")
    found = list(csv.reader(io.StringIO(table.to_csv(), newline="")))[1:]
    for (name, _), (written, _) in zip(rows, found, strict=True):
        assert written in (name, f"'{name}")
        assert written == name or name[0] in "=+-@\t\r"
    numbers = [float(value or "nan") for _, value in found]
    np.testing.assert_array_equal(numbers, [value for _, value in rows])
    assert len(table.to_markdown().splitlines()) == 4 + len(rows)


def test_numbers_are_told_from_names():
    columns = {"a": [1, None], "b": [True, False], "c": np.array([0.5, 2]), "d": ["1", "2"]}
    assert Table(columns, "").are_numbers == [True, False, True, False]


@pytest.mark.parametrize("columns", [{}, {"a": [1], "b": [1, 2]}])
def test_bad_columns_are_named(columns):
    with pytest.raises(ValueError, match="'columns' parameter of Table"):
        Table(columns, "caption")
