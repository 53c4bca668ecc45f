"""Numbers and lists in sentences and tables."""

import numpy as np

from dlboi.reporting._format import MISSING

_N_NAMED = 3


def with_interval(estimate: float, low: float, high: float, *, sign: str = "") -> str:
    """Return an estimate with its interval, e.g. "0.935 (0.902 to 0.957)".

    Parameters
    ----------
    estimate, low, high : float
        NaN where there is none.
    sign : {"", "+"}, default=""
        ``"+"`` writes the sign of positive numbers.

    Returns
    -------
    str
        "n/a" stands for what is missing.
    """
    if not np.isfinite(estimate):
        return MISSING
    bounds = f"{low:{sign}.3f} to {high:{sign}.3f}" if np.isfinite([low, high]).all() else MISSING
    return f"{estimate:{sign}.3f} ({bounds})"


def p_text(p_value: float) -> str:
    """Return a p-value, e.g. "0.012", and "n/a" where there is none."""
    if np.isnan(p_value):
        return MISSING
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def span(values) -> str:
    """Return the smallest and the largest of whole numbers, e.g. "32 to 64", or the only one."""
    low, high = int(min(values)), int(max(values))
    return str(low) if low == high else f"{low} to {high}"


def counted(number: int, what: str) -> str:
    """Return e.g. "1 image", "2 images"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(items) -> str:
    """Return items as a list in a sentence, e.g. "a, b and c"."""
    items = list(items)
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def named(items) -> str:
    """Return the first three of several items and the number of others: "a, b, c and 2 more"."""
    shown = ", ".join(str(item) for item in items[:_N_NAMED])
    return f"{shown} and {len(items) - _N_NAMED:,} more" if len(items) > _N_NAMED else shown


def as_sentence(text: str) -> str:
    """Return a text with a capital in front and a full stop behind."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
