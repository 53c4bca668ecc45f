"""The page of reproductions, in reStructuredText."""

import re

import numpy as np

from benchmarks.rst import csv_table
from dlboi.reporting import Table
from dlboi.studies._result._figures import has_curves

HEAD = """:html_theme.sidebar_secondary.remove:

Reproductions
=============

The experiments of the five course reports, run again with this library. One command runs them and
writes this page: ``python -m benchmarks.reproductions E1 E2 --data DIR`` (without a row it writes
the page alone).

The reports' figures are of one run without a seed, on images that were divided by position. Ours
are means over several seeds, on divisions that were drawn at random, stratified and by patient,
with 95 % intervals (:class:`dlboi.studies.StudyResult` says which). The chest X-rays: 2000 images
for training and validation and 400 of the public test folder, another random draw of the same
sizes from the same public set: the reports' own arrays were not at hand.

Many rows ran beside other work and were suspended on the way: their seconds are no measurement of
speed. Results are kept: ``StudyResult.load("docs/reproductions/E1.npz")`` reads one, with all its
runs and their learning curves, and its `plot()` and `plot_curves()` have drawn the figures.

"""


def reproductions_page(rows, results) -> str:
    """Return the page.

    Parameters
    ----------
    rows : sequence of Row
        All experiments.
    results : dict of str to StudyResult
        By the names of the rows that were run.

    Returns
    -------
    str
    """
    text = HEAD + _overview(rows, results)
    for row in rows:
        if row.name in results:
            text += _section(row, results[row.name])
    return text


def _overview(rows, results):
    header = ("", "question", "report", "here", "in a sentence", "data; weights; reduced")
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 5 18 20 22 20 15", ""]
    lines += _cells([title] for title in header)
    for row in rows:
        result = results.get(row.name)
        here, said = ["not run yet"], [""]
        if result is not None:
            here, said = _levels(result), _answer(row, result.findings)
        if row.missing:
            here = [f"not reproduced: {row.missing}. Run instead:", *here]
        conditions = [f"{row.data}; weights: {row.weights}; {row.reduced}"]
        name = f":ref:`{row.name} <{_label(row)}>`" if result is not None else row.name
        lines += _cells(([name], [row.question], [row.report], here, said, conditions))
    return "\n".join(lines) + "\n\n"


def _answer(row, findings):
    """Return the sentences that answer the question of a row, or else its first finding."""
    if not row.about:
        return findings[:1] or [""]
    sentences = (each for finding in findings for each in re.split(r"(?<=\.) (?=[A-Z\d])", finding))
    return [sentence for sentence in sentences if row.about in sentence]


def _cells(cells):
    """Return a row of a list-table, each cell a block of lines."""
    lines = []
    for number, (first, *others) in enumerate(cells):
        lines.append(f"   {'* ' if number == 0 else '  '}- | {first}".rstrip())
        lines += [f"       | {other}" for other in others]
    return lines


def _levels(result):
    """Return the scores of each level with their intervals, those of the test first, in lines."""
    parts, columns = result.scored[::-1], []
    for part in parts:
        bounds = (result.table[part + bound] for bound in ("", "_low", "_high"))
        columns.append([_percent(*row) for row in zip(*bounds, strict=True)])
    title = f"{result.metric.replace('_', ' ')}, %, {' / '.join(parts)}:"
    rows = zip(result.names, *columns, strict=True)
    return [title, *(f"{name}: {' / '.join(scores)}" for name, *scores in rows)]


def _percent(estimate, low, high):
    if not np.isfinite(estimate):
        return "n/a"
    bounds = f"{100 * low:.1f} to {100 * high:.1f}" if np.isfinite(low) else "no interval"
    return f"{100 * estimate:.1f} ({bounds})"


def _label(row):
    return f"reproduction-{row.name}"


def _figures(row, result):
    """Return the lines that have Sphinx draw a result: its levels, and its learning curves."""
    name = row.result.__name__
    drawn = {"plot()": f"Accuracy on the {result.scored[-1]} images, with 95 % intervals."}
    if has_curves(result):
        drawn["plot_curves()"] = "Loss and accuracy against the epoch: mean and range of the runs."
    lines = []
    for method, alt in drawn.items():
        lines += [".. plot::", f"   :alt: {alt}", ""]
        lines += [f"   from dlboi.studies import {name}", ""]
        lines += [f'   {name}.load("reproductions/{row.name}.npz").{method}', ""]
    return lines


def _section(row, result):
    title = f"{row.name}: {row.question}"
    names = ("train_seconds", "validation_seconds", "predict_seconds")
    seconds = sum(np.nansum(result.runs[name]) for name in names)
    lines = [f".. _{_label(row)}:", "", title, "-" * len(title), "", f"Report: {row.report}", ""]
    lines += [finding + "\n" for finding in result.findings]
    lines += _figures(row, result)
    lines += [
        f"Data: {row.data}; weights: {row.weights}; reduced: {row.reduced}. "
        f"{len(result.arrays)} fits, {seconds:.0f} s on {result.settings['machine']}.",
        "",
    ]
    further = [Table(columns, caption) for caption, columns in result.tables.items()]
    for table in (result.summary(), *further):
        lines += csv_table(table)
    return "\n".join(lines) + "\n"
