"""From the outcomes of runs to the result of a study."""

import warnings

import numpy as np

from dlboi.evaluation._scored_sets import record_scoring
from dlboi.exceptions import DlboiWarning
from dlboi.reporting._software import software
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._runner._run import MEASURES
from dlboi.training._estimator_settings import short_settings


def collect(study, outcomes: list, facts: dict, *, reference: str, metric: str) -> StudyResult:
    """Make the result of a study of the outcomes of its runs.

    Parameters
    ----------
    study : Study
        The study.
    outcomes : list of tuple
        What `run_all` has returned.
    facts : dict of str to str
        How the images were divided.
    reference, metric : str
        As in :func:`compare`.

    Returns
    -------
    StudyResult
    """
    errors = [(level, error) for level, _, error, *_ in outcomes if error is not None]
    if len(errors) == len(outcomes):
        raise errors[0][1]
    if errors:
        level, error = errors[0]
        warnings.warn(
            f"{len(errors)} of {len(outcomes)} runs have failed and are left out, the first of "
            f"{level!r}: {type(error).__name__}: {error}",
            DlboiWarning,
            stacklevel=4,
        )
    rows = [_row(study, outcome) for outcome in outcomes]
    _, first = study.tasks[0]
    parts = {
        name: study.sets["data"] if getattr(first, name) is not None else study.sets.get(name)
        for name in ("validation", "test")
    }
    parts = {name: part for name, part in parts.items() if part is not None}
    return StudyResult(
        names=list(study.levels),
        reference=reference,
        metric=metric,
        classes=[str(study.sets["data"].names.get(c, c)) for c in study.classes.tolist()],
        runs={column: np.array([row[column] for row in rows]) for column in rows[0]},
        arrays=[_arrays(*outcome) for outcome in outcomes],
        truth={name: np.searchsorted(study.classes, part.target) for name, part in parts.items()},
        patients={name: part.codes for name, part in parts.items() if part.groups is not None},
        settings={
            "images": f"{len(study.sets['data'])}, {study.sets['data'].digest}",
            "patients": "not known" if study.sets["data"].groups is None else "known",
            **facts,
            **_scorings(study),
            **{name: short_settings(level) for name, level in study.levels.items()},
            **software(),
        },
    )


def _scorings(study):
    """Say how often a test set has been scored."""
    if study.test_digest is None:
        return {}
    return {"scorings of the test images": record_scoring(study.test_digest, 0).sentences}


def _row(study, outcome):
    level, split, error, measures, _ = outcome
    return {
        "level": level,
        "repeat": split.repeat,
        "fold": split.fold,
        "seed": split.seed,
        "error": "" if error is None else f"{type(error).__name__}: {error}",
        "n_train": study.size("training", split),
        "n_validation": study.size("validation", split),
        "n_test": study.size("test", split),
        **dict.fromkeys(MEASURES, np.nan),
        **measures,
    }


def _arrays(level, split, error, measures, arrays):
    drawn = {f"{name}_index": getattr(split, name) for name in ("validation", "test")}
    return {**arrays, **{name: index for name, index in drawn.items() if index is not None}}
