"""Table and page of a study of pooled images."""

import numpy as np

from dlboi.reporting import Figure, Page, Section, Table
from dlboi.reporting._words import span
from dlboi.studies._pooled._divisions import BY_PATIENT
from dlboi.studies._pooled._origins import ALL, FROM_TEST, FROM_TRAIN, origin_names
from dlboi.studies._pooled._pooled_figures import draw_origins, draw_pooled_curves
from dlboi.studies._result._figures import has_curves
from dlboi.studies._result._page import closed, column_with_intervals, failures

_EXPLAINED = (
    "The given division asks how well a classifier does on the given test images. The pooled ones "
    "put all images together, shuffle them, and divide them anew into parts of the same sizes. "
    "Many of the new test images are then old training images; images like the old test images are "
    "learnt from; and, shuffled by image, images of one patient may be on both sides. A higher "
    "mean after pooling can come from each of these, and does not say which."
)
_LIMITS = (
    "That old test images do worse says nothing of why: they may be harder, of other patients, of "
    "another device, or labelled otherwise. That they gain after pooling does not say that "
    "anything is wrong with them: a classifier that learns from both origins may know them by what "
    "sets them apart, and their class with it. dataset_bias_study asks which it is."
)


def pooled_table(result) -> Table:
    """Return the table of the divisions as people read it: intervals in brackets.

    Parameters
    ----------
    result : PooledShuffleResult
        The study.

    Returns
    -------
    Table
    """
    table = result.table
    of_train, of_test = origin_names(result)
    columns = {"division": table["level"], "runs": table["n_runs"]}
    titles = {
        "train": "training",
        "validation": "validation",
        ALL: "test",
        FROM_TRAIN: f"test: {of_train}",
        FROM_TEST: f"test: {of_test}",
    }
    for column, title in titles.items():
        if np.isfinite(table[column]).any():
            columns[title] = column_with_intervals(table, column)
    columns[f"{of_test} in test"] = _shares(table["share_from_test"])
    columns["test images with an image of their patient in training"] = _shares(
        table["share_known"]
    )
    return Table(columns, _caption(result))


def pooled_page(result, title: str) -> Page:
    """Return the page of a study of pooled images: what came out, table, figures, limits.

    Parameters
    ----------
    result : PooledShuffleResult
        The study.
    title : str
        Its title.

    Returns
    -------
    Page
    """
    n_lead = 2 if BY_PATIENT in result.names else 3  # what is not known stands before all
    lead, more = result.findings[:n_lead], result.findings[n_lead:]
    origins = Figure(
        closed(draw_origins(result).figure_),
        "Test accuracy of each division, by where the images come from.",
        "Test accuracy by origin, with intervals.",
    )
    sections = [
        Section("What else the numbers say", "\n\n".join(more)),
        Section(
            "Accuracy by division",
            _EXPLAINED,
            tables=[pooled_table(result), *failures(result)],
            figures=[origins],
        ),
        Section("What this does not say", _LIMITS),
        Section(
            "Differences", "", tables=[Table(table, text) for text, table in result.tables.items()]
        ),
    ]
    if has_curves(result):
        sections.insert(2, _curves(result))
    return Page(title, "\n\n".join(lead), sections, dict(result.settings))


def _curves(result):
    text = (
        "Training values are means over an epoch in which the weights change; the others are taken "
        "at its end. The test images were recorded and chose nothing."
    )
    figure = Figure(
        closed(draw_pooled_curves(result).figure_),
        "Accuracy against epoch in each division: mean over the runs, and their range.",
        "Learning curves, a panel for each division.",
    )
    return Section("Learning curves", text, figures=[figure])


def _caption(result):
    runs = result.runs
    sizes = ", ".join(
        f"{span(runs[f'n_{name}'])} {text} images"
        for name, text in (("train", "training"), ("validation", "validation"), ("test", "test"))
    )
    units = "patients" if "test" in result.patients else "images (patients are not known)"
    return (
        f"Accuracies as fractions (95 % intervals) at the epoch that was kept. {sizes}. The given "
        f"test images: for new {units} and new seeds. Pooled ones, and validation: Nadeau and "
        "Bengio's intervals, for divisions that are drawn anew. Training: over the runs, means "
        "over an epoch. The validation images may have chosen the epoch: their score is then a "
        f"little too good. {result.settings.get('scorings of the test images', '')}"
    ).rstrip()


def _shares(values):
    return [f"{100 * value:.1f} %" if np.isfinite(value) else "n/a" for value in values]
