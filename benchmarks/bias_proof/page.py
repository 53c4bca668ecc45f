"""The page of the last run, in reStructuredText."""

import numpy as np

from benchmarks.bias_proof.measures import coverage_rows, null_rows
from benchmarks.bias_proof.tally import demands_of, of_cell
from benchmarks.bias_proof.truths import BY_NAME

_HEAD = """Does the bias study find what was planted?
==========================================

Known truths are planted in rows of features, in synthetic chest X-rays and in real ones, whose
patients are divided at random; then :func:`dlboi.studies.dataset_bias_study` decides. One command
does it and writes this page:

    {command}

It ran on {machine}: {n_jobs} studies, steps and calibrations in {hours:.1f} hours of one core; a
whole study took {slowest:.0f} s at most.

"""
_PLANTED = """What was planted
----------------

Effects in points with their standard errors, measured without the study, by scikit-learn's logistic
regression on other patients. Where the plan fixes a strength, it is given.

"""
_DEMANDS = """Verdicts
--------

Shares of the studies, or of the steps that a verdict rests on alone. A claim is true where the
planted effect is above the margin of two points; one whose effect is within two standard errors of
the margin counts neither as true nor as false. "By chance?" stands where the share misses the
demand by no more than so few studies may (binomial test, 2.5 %). There are no more real patients
than these: "too few patients" stands where intervals as wide as those of the studies would need a
larger margin, which is given in points.

"""
_COVERAGE = """Intervals
---------

All effects planted together in rows, with as many patients in train as in test. "holds truth" is
the share of 95 % intervals that hold the effect as it was measured without the study, "holds mean"
that of those that hold the mean estimate. Intervals are for other scored patients and the same
classifiers: of the gap and of lost recalls, the truth is what the classifiers of each study make of
thousands of new patients, and the table gives its mean. That of the harder test is for other
training patients, too.

"""
_NULL = """P-values where nothing is planted
---------------------------------

Shares of p-values up to four levels, and the p-value of Kolmogorov and Smirnov's test that they are
uniform. One-sided p-values of effects whose truth is below zero are larger; real images of
one patient are alike, so that leakage is not null there.

"""


def proof_page(records, *, command: str, machine: str) -> str:
    """Return the page.

    Parameters
    ----------
    records : list of dict
        What the jobs found.
    command : str
        The command that ran them.
    machine : str
        Where.

    Returns
    -------
    str
    """
    seconds = [each["seconds"] for each in records]
    whole = [each["seconds"] for each in records if each["job"][0] == "whole"]
    text = _HEAD.format(
        command=command,
        machine=machine,
        n_jobs=len(records),
        hours=sum(seconds) / 3600,
        slowest=max(whole, default=0),
    )
    text += _PLANTED + _table(_planted_rows(records))
    text += _DEMANDS + _table([_demand_row(demand) for demand in demands_of(records)])
    text += _COVERAGE + _table([_formatted(row) for row in coverage_rows(records)])
    sources = dict.fromkeys(each["job"][1] for each in records)
    text += _NULL + _table(
        [
            {"source": source} | _formatted(row)
            for source in sources
            for row in null_rows(records, source)
        ]
    )
    return text.rstrip("\n") + "\n"


def _planted_rows(records):
    rows = []
    for source, name in dict.fromkeys(tuple(each["job"][1:3]) for each in records):
        truth = BY_NAME[name]
        for record in of_cell(records, "truth", source, name):
            known = {key: value for key, value in record["effects"].items() if value[0] == value[0]}
            wanted = f"{100 * truth.strength:g}" if truth.strength == truth.strength else ""
            own = known.pop(truth.effect, None)
            rows.append(
                {
                    "source": source,
                    "planted": name,
                    "patients": record["job"][3],
                    "wanted": wanted,
                    "effect": "" if own is None else f"{truth.effect}: {_points(own)}",
                    "others": ", ".join(
                        f"{key} {_points(value)}"
                        for key, value in known.items()
                        if abs(value[0]) > max(0.01, 3 * value[1])
                    ),
                }
            )
    return rows


def _points(value):
    return f"{100 * value[0]:.1f} ± {100 * value[1]:.1f}"


def _demand_row(demand):
    sign = "≥" if demand.at_least else "≤"
    verdict = "yes" if demand.is_met else "NO" if demand.is_missed else "by chance?"
    if demand.is_out_of_reach:
        verdict = f"too few patients ({100 * demand.least:.1f})"
    return {
        "source": demand.source,
        "planted": demand.truth,
        "share of": demand.what,
        "found": f"{demand.n_found} of {demand.n_asked}",
        "demand": f"{sign} {100 * demand.limit:g} %",
        "met": verdict,
    }


def _formatted(row):
    return {
        name: value if isinstance(value, str | int) else _decimals(value)
        for name, value in row.items()
    }


def _decimals(value):
    return "" if np.isnan(value) else f"{value:.3f}"


def _table(rows):
    """Return a csv-table, or a sentence where there is nothing."""
    if not rows:
        return "Not run.\n\n"
    lines = [".. csv-table::", f"   :header: {', '.join(_quoted(name) for name in rows[0])}", ""]
    lines += [f"   {', '.join(_quoted(cell) for cell in row.values())}" for row in rows]
    return "\n".join([*lines, "", ""])


def _quoted(text):
    return '"' + str(text).replace('"', '""') + '"'
