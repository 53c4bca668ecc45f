"""The tables of a comparison of networks."""

import numpy as np

from dlboi.metrics import per_class_table, proportion_interval
from dlboi.reporting import Table
from dlboi.reporting._words import with_interval


def comparison_table(comparison) -> Table:
    """Return the results of a comparison, one row a network, below them the plainest answer."""
    results, cohort = comparison.results, comparison.cohort
    common = cohort.most_frequent
    columns = {
        "network": [*results["network"], f"most frequent class ({common})"],
        "parameters": [*results["n_parameters"], None],
        "best epoch": [*results["best_epoch"], None],
        "train accuracy": [*results["train_accuracy"], cohort.training.share_of(common)],
    }
    for part in ("validation", "test"):
        bounds = (results[f"{part}_{name}"] for name in ("accuracy", "low", "high"))
        columns[f"{part} accuracy (95 % interval)"] = [
            *(with_interval(*row) for row in zip(*bounds, strict=True)),
            f"{getattr(cohort, part).share_of(common):.3f}",
        ]
    columns["training (s)"] = [*results["seconds"], None]
    over = "images" if cohort.test.groups is None else "patients"
    caption = (
        f"Accuracy is the share of images classified correctly; the intervals are over {over}. The "
        "train accuracy is the running mean of the chosen epoch. The last row is right where the "
        "class is the one most frequent in training: what a network has to beat."
    )
    return Table(columns, caption)


def class_table(comparison) -> Table:
    """Return how the best network did on the test images of each class."""
    best, test = comparison.best, comparison.cohort.test
    names = comparison.cohort.target_names.tolist()
    predicted = comparison.classifiers[best].predict(test.images)
    table = per_class_table(test.target, predicted, classes=names)
    over = "images" if test.groups is None else "patients"
    columns = {
        "class": names,
        "test images": table["support"],
        "recall (95 % interval)": [_recall(test, predicted, name) for name in names],
        "precision": table["precision"],
    }
    caption = (
        f"{best} on the test images. Recall: share of the images of the class that were found; "
        "precision: share of the images given to the class that belong to it, n/a where none was. "
        f"The intervals are over {over}, n/a where there are fewer than two."
    )
    return Table(columns, caption)


def _recall(part, predicted, name):
    of_class = part.target == name
    if not of_class.any():
        return "n/a"
    correct = predicted[of_class] == name
    groups = None if part.groups is None else part.groups[of_class]
    if groups is not None and len(np.unique(groups)) < 2:
        return f"{correct.mean():.3f} (n/a)"
    return with_interval(*proportion_interval(correct, groups=groups))
