"""How much better a level does on its training images than on its validation images."""

import numpy as np

from dlboi.studies._result._table import interval_of_runs
from dlboi.studies._study_sentences import ALPHA

#: A gap or a difference that lies below this with its whole interval is called none.
TOLERANCE = 0.05


def fit_gap(result, name: str, reference: str | None = None) -> tuple:
    """Return training less validation accuracy, with an interval.

    Both are those of the kept epoch. The training accuracy is the mean over that epoch, in which
    the weights still change: the gap is rather too small.

    Parameters
    ----------
    result : StudyResult
        Its validation images must have been scored.
    name : str
        A level.
    reference : str, default=None
        A level whose gap is taken off, run by run.

    Returns
    -------
    tuple of (float, float, float, float)
        Gap, bounds of its 95 % interval and p-value of no gap. The interval is for new patients
        and new runs, at the training accuracy of these; NaN where there is none, and where all
        gaps are the same.
    """
    pairs = dict.fromkeys(result.done(name))
    if reference is not None:
        pairs = {run: other for other, run in result.pairs(reference, name)}

    def gaps(run):
        of_run = result.runs["train_accuracy"][run] - result.correct(run, "validation")
        other = pairs[run]
        if other is None:
            return of_run
        return of_run - result.runs["train_accuracy"][other] + result.correct(other, "validation")

    runs = np.array(list(pairs), dtype=int)
    if len(runs) == 0 or np.isnan(result.runs["train_accuracy"][runs]).any():
        return (np.nan,) * 4
    gap = interval_of_runs(result, "validation", runs, gaps)
    # Runs with the same gap, of networks that answer alike, do not say how far it may vary.
    return gap if gap[1] < gap[2] else (gap[0], np.nan, np.nan, np.nan)


def fit_verdict(result, name: str, gap: tuple, p_value: float) -> str:
    """Say whether a level over- or underfits, as far as its study shows it.

    Parameters
    ----------
    result : StudyResult
        A study on validation images whose reference is the chosen level.
    name : str
        A level.
    gap : tuple
        Of :func:`fit_gap`.
    p_value : float
        Of no difference to the chosen level on validation images, adjusted for the choice; NaN for
        the chosen level.

    Returns
    -------
    {"overfits", "underfits", "neither", "undecided"}
        "overfits": the interval of the gap lies above 0 and reaches 5 points. "underfits": it does
        not, and the level is worse than the chosen one, on validation images beyond chance, and in
        training.
        "neither": with their whole intervals, the gap is below 5 points and the level less than 5
        points worse than the chosen one. Else "undecided".
    """
    _, low, high, _ = gap
    row, chosen = result.names.index(name), result.reference
    if low > 0 and high >= TOLERANCE:
        return "overfits"
    of_level, of_chosen = (
        np.mean(result.runs["train_accuracy"][result.done(level)]) for level in (name, chosen)
    )
    table = result.table
    if table["difference"][row] < 0 and p_value < ALPHA and of_level < of_chosen:
        return "underfits"
    is_close = name == chosen or table["difference_low"][row] > -TOLERANCE
    return "neither" if high < TOLERANCE and is_close else "undecided"
