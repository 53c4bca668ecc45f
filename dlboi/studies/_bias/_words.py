"""Effects and shares in sentences."""

import numpy as np


def points(value: float) -> str:
    """Return a fraction in points, e.g. "3.1"."""
    if np.isnan(value):
        return "n/a"
    rounded = round(100 * float(value), 1) + 0.0  # no "−0.0"
    return f"{rounded:.1f}".replace("-", "−")


def percent(value: float) -> str:
    """Return a fraction in percent, e.g. "95.2 %"."""
    return "n/a" if np.isnan(value) else f"{100 * value:.1f} %"


def with_bounds(effect) -> str:
    """Return an effect in points with its interval, e.g. "3.1 (1.2 to 5.0)".

    Parameters
    ----------
    effect : Effect
        As a fraction.

    Returns
    -------
    str
    """
    if np.isnan(effect.estimate):
        return "n/a"
    if np.isnan(effect.low):
        return f"{points(effect.estimate)} (no interval)"
    return f"{points(effect.estimate)} ({points(effect.low)} to {points(effect.high)})"


def lost_or_gained(effect) -> str:
    """Return an effect with its interval, e.g. "3.1 points lost (95 % interval 1.2 to 5.0)".

    Parameters
    ----------
    effect : Effect
        Lost accuracy, as a fraction.

    Returns
    -------
    str
    """
    estimate, low, high = effect[:3]
    if estimate < 0:
        estimate, low, high = -estimate, -high, -low
    change = "lost" if effect.estimate >= 0 else "gained"
    interval = "no interval can be given"
    if not np.isnan(low):
        interval = f"95 % interval {points(low)} to {points(high)}"
    return f"{points(estimate)} points {change} ({interval})"
