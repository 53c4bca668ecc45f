"""The page of a study."""

import numpy as np

from dlboi.reporting import Figure, Page, Section, Table
from dlboi.reporting._words import p_text, span, with_interval
from dlboi.studies._result._figures import draw_curves, draw_levels, has_curves


def summary_table(result) -> Table:
    """Return the table of a study as people read it: intervals in brackets, empty columns left out.

    Parameters
    ----------
    result : StudyResult
        The study.

    Returns
    -------
    Table
    """
    table, score = result.table, result.metric.replace("_", " ")
    columns = {"level": table["level"], "runs": table["n_runs"]}
    for part in result.scored:
        columns[f"{part} {score} (95 % interval)"] = column_with_intervals(table, part)
    if len(result.names) > 1:
        columns[f"difference to {result.reference} (95 % interval)"] = column_with_intervals(
            table, "difference", sign="+"
        )
        columns["p (Holm)"] = [p_text(p) for p in table["p_holm"]]
    named = {
        "n_parameters": ("parameters", "{:,.0f}"),
        "train_ms_per_image": ("training, ms an image and epoch", "{:.3g}"),
        "predict_ms_per_image": ("prediction, ms an image", "{:.3g}"),
    }
    for column, (name, form) in named.items():
        if np.isfinite(table[column]).any():
            columns[name] = [form.format(v) if np.isfinite(v) else "n/a" for v in table[column]]
    return Table(columns, _caption(result))


def study_page(result, title: str) -> Page:
    """Return the page of a study: findings, table, figures, and how it came about at the end.

    Parameters
    ----------
    result : StudyResult
        The study.
    title : str
        Its title.

    Returns
    -------
    Page
    """
    part = result.scored[-1]
    levels = Figure(
        closed(draw_levels(result).figure_),
        f"Each level on the {part} images: mean and 95 % interval, and the single runs as dots.",
        "Levels of the study with intervals.",
    )
    failed = failures(result)
    sections = [Section("Results", "", tables=[summary_table(result), *failed], figures=[levels])]
    if result.tables:
        further = [Table(columns, caption) for caption, columns in result.tables.items()]
        sections.append(Section("More of the study", "", tables=further))
    if has_curves(result):
        curves = closed(draw_curves(result).figure_)
        caption = "Loss and accuracy of all levels: mean over the runs, and their range."
        text = (
            "Training values are means over an epoch in which the weights change; the others are "
            "taken at its end."
        )
        figure = Figure(curves, caption, "Learning curves of all levels.")
        sections.append(Section("Learning curves", text, figures=[figure]))
    lead, *more = result.findings or [_lead(result)]
    if more:
        sections.insert(1, Section("What else the numbers say", "\n\n".join(more)))
    return Page(title, lead, sections, dict(result.settings))


def closed(figure):
    """Take a figure from pyplot, as a notebook would show it a second time.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.

    Returns
    -------
    matplotlib.figure.Figure
        The same one.
    """
    import matplotlib.pyplot as plt

    plt.close(figure)
    return figure


def _lead(result):
    """Say which level the validation images choose, and how it does on the test images."""
    table, score = result.table, result.metric.replace("_", " ")
    chosen_on, part = result.scored[0], result.scored[-1]
    best = int(np.nanargmax(table[chosen_on]))
    name = result.names[best]
    estimate, low, high = (100 * table[part + bound][best] for bound in ("", "_low", "_high"))
    interval = f"95 % interval {low:.1f} to {high:.1f}" if np.isfinite(low) else "no interval"
    return (
        f"{name} does best on the {chosen_on} images. On the {part} images its {score} is "
        f"{estimate:.1f} % ({interval})."
    )


def failures(result) -> list[Table]:
    """Return the table of the runs that failed, if there are any.

    Parameters
    ----------
    result : StudyResult
        The study.

    Returns
    -------
    list of Table
        One or none.
    """
    failed = np.flatnonzero(result.runs["error"] != "")
    if len(failed) == 0:
        return []
    names = ("level", "repeat", "fold", "error")
    columns = {name: result.runs[name][failed] for name in names}
    return [Table(columns, f"{len(failed)} runs failed; the rest of the study leaves them out.")]


def _caption(result):
    runs = result.runs
    sizes = ", ".join(
        f"{span(runs[f'n_{name}'])} {text} images"
        for name, text in (("train", "training"), ("validation", "validation"), ("test", "test"))
        if runs[f"n_{name}"].max() > 0
    )
    part = result.scored[-1]
    counted = result.settings.get("scorings of the test images", "")
    over = "patients" if part in result.patients else "images"
    one_each = max(map(len, map(result.done, result.names))) == 1
    scored = "Intervals are Nadeau and Bengio's, for divisions that are drawn anew"
    if part in result.common or one_each:
        scored = f"Intervals are for new {over}" + ("" if one_each else " and new seeds")
    chosen = ""
    if "validation" in result.scored and np.isfinite(result.runs["best_epoch"]).any():
        chosen = " The validation images have chosen the epoch: their score is a little too good."
    return (
        f"{sizes}. {scored}. Differences are paired, on the {part} images: same division, same "
        f"seed.{chosen} {counted}".rstrip()
    )


def column_with_intervals(table, name: str, sign: str = "") -> list[str]:
    """Write a column of a study's table as people read it, with the interval in brackets.

    Parameters
    ----------
    table : mapping of str to ndarray
        Holds the columns `name`, ``<name>_low`` and ``<name>_high``.
    name : str
        The column.
    sign : str, default=""
        ``"+"`` writes the sign of positive numbers.

    Returns
    -------
    list of str
    """
    rows = zip(*(table[name + bound] for bound in ("", "_low", "_high")), strict=True)
    return [with_interval(*row, sign=sign) for row in rows]
