"""What a study says before it starts."""

import contextlib
import sys

from joblib import effective_n_jobs

from dlboi.classifiers._base import ImageClassifier
from dlboi.studies._time_estimate import estimate_seconds


def announce(study, tasks: list, n_jobs) -> None:
    """Write to standard error how many fits there are, and how long they will take.

    Parameters
    ----------
    study : Study
        The study.
    tasks : list of tuple of (str, Split)
        What is still to be done.
    n_jobs : int or None
        Runs at once.
    """
    n_done = len(study.tasks) - len(tasks)
    text = f"Study: {len(tasks)} fits ({len(study.levels)} levels, {study.n_divisions} divisions)"
    if n_done:
        text += f", {n_done} more are in the journal"
    seconds = 0.0
    for level, estimator in study.levels.items():
        splits = [split for name, split in tasks if name == level]
        if splits and isinstance(estimator, ImageClassifier):
            with contextlib.suppress(Exception):  # the run itself will say what is wrong
                seconds += len(splits) * _seconds(study, estimator, splits[0])
    if seconds:
        hint = "" if effective_n_jobs(n_jobs) == 1 else ", fits at once not taken into account"
        text += f"; about {_duration(seconds)}{hint}"
    sys.stderr.write(f"{text}.\n")
    sys.stderr.flush()


def _seconds(study, estimator, split):
    training, validation, test = (
        study.part(name, split) for name in ("training", "validation", "test")
    )
    return estimate_seconds(
        estimator,
        training.images,
        training.target,
        n_validation=0 if validation is None else len(validation),
        n_test=0 if test is None else len(test),
    )


def _duration(seconds):
    if seconds < 100:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
