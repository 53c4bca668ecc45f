"""The last epochs of the learning curves of a study."""

from numbers import Real

import numpy as np


def check_last(study: str, last, estimators: dict, *, minimum: int) -> None:
    """Refuse a share of epochs that cannot be used, before anything is fitted.

    Parameters
    ----------
    study : str
        Name of the function, for errors.
    last : object
        What was given as the share.
    estimators : dict of str to classifier
        The levels.
    minimum : int
        Epochs that are needed.

    Raises
    ------
    ValueError
        It is no share, or too few epochs are left of those that a level is trained for.
    """
    if not isinstance(last, Real) or isinstance(last, bool) or not 0 < last <= 1:
        raise ValueError(
            f"The 'last' parameter of {study} must be a share of the epochs, above 0 and at most "
            f"1. Got {last!r} instead."
        )
    n_epochs = min(estimator.max_epochs for estimator in estimators.values())
    if round(last * n_epochs) < minimum:
        raise ValueError(
            f"The 'last' parameter of {study} must leave at least {minimum} of the {n_epochs} "
            f"epochs. Got {last!r} instead: take a larger share or more 'max_epochs'."
        )


def late_epochs(result, last: float) -> np.ndarray:
    """Return the numbers of the last epochs that all runs of a study have reached.

    Parameters
    ----------
    result : StudyResult
        The study.
    last : float
        Share of the epochs.

    Returns
    -------
    ndarray of int
    """
    n_epochs = min(len(history["epoch"]) for runs in result.histories.values() for history in runs)
    n_last = min(max(round(last * n_epochs), 1), n_epochs)
    return np.arange(n_epochs - n_last, n_epochs) + 1


def late_curves(result, name: str, key: str, epochs: np.ndarray) -> np.ndarray:
    """Return an entry of the histories of a level at some epochs, a row a run.

    Parameters
    ----------
    result : StudyResult
        The study.
    name : str
        The level.
    key : str
        Entry of the histories.
    epochs : ndarray of int
        Numbers of the epochs.

    Returns
    -------
    ndarray of shape (n_runs, n_epochs)
    """
    return np.array([history[key][epochs - 1] for history in result.histories[name]])


def late_values(result, key: str, epochs: np.ndarray, function) -> np.ndarray:
    """Return a number for each run of a study, of an entry at some epochs.

    Parameters
    ----------
    result : StudyResult
        The study.
    key : str
        Entry of the histories.
    epochs : ndarray of int
        Numbers of the epochs.
    function : callable
        Makes of an array of shape (n_runs, n_epochs) one of shape (n_runs,).

    Returns
    -------
    ndarray of shape (n_runs,)
        NaN for runs that failed.
    """
    values = np.full(len(result.arrays), np.nan)
    for name in result.names:
        curves = late_curves(result, name, key, epochs)
        if len(curves):
            values[result.done(name)] = function(curves)
    return values


def mean_of_curves(curves: np.ndarray) -> np.ndarray:
    """Return the mean of each row.

    Parameters
    ----------
    curves : ndarray of shape (n_runs, n_epochs)
        An entry of the histories.

    Returns
    -------
    ndarray of shape (n_runs,)
    """
    return curves.mean(axis=1)


def has_entry(result, key: str) -> bool:
    """Whether the histories of all runs of a study hold an entry.

    Parameters
    ----------
    result : StudyResult
        The study.
    key : str
        The entry.

    Returns
    -------
    bool
    """
    return all(key in history for runs in result.histories.values() for history in runs)
