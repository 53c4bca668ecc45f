"""The estimate of one thing that may cost accuracy."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from dlboi.metrics import MeanInterval


class Effect(NamedTuple):
    """An effect, its 95 % interval, and the p-value of there being none.

    Parameters
    ----------
    estimate : float
        Accuracy that is lost, as a fraction: 0.05 are five points. Negative where it is gained.

    low, high : float
        Bounds of the 95 % interval; NaN where the images do not tell how sure the estimate is.

    p_value : float
        One-sided p-value of the hypothesis that the effect is zero or negative; NaN where `low` is.
    """

    estimate: float
    low: float
    high: float
    p_value: float

    @classmethod
    def from_interval(cls, interval: MeanInterval) -> "Effect":
        """Take over an interval, whose p-value is two-sided.

        Parameters
        ----------
        interval : MeanInterval
            Of the effect.

        Returns
        -------
        effect : Effect
        """
        half = interval.p_value / 2
        return cls(*interval[:3], float(half if interval.estimate > 0 else 1 - half))

    def widened(self, factor: float) -> "Effect":
        """Return the effect with a wider interval, and the p-value that belongs to it.

        Parameters
        ----------
        factor : float
            By which both sides of the interval are multiplied, 1 or more. The normal quantile of
            the p-value is divided by it.

        Returns
        -------
        effect : Effect
        """
        sides = np.array([self.low, self.high]) - self.estimate
        low, high = np.clip(self.estimate + factor * sides, -1, 1)
        p_value = stats.norm.sf(stats.norm.isf(self.p_value) / factor)
        return Effect(self.estimate, float(low), float(high), float(p_value))

    @classmethod
    def unknown(cls, estimate: float = np.nan) -> "Effect":
        """Return an effect without bounds."""
        return cls(float(estimate), np.nan, np.nan, np.nan)
