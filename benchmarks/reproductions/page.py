"""The page of reproductions, in reStructuredText."""

import numpy as np

from dlboi.reporting import Table

HEAD = """Reproductions
=============

The experiments of the five course reports, run again with this library. One command runs them and
writes this page: ``python -m benchmarks.reproductions E1 E2 --data DIR`` (without a row it writes
the page alone).

The reports' figures are of one run without a seed, on images that were divided by position. Ours
are means over several seeds, on divisions that were drawn at random, stratified and by patient,
with 95 % intervals (:class:`dlboi.studies.StudyResult` says which). The chest X-rays: 2000 images
for training and validation and 400 of the public test folder, another random draw of the same
sizes from the same public set: the reports' own arrays were not at hand.

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
    header = ("", "question", "report", "here", "data", "weights", "reduced")
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 4 16 20 26 12 10 12", ""]
    lines += _cells(header)
    for row in rows:
        result = results.get(row.name)
        here = "not run yet" if result is None else _levels(result)
        if row.missing:
            here = f"not reproduced: {row.missing}. Run instead: {here}"
        lines += _cells(
            (row.name, row.question, row.report, here, row.data, row.weights, row.reduced)
        )
    return "\n".join(lines) + "\n\n"


def _cells(values):
    first, *others = values
    return [f"   * - {first}", *(f"     - {value}" for value in others)]


def _levels(result):
    """Return the score of each level with its interval."""
    part, table = result.scored[-1], result.table
    score = result.metric.replace("_", " ")
    levels = [
        f"{name} {_percent(*row)}"
        for name, *row in zip(
            result.names, table[part], table[f"{part}_low"], table[f"{part}_high"], strict=True
        )
    ]
    return f"{part} {score}, %: {'; '.join(levels)}"


def _percent(estimate, low, high):
    if not np.isfinite(estimate):
        return "n/a"
    return f"{100 * estimate:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _section(row, result):
    title = f"{row.name}: {row.question}"
    facts = result.settings
    lines = [title, "-" * len(title), "", f"Report: {row.report}", ""]
    lines += [finding + "\n" for finding in result.findings]
    lines += [
        f"Data: {row.data}; weights: {row.weights}; reduced: {row.reduced}. "
        f"{len(result.arrays)} fits, {facts['seconds']} s on {facts['machine']}.",
        "",
    ]
    further = [Table(columns, caption) for caption, columns in result.tables.items()]
    for table in (result.summary(), *further):
        lines += _csv_table(table)
    return "\n".join(lines) + "\n"


def _csv_table(table):
    header = ", ".join(_quoted(name) for name in table.columns)
    lines = [table.caption, "", ".. csv-table::", f"   :header: {header}", ""]
    lines += [f"   {', '.join(_quoted(cell) for cell in cells)}" for cells in table.rows]
    return [*lines, ""]


def _quoted(text):
    doubled = str(text).replace('"', '""').replace("*", r"\*")
    return f'"{doubled}"'
