"""The page of a study of dataset bias."""

from dlboi.bias._verdict import NOT_SUPPORTED, SUPPORTED
from dlboi.reporting import Figure, Page, Section, Table
from dlboi.reporting._words import as_sentence
from dlboi.studies._bias._bias_figures import FIGURES, draw_effects
from dlboi.studies._bias._bias_tables import parts_table, verdict_table
from dlboi.studies._bias._captions import CAPTIONS
from dlboi.studies._bias._explanations import OF_CLASS, explanation_of
from dlboi.studies._bias._lead import bias_lead
from dlboi.studies._bias._numbers import number_sentences

#: What stands beside a verdict: figures, the step whose tables do, and which of them. The figure
#: "effect" is that of the verdict alone.
_BESIDE = {
    "chance explains the gap": (("permutations",), "gap", slice(None)),
    "leakage in validation": (("effect",), None, slice(None)),
    "leakage in the pool": (("origins",), "leakage", slice(None)),
    "selection": (("effect",), "selection", slice(None)),
    "label shift": (("effect",), "label_shift", slice(None)),
    "lost ranking": (("effect",), None, slice(None)),
    "threshold": (("effect",), "harm", slice(2)),
    "harder test": (("effect",), "harm", slice(2, None)),
    "duplicates across splits": (("duplicates",), "duplicates", slice(None)),
    OF_CLASS: (("told apart", "mean difference"), "covariate_shift", slice(None)),
    "shortcut risk": (("effect",), "shortcut", slice(None)),
}
_NOTHING = ((), None, slice(None))
_MOST_ROWS = 20
_SENTENCES = ("notes", "findings", "reasons")


def bias_page(report, title: str) -> Page:
    """Return the page: the answer, all verdicts, the parts of the gap, then each verdict.

    Parameters
    ----------
    report : BiasReport
        The study.
    title : str
        Its title.

    Returns
    -------
    Page
    """
    sections = [_overview(report), _parts(report), *_verdicts(report), _images(report)]
    if report.left_out:
        text = "\n\n".join(map(as_sentence, report.left_out))
        sections.append(Section("What was left out for want of time", text))
    return Page(title, bias_lead(report), sections, dict(report.settings))


def _overview(report):
    return Section(
        "All verdicts",
        "SUPPORTED and NOT SUPPORTED are said where the images decide. UNDECIDED is no verdict "
        "of no effect: the images, as many as there are, leave both possible. In the tables of the "
        "single verdicts accuracies are fractions: 0.05 are five points.",
        tables=[verdict_table(report.verdicts, report.settings["alpha"])],
        figures=_figures(report, ["effects"]),
    )


def _parts(report):
    found = report.steps.get("decomposition")
    title = "Where the accuracy goes"
    if found is None:
        return Section(title, as_sentence(report.steps.reasons["decomposition"]))
    text = (
        "From the validation score to the test score, step by step. Each step is the difference of "
        "two accuracies that were measured, so that the steps add up to the whole. Their order "
        "matters where causes interact."
    )
    start = next(iter(found.scores))
    if start != "by patient" and len(found.scores) > 1:
        text += (
            " It begins with the score that a report would have, and so with more than the gap "
            "above, which begins with the validation by patient."
        )
    return Section(
        title,
        "\n\n".join([text, *found.merged]),
        tables=[parts_table(found)],
        figures=_figures(report, ["gap"]),
    )


def _verdicts(report):
    shown = set()
    for verdict in report.verdicts:
        key = OF_CLASS if verdict.name.startswith(OF_CLASS) else verdict.name
        figures, step, which = _NOTHING if key in shown else _BESIDE.get(key, _NOTHING)
        shown.add(key)
        result = report.steps.get(step) if step else None
        yield Section(
            f"{verdict.name[:1].upper()}{verdict.name[1:]}: {verdict.verdict}",
            "\n\n".join([*_text(report, verdict), *_said(result)]),
            tables=[_short(table) for table in getattr(result, "tables", ())[which]],
            figures=_figures(report, figures, verdict),
        )


def _text(report, verdict):
    explanation = explanation_of(verdict.name, report.part_names)
    meaning = {SUPPORTED: explanation.supported, NOT_SUPPORTED: explanation.not_supported}
    yield as_sentence(explanation.question)
    yield as_sentence(meaning.get(verdict.verdict) or f"undecided: {verdict.reason}")
    if numbers := number_sentences(report, verdict):
        yield " ".join(numbers)
    yield f"What this does not say: {explanation.limits}"
    yield f"Rule. {verdict.rule} {_whose(report, verdict)}"


def _whose(report, verdict):
    """Say what a verdict is about."""
    if verdict.name.startswith("duplicates"):
        return "About: the images themselves, by their pixels."
    said = as_sentence(f"about: {report.whose}")
    if verdict.name.startswith(OF_CLASS):
        said += " That the parts are told apart is seen on small images."
    return said


def _said(result):
    for name in _SENTENCES:
        yield from map(as_sentence, getattr(result, name, ()))


def _short(table):
    """Return the first rows of a long table."""
    n_rows = len(table.rows)
    if n_rows <= _MOST_ROWS:
        return table
    columns = {name: column[:_MOST_ROWS] for name, column in table.columns.items()}
    return Table(columns, f"{table.caption} (the first {_MOST_ROWS} of {n_rows} rows)")


def _images(report):
    inventory = report.steps.get("inventory")
    return Section(
        "The images",
        "\n\n".join(_said(inventory)),
        tables=[_short(table) for table in getattr(inventory, "tables", ())],
    )


def _figures(report, names, verdict=None):
    from matplotlib import pyplot as plt

    figures = []
    for name in names:
        display = draw_effects(report, verdict) if name == "effect" else FIGURES[name](report)
        if display is not None:
            plt.close(display.figure_)  # else a notebook would show it a second time
            figures.append(Figure(display.figure_, *CAPTIONS[name]))
    return figures
