"""The tables of an evaluation."""

import numpy as np

from dlboi.evaluation._evaluation_text import over
from dlboi.reporting import Table
from dlboi.reporting._words import with_interval

_MEANINGS = {
    "accuracy": ("Accuracy", "share classified correctly"),
    "balanced_accuracy": ("Balanced accuracy", "mean of the classes' recalls"),
    "sensitivity": ("Sensitivity", "share of {positive} that is found"),
    "specificity": ("Specificity", "share of {negative} that is found"),
    "roc_auc": ("Area under the ROC curve", "0.5 for chance, 1 is best"),
    "average_precision": ("Average precision", "{rate} for chance, 1 is best"),
    "brier_score": ("Brier score", "error of the probabilities; 0 is best"),
    "expected_calibration_error": (
        "Expected calibration error",
        "gap to the observed shares; 0 is best",
    ),
}


def score_table(evaluation) -> Table:
    """Return the scores as people read them, with their intervals and what they mean.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.

    Returns
    -------
    Table
    """
    names, support = evaluation.target_names, evaluation.per_class["support"]
    is_binary = len(names) == 2
    rate = support[1] / support.sum() if is_binary else 1 / len(names)
    words = {"positive": names[1], "negative": names[0], "rate": f"{rate:.2g}"}
    columns = {
        "score": [_MEANINGS[name][0] for name in evaluation.scores],
        _interval_title("estimate", evaluation): [
            with_interval(*values) for values in evaluation.scores.values()
        ],
        "meaning": [_MEANINGS[name][1].format_map(words) for name in evaluation.scores],
    }
    what = "patients" if evaluation.aggregate else "images"
    ranking = f"The positive class is {names[1]}."
    if not is_binary:
        ranking = "Areas and precisions are means over each class against the rest."
    caption = f"Scores of {what}. {ranking} The intervals are over {over(evaluation)}."
    return Table(columns, caption)


def class_table(evaluation) -> Table:
    """Return recall, precision and F1 of each class.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.

    Returns
    -------
    Table
    """
    table = evaluation.per_class
    columns = {"class": evaluation.target_names}
    bounds = (table[name] for name in ("recall", "recall_low", "recall_high"))
    columns[_interval_title("recall", evaluation)] = [
        with_interval(*values) for values in zip(*bounds, strict=True)
    ]
    for name, key in (("precision", "precision"), ("F1", "f1")):
        columns[name] = ["n/a" if np.isnan(value) else f"{value:.3f}" for value in table[key]]
    if not evaluation.aggregate:
        columns["images"] = table["support"]
    if "n_patients" in table:
        columns["patients"] = table["n_patients"]
    caption = (
        "Recall: share of the class that is found. Precision: share of what is given to the class "
        f"that belongs to it. F1: their harmonic mean. The intervals are over {over(evaluation)}."
    )
    return Table(columns, caption)


def confusion_table(evaluation) -> Table:
    """Return how often each class was predicted for each true class.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.

    Returns
    -------
    Table
    """
    names, classes = evaluation.target_names, evaluation.classes
    columns = {"true class": names}
    for name, predicted in zip(names, classes, strict=True):
        taken = evaluation.y_true[evaluation.y_pred == predicted]
        columns[f"predicted {name}"] = [np.count_nonzero(taken == label) for label in classes]
    what = "patients" if evaluation.aggregate else "images"
    return Table(columns, f"Confusion matrix: numbers of {what}.")


def _interval_title(name, evaluation):
    return f"{name} ({100 * evaluation.confidence_level:g} % interval)"
