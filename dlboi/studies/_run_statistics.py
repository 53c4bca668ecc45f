"""Means over the runs of a study, of what its table does not hold."""

from collections.abc import Mapping

import numpy as np

from dlboi.metrics import MeanInterval
from dlboi.metrics._t_interval import t_interval

#: Spread, as a share of the largest value, that differences of equal scores have by rounding.
_ROUNDING = 1e-12

#: What the intervals of this file are for, to be said beside them.
HOLDS_FOR = "95 % intervals over the runs, for new seeds and divisions of these images"


def over_runs(values) -> MeanInterval:
    """Return the mean of one value a run, with Student's t interval.

    Parameters
    ----------
    values : array-like of shape (n_runs,)
        Those that are not finite are left out.

    Returns
    -------
    MeanInterval
        All NaN without a value; bounds and p-value NaN with one, or with values that are equal but
        for rounding.
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return MeanInterval(*[np.nan] * 4)
    varies = np.ptp(values) > _ROUNDING * np.abs(values).max()
    error = values.std(ddof=1) / np.sqrt(len(values)) if varies else np.nan
    return t_interval(values.mean(), error, len(values) - 1, 0.95)


def of_level(result, name: str, values: np.ndarray) -> MeanInterval:
    """Return the mean over the runs of a level.

    Parameters
    ----------
    result : StudyResult
        The study.
    name : str
        The level.
    values : ndarray of shape (n_runs,)
        One value for each run of the study.

    Returns
    -------
    MeanInterval
    """
    return over_runs(values[result.done(name)])


def difference(result, name: str, values: np.ndarray, reference: str | None = None) -> MeanInterval:
    """Return the mean difference of a level to another one, of runs that share division and seed.

    Parameters
    ----------
    result : StudyResult
        The study.
    name : str
        The level.
    values : ndarray of shape (n_runs,)
        One value for each run of the study.
    reference : str, default=None
        The other level; None takes that of the study.

    Returns
    -------
    MeanInterval
    """
    pairs = result.pairs(reference or result.reference, name)
    return over_runs([values[run] - values[other] for other, run in pairs])


def table_of_means(
    result, quantities: Mapping[str, np.ndarray], *, within=(-np.inf, np.inf)
) -> dict[str, np.ndarray]:
    """Return columns with the mean of each quantity, for each level, beside its difference.

    Parameters
    ----------
    result : StudyResult
        The study.
    quantities : mapping of str to ndarray of shape (n_runs,)
        One value for each run of the study, by name.
    within : tuple of (float, float), default=(-inf, inf)
        Least and largest value that the quantities can have: bounds of the means end there.

    Returns
    -------
    dict of str to ndarray
        ``quantity``, ``level``, ``mean``, ``low``, ``high``, and the paired ``difference`` to the
        reference with its ``difference low`` and ``difference high``.
    """
    rows = []
    for quantity, values in quantities.items():
        for name in result.names:
            apart = [np.nan] * 3
            if name != result.reference:
                apart = difference(result, name, values)[:3]
            mean, *bounds = of_level(result, name, values)[:3]
            rows.append((quantity, name, mean, *np.clip(bounds, *within), *apart))
    names = ("quantity", "level", "mean", "low", "high")
    names += ("difference", "difference low", "difference high")
    return {
        name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
