"""The table of a study: each level with its interval, and its difference to the reference."""

from functools import partial

import numpy as np

from dlboi.metrics import (
    corrected_resampled_interval,
    crossed_interval,
    holm_adjust,
    mcnemar_test,
)

_NONE = (np.nan,) * 4
_BOUNDS = ("", "_low", "_high")


def study_table(result) -> dict[str, np.ndarray]:
    """Summarise the runs of a study, one row a level.

    Parameters
    ----------
    result : StudyResult
        Its runs and predictions.

    Returns
    -------
    dict of str to ndarray of shape (n_levels,)
        ``level``, ``n_runs``; for ``validation`` and ``test`` the mean over the runs and the bounds
        of its 95 % interval; ``difference`` to the reference on the test images (on the validation
        images where there is no test), with bounds, ``p_value`` and ``p_holm``; means of
        ``n_parameters``, ``train_ms_per_image`` and ``predict_ms_per_image``.

    Notes
    -----
    Where all runs are scored on the same images, the interval is for new patients and new seeds
    (:func:`~dlboi.metrics.crossed_interval`; Wilson's, or that over patients, for one run).
    Where each run is scored on a division of its own, it is Nadeau and Bengio's
    (:func:`~dlboi.metrics.corrected_resampled_interval`), and the images of one run alone where
    there is only one. Differences are those of runs on the same division with the same seed. The
    p-value of one run on one test set without patients is McNemar's.
    """
    scored = "test" if "test" in result.scored else "validation"
    rows = []
    for name in result.names:
        row = {"level": name, "n_runs": len(result.done(name))}
        for part in ("validation", "test"):
            row |= _named(part, _level_interval(result, name, part))
        is_reference = name == result.reference
        difference = _NONE if is_reference else _difference(result, name, scored)
        row |= {**_named("difference", difference), "p_value": difference[3]}
        for column in ("n_parameters", "train_ms_per_image", "predict_ms_per_image"):
            values = result.runs[column][result.done(name)]
            row[column] = values.mean() if len(values) else np.nan
        rows.append(row)
    table = {column: np.array([row[column] for row in rows]) for column in rows[0]}
    position = list(table).index("p_value") + 1
    items = list(table.items())
    items.insert(position, ("p_holm", holm_adjust(table["p_value"])))
    return dict(items)


def _named(name, interval):
    return {name + suffix: value for suffix, value in zip(_BOUNDS, interval, strict=False)}


def _level_interval(result, name, part):
    runs = result.done(name)
    if part not in result.scored or len(runs) == 0:
        return _NONE
    if result.metric == "accuracy" and (part in result.common or len(runs) == 1):
        correct = np.stack([result.correct(run, part) for run in runs])
        groups = result.groups_of(runs[0], part)
        return tuple(crossed_interval(correct, groups=groups, proportion=True))
    values = partial(_values, result, part)
    estimate, low, high, p_value = interval_of_runs(result, part, runs, values)
    return estimate, max(low, 0.0), min(high, 1.0), p_value


def _difference(result, name, part):
    pairs = result.pairs(result.reference, name)
    if not pairs:
        return _NONE
    of_reference = {run: reference for reference, run in pairs}

    def values(run):
        return _values(result, part, run) - _values(result, part, of_reference[run])

    runs = np.array(list(of_reference))
    interval = interval_of_runs(result, part, runs, values)
    if len(runs) == 1 and result.metric == "accuracy":
        groups = result.groups_of(runs[0], part)
        if groups is None:
            correct = (result.correct(run, part) for run in pairs[0])
            return (*interval[:3], mcnemar_test(*correct))
    return interval


def interval_of_runs(result, part, runs, values):
    """Return an interval of a mean over the runs of a level and the images of a part.

    Parameters
    ----------
    result : StudyResult
        The study.
    part : {"validation", "test"}
        Whose images.
    runs : ndarray of int
        Numbers of the runs.
    values : callable
        Takes the number of a run, returns one value an image.

    Returns
    -------
    tuple of (float, float, float, float)
        Mean, bounds and p-value of a mean of 0.
    """
    if part in result.common or len(runs) == 1:
        groups = result.groups_of(runs[0], part)
        return tuple(crossed_interval(np.stack([values(run) for run in runs]), groups=groups))
    of_division = {}
    for run in runs:
        index = result.arrays[run][f"{part}_index"]
        of_division.setdefault(index.tobytes(), []).append(values(run).mean())
    # Runs on the same images say nothing new of other images.
    means = [np.mean(repeats) for repeats in of_division.values()]
    sizes = [round(result.runs[f"n_{name}"][runs].mean()) for name in ("train", part)]
    return tuple(corrected_resampled_interval(means, n_train=sizes[0], n_test=sizes[1]))


def _values(result, part, run):
    """Return what each image adds to the score: their mean is the score."""
    correct = result.correct(run, part).astype(float)
    if result.metric == "accuracy":
        return correct
    # The mean of the recalls, and how each image moves it.
    _, codes, counts = np.unique(
        result.truth_of(run, part), return_inverse=True, return_counts=True
    )
    recalls = np.bincount(codes, weights=correct) / counts
    weights = len(correct) / (len(counts) * counts)
    return recalls.mean() + weights[codes] * (correct - recalls[codes])
