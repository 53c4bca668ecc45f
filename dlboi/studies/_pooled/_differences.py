"""Differences in accuracy between divisions of a pool, and between origins of its images."""

import numpy as np

from dlboi.metrics import MeanInterval, crossed_interval
from dlboi.studies._pooled._accuracies import (
    UNKNOWN,
    accuracy,
    correct_on,
    drawn_interval,
    patients_of,
)
from dlboi.studies._pooled._divisions import AS_GIVEN, BY_IMAGE, BY_PATIENT
from dlboi.studies._pooled._origins import ALL, FROM_TEST, FROM_TRAIN, marked_images, origin_names

CAPTION = (
    "Differences in accuracy, as fractions, with 95 % intervals that are not adjusted for their "
    "number: of the images that were given as test, pooled less given, of the same images, run by "
    "run; else from the intervals of both."
)


def differences(result) -> dict[tuple[str, str, str], MeanInterval]:
    """Return the differences that tell what pooling does.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.

    Returns
    -------
    dict of tuple of (str, str, str) to MeanInterval
        By images, and the two divisions of which the second is taken from the first. Where both
        are the same division, it is that of ``test_from_train`` less ``test_from_test`` within it.
    """
    pooled = [name for name in (BY_IMAGE, BY_PATIENT) if name in result.names]
    origins = (ALL, FROM_TRAIN, FROM_TEST)
    scores = {
        (name, images): accuracy(result, name, images)
        for name in result.names
        for images in origins
    }
    found = {}
    for name in pooled:
        found[ALL, name, AS_GIVEN] = _apart(scores[name, ALL], scores[AS_GIVEN, ALL])
        found[FROM_TEST, name, AS_GIVEN] = _of_the_same_images(result, name)
        found[ALL, name, name] = _apart(scores[name, FROM_TRAIN], scores[name, FROM_TEST])
    if len(pooled) > 1:
        for images in origins:
            of_both = (scores[name, images] for name in (BY_IMAGE, BY_PATIENT))
            found[images, BY_IMAGE, BY_PATIENT] = _apart(*of_both)
    return found


def difference_table(result, found: dict) -> dict[str, np.ndarray]:
    """Return the differences in columns.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    found : dict
        What :func:`differences` returns.

    Returns
    -------
    dict of str to ndarray
        ``images``, ``difference`` (of what), ``estimate``, ``low``, ``high``.
    """
    of_train, of_test = origin_names(result)
    names = {ALL: "all test images", FROM_TRAIN: of_train, FROM_TEST: of_test}
    rows = []
    for (images, first, second), interval in found.items():
        row = (names[images], f"{first}, less {second}")
        if first == second:
            row = (f"{of_train}, less {of_test}", first)
        rows.append((*row, *interval[:3]))
    columns = zip(*rows, strict=True)
    names = ("images", "difference", "estimate", "low", "high")
    return {name: np.array(column) for name, column in zip(names, columns, strict=True)}


def _apart(first, second):
    """Return the difference of two accuracies from their intervals, after Zou and Donner (2008).

    They are taken to be independent. Divisions share images and seeds, which makes the interval
    too wide, if anything.
    """
    below = np.hypot(first.estimate - first.low, second.high - second.estimate)
    above = np.hypot(first.high - first.estimate, second.estimate - second.low)
    apart = first.estimate - second.estimate
    return MeanInterval(apart, apart - below, apart + above, np.nan)


def _of_the_same_images(result, name):
    """Compare the old test images that a run scores with the run as given of the same repeat."""
    in_test = np.flatnonzero(marked_images(result, FROM_TEST))
    given = {result.runs["repeat"][run]: run for run in result.done(AS_GIVEN)}
    values = {}
    for run in result.done(name):
        pair = given.get(result.runs["repeat"][run])
        index = result.arrays[run]["test_index"]
        places = np.searchsorted(in_test, index[np.isin(index, in_test)])
        if pair is not None and len(places):
            as_given = correct_on(result, pair, FROM_TEST)[places]
            values[run] = correct_on(result, run, FROM_TEST) - as_given
    if not values:
        return UNKNOWN
    means = [apart.mean() for apart in values.values()]
    if np.ptp(means) == 0:  # of one run, or of runs that tell nothing of their spread
        run, apart = next(iter(values.items()))
        return crossed_interval(apart, groups=patients_of(result, run, FROM_TEST))
    interval = drawn_interval(result, name, means, FROM_TEST)
    low, high = np.clip(interval[1:3], -1, 1)
    return interval._replace(low=float(low), high=float(high))
