"""Accuracies of the divisions of a pool, with intervals."""

import numpy as np

from dlboi.metrics import MeanInterval, corrected_resampled_interval, crossed_interval
from dlboi.studies._pooled._divisions import AS_GIVEN, BY_IMAGE
from dlboi.studies._pooled._origins import (
    ALL,
    FROM_TEST,
    FROM_TRAIN,
    images_a_patient,
    marked_images,
    share_from_test,
    share_known,
)
from dlboi.studies._run_statistics import over_runs

UNKNOWN = MeanInterval(*[np.nan] * 4)


def division_table(result) -> dict[str, np.ndarray]:
    """Summarise the runs, one row a division.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.

    Returns
    -------
    dict of str to ndarray of shape (n_divisions,)
        ``level``, ``n_runs``; mean accuracy at the epoch that was kept, with the bounds of its
        95 % interval, of ``train``, ``validation``, ``test``, ``test_from_train`` and
        ``test_from_test``; ``share_from_test`` and ``share_known``, shares of the test images.
    """
    rows = []
    for name in result.names:
        done = result.done(name)
        found = {
            "train": over_runs(result.runs["train_accuracy"][done]),
            "validation": accuracy(result, name, ALL, part="validation"),
            **{images: accuracy(result, name, images) for images in (ALL, FROM_TRAIN, FROM_TEST)},
        }
        row = {"level": name, "n_runs": len(done)}
        for column, interval in found.items():
            low, high = np.clip(interval[1:3], 0, 1)
            row |= {column: interval.estimate, f"{column}_low": low, f"{column}_high": high}
        row["share_from_test"] = share_from_test(result, name)
        row["share_known"] = share_known(result, name)
        rows.append(row)
    return {column: np.array([row[column] for row in rows]) for column in rows[0]}


def accuracy(result, name: str, images: str, part: str = "test") -> MeanInterval:
    """Return the accuracy of a division on some of its images.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    name : str
        A division.
    images : {"test", "test_from_train", "test_from_test"}
        Which images; all unless `part` is ``"test"``.
    part : {"test", "validation"}, default="test"
        Where they stand.

    Returns
    -------
    MeanInterval
        For new patients and new seeds where all runs score the same images; else for new
        divisions. Over the patients of one run where there is one, or where runs that score other
        images have the same accuracy, which tells nothing of its spread. NaN without such an image.
    """
    right = {run: correct_on(result, run, images, part) for run in result.done(name)}
    right = {run: values for run, values in right.items() if len(values)}
    if not right:
        return UNKNOWN
    means = [values.mean() for values in right.values()]
    run, correct = next(iter(right.items()))
    if name == AS_GIVEN and part == "test":
        correct = np.stack(list(right.values()))
    elif np.ptp(means) > 0:
        interval = drawn_interval(result, name, means, images, part)
        low, high = np.clip(interval[1:3], 0, 1)
        return interval._replace(low=float(low), high=float(high))
    groups = patients_of(result, run, images, part)
    return crossed_interval(correct, groups=groups, proportion=True)


def correct_on(result, run: int, images: str, part: str = "test") -> np.ndarray:
    """Return which of some images a run predicted correctly, as 0 and 1.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    run : int
        Number of a run.
    images, part : str
        As in :func:`accuracy`.

    Returns
    -------
    ndarray of shape (n_images,)
    """
    return result.correct(run, part)[_chosen(result, run, images, part)].astype(float)


def patients_of(result, run: int, images: str, part: str = "test") -> np.ndarray | None:
    """Return the patients of some images of a run, or None where they are not known.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    run : int
        Number of a run.
    images, part : str
        As in :func:`accuracy`.

    Returns
    -------
    ndarray of shape (n_images,) or None
    """
    groups = result.groups_of(run, part)
    return None if groups is None else groups[_chosen(result, run, images, part)]


def _chosen(result, run, images, part):
    return marked_images(result, images)[result.arrays[run][f"{part}_index"]]


def drawn_interval(result, name: str, values, images: str, part: str = "test") -> MeanInterval:
    """Return the interval of a mean over divisions that were drawn anew.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    name : str
        The division.
    values : sequence of float
        One a run.
    images, part : str
        Images that they are of, as in :func:`accuracy`.

    Returns
    -------
    MeanInterval
        Nadeau and Bengio's, whose correction is for what the test parts share. By image they share
        patients beyond the images: these count as many times as their patients have images.
    """
    runs = result.done(name)
    n_train = result.runs["n_train"][runs].mean()
    n_scored = result.runs[f"n_{part}"][runs].mean()
    if name == BY_IMAGE:
        n_scored *= images_a_patient(result, images)
    return corrected_resampled_interval(values, n_train=round(n_train), n_test=round(n_scored))
