"""What sentences of several studies say of a level."""

from dataclasses import replace

import numpy as np

#: Level of significance of the p-values of a study, after Holm's adjustment.
ALPHA = 0.05


def score_text(result, name: str) -> str:
    """Return the score of a level with its interval, in percent.

    Parameters
    ----------
    result : StudyResult
        The study.
    name : str
        A level.

    Returns
    -------
    str
    """
    row, part = result.names.index(name), result.scored[-1]
    score, low, high = (result.table[part + bound][row] for bound in ("", "_low", "_high"))
    interval = "no interval"
    if np.isfinite([low, high]).all():
        interval = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
    return f"{100 * score:.1f} % {result.metric.replace('_', ' ')} ({interval})"


def best_level(result) -> str:
    """Return the level that does best on the validation images, or where there are none, in test.

    Parameters
    ----------
    result : StudyResult
        The study.

    Returns
    -------
    str
        The first of equal ones.
    """
    return result.names[int(np.nanargmax(result.table[result.scored[0]]))]


def some_levels(result, names: list[str]):
    """Return the study of some of its levels, the first of which is the reference.

    Parameters
    ----------
    result : StudyResult
        The study.
    names : list of str
        Levels.

    Returns
    -------
    StudyResult
        Its p-values are adjusted for the comparisons of these levels.
    """
    return replace(result, names=names, reference=names[0])
