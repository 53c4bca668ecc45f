"""ROC curve with a band over patients."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.utils._param_validation import Interval, validate_params

from dlboi._validation import draw_seed, group_codes
from dlboi.metrics._wilson import wilson_bounds

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
        Seed of the bootstrap. Pass an int for the same band on every call.

    Returns
    -------
    band : RocBand
        Named tuple of the arrays `fpr`, `tpr`, `low` and `high`, each of shape (101,). `tpr` is NaN
        where only one class occurs, the bounds where one occurs in fewer than two patients.

    Raises
    ------
    ValueError
        Where `y_true` and `y_score` are empty, not 1-D or of different lengths, hold anything but
        0 and 1 or a score that is not finite, or `groups` does not name a group for every image.

    See Also
    --------
    score_intervals : Interval of the area under the curve.

    Notes
    -----
    Averaged vertically [1]_: at each false-positive rate, the true-positive rate of bootstrap
    samples of whole patients has a variance, and this, with a rate to which one hit and one miss
    are added, an effective number of images. The band is Wilson's interval for it, which is not
    taken to be larger than the number of patients with positive images, so that a rate of 1 in few
    patients is not certain. The quantile is that of Student's t distribution with one degree of
    freedom less than the rarer class has patients. The band holds the rate at one false-positive
    rate, not the whole curve at once.

    Share of 500 simulated sets (200 with 400 patients) whose 95 % band held the true rate, at four
    false-positive rates, as ``python -m benchmarks.score_coverage roc`` prints it; the sets are
    those of :func:`score_intervals`, with 199 bootstrap samples:

    ========  ========  =======  ======  ======  ======
    accuracy  patients  at 0.05  at 0.1  at 0.2  at 0.5
    ========  ========  =======  ======  ======  ======
    0.8       10        1.000    0.996   0.988   0.974
    0.8       20        0.976    0.994   0.992   0.980
    0.8       40        0.958    0.978   0.984   0.974
    0.8       400       0.950    0.970   0.975   0.990
    0.95      10        0.946    0.966   0.962   0.988
    0.95      20        0.964    0.976   0.986   0.980
    0.95      40        0.942    0.972   0.980   0.974
    0.95      400       0.980    0.995   0.990   0.985
    ========  ========  =======  ======  ======  ======

    References
    ----------
    .. [1] Fawcett, T. (2006). An introduction to ROC analysis. Pattern Recognition Letters 27,
       861-874.

    Examples
    --------
    >>> from dlboi.metrics import roc_band
    >>> band = roc_band([0, 0, 0, 1, 1, 1], [0.1, 0.3, 0.6, 0.4, 0.7, 0.9])
    >>> band.tpr[[0, 50, 100]].round(3).tolist()
    [0.667, 1.0, 1.0]
    >>> band.low[[0, 50, 100]].round(3).tolist()
    [0.058, 0.139, 1.0]
    """
    positive, y_score = _check_scores(y_true, y_score)
    patients = group_codes(groups, positive.size, caller="roc_band")
    tpr = _rates(positive, y_score, np.ones((1, positive.size)))[0]
    n_positive, n_negative = (np.unique(patients[part]).size for part in (positive, ~positive))
    if min(n_positive, n_negative) < 2:
        return RocBand(_GRID.copy(), tpr, np.full(101, np.nan), np.full(101, np.nan))
    n_patients = patients.max() + 1
    rng = np.random.default_rng(draw_seed(random_state))
    drawn = rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_resamples)
    variance = np.nanvar(_rates(positive, y_score, drawn[:, patients]), axis=0)
    # One hit and one miss more: a rate of 1 that varies must not look like that of a single image.
    shrunk = (tpr * n_positive + 1) / (n_positive + 2)
    with np.errstate(divide="ignore"):  # infinite where the curve does not vary
        effective = np.clip(shrunk * (1 - shrunk) / variance, 1.0, n_positive)
    df = min(n_positive, n_negative) - 1
    low, high = wilson_bounds(tpr, effective, stats.t.ppf((1 + confidence_level) / 2, df))
    low[-1] = 1.0  # every image is called positive there, whatever the patients
    return RocBand(_GRID.copy(), tpr, low, high)


def _rates(positive, score, weights):
    """True-positive rates on the grid for each weighting, NaN where a class has no weight."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))  # ties pass together
    weights, positive = weights[:, order], positive[order]
    hits = np.cumsum(weights * positive, axis=1)[:, ends]
    misses = np.cumsum(weights * ~positive, axis=1)[:, ends]
    rates = np.full((len(weights), _GRID.size), np.nan)
    for row in np.flatnonzero((hits[:, -1] > 0) & (misses[:, -1] > 0)):
        # The threshold that admits the most images without passing the false-positive rate.
        allowed = _GRID * misses[row, -1] + 1e-9
        place = np.searchsorted(misses[row], allowed, side="right")
        rates[row] = np.append(0, hits[row])[place] / hits[row, -1]
    return rates


def _check_scores(y_true, y_score):
    y_true, y_score = np.asarray(y_true), np.asarray(y_score, dtype=float)
    if y_true.ndim != 1 or y_true.size == 0 or y_true.shape != y_score.shape:
        raise ValueError(
            "The 'y_true' and 'y_score' parameters of roc_band must be 1-D arrays of the same"
            f" length, at least 1. Got shapes {y_true.shape} and {y_score.shape} instead."
        )
    odd = y_true[~np.isin(y_true, (0, 1))]
    if odd.size:
        raise ValueError(
            "The 'y_true' parameter of roc_band must hold 0 and 1 only. Got"
            f" {odd[0]!r} in it instead: pass y == positive_label."
        )
    if not np.isfinite(y_score).all():
        raise ValueError(
            "The 'y_score' parameter of roc_band must hold finite numbers. Got"
            f" {y_score[~np.isfinite(y_score)][0]} in it instead."
        )
    return y_true.astype(bool), y_score
