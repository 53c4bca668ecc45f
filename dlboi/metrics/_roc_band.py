"""ROC curve with a band over patients."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.metrics._group_codes import group_codes

_GRID = np.linspace(0, 1, 101)


class RocBand(NamedTuple):
    """A ROC curve and its pointwise confidence band.

    Parameters
    ----------
    fpr : ndarray of shape (101,)
        False-positive rates, 0, 0.01, …, 1.

    tpr : ndarray of shape (101,)
        True-positive rates.

    low : ndarray of shape (101,)
        Lower bounds of the true-positive rates.

    high : ndarray of shape (101,)
        Upper bounds of the true-positive rates.
    """

    fpr: np.ndarray
    tpr: np.ndarray
    low: np.ndarray
    high: np.ndarray


@validate_params(
    {
        "y_true": ["array-like"],
        "y_score": ["array-like"],
        "groups": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "n_resamples": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def roc_band(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 999,
    random_state: int | np.random.RandomState | None = 0,
) -> RocBand:
    """ROC curve with a pointwise confidence band over patients.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 or True for the images of the positive class, else 0 or False.

    y_score : array-like of shape (n_samples,)
        Score of the positive class, such as its predicted probability.

    groups : array-like of shape (n_samples,), default=None
        The patient (or slide) of each image. None takes the images to be independent.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which the band is to hold the true-positive rate at each
        single false-positive rate.

    n_resamples : int, default=999
        Number of bootstrap samples of patients.

    random_state : int, RandomState instance or None, default=0
        Seed of the bootstrap.

    Returns
    -------
    band : RocBand
        Named tuple of the arrays `fpr`, `tpr`, `low` and `high`, each of shape (101,). All but
        `fpr` are NaN where only one class occurs, the bounds where it does in only one patient.

    Examples
    --------
    >>> from dlboi.metrics import roc_band
    >>> roc_band([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8]).tpr[[0, 50, 100]].tolist()
    [0.5, 1.0, 1.0]
    """
    y_true, y_score = np.asarray(y_true).astype(bool), np.asarray(y_score, dtype=float)
    patients = group_codes(groups, y_true.size, caller="roc_band")
    rng = check_random_state(random_state)
    tpr = _curve(y_true, y_score, np.ones(y_true.size))
    n_groups = patients.max() + 1
    curves = []
    for _ in range(n_resamples):
        counts = np.bincount(rng.randint(n_groups, size=n_groups), minlength=n_groups)
        curves.append(_curve(y_true, y_score, counts[patients]))
    tail = (1 - confidence_level) / 2
    curves = [curve for curve in curves if not np.isnan(curve).any()]
    if not curves:
        return RocBand(_GRID, tpr, np.full(101, np.nan), np.full(101, np.nan))
    low, high = np.quantile(curves, [tail, 1 - tail], axis=0)
    return RocBand(_GRID, tpr, low, high)


def _curve(positive, score, weights):
    if not (weights[positive].any() and weights[~positive].any()):
        return np.full(_GRID.size, np.nan)
    fpr, tpr, _ = roc_curve(positive, score, sample_weight=weights, drop_intermediate=False)
    return tpr[np.searchsorted(fpr, _GRID + 1e-12, side="right") - 1]
