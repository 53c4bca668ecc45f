"""How numbers are written, in tables and settings alike."""

import math
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np

MISSING = "n/a"


def is_number(value):
    """Whether a value is a number to be aligned with others, or missing from a row of them."""
    return value is None or (isinstance(value, Real) and not isinstance(value, bool | np.bool_))


def format_value(value):
    """Write one value: four significant digits, thousands separated, "n/a" where missing."""
    if value is None:
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if isinstance(value, Real):
        return _format_float(float(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {format_value(item)}" for name, item in value.items())
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(format_value(item) for item in value) or "none"
    return str(value)


def format_column(values):
    """Write the values of a column, real numbers with as many decimals as one another.

    The largest gets four significant digits, and proportions four decimals. Where that would leave
    few digits of the smallest one, each number stands for itself.
    """
    reals = [float(v) for v in values if is_number(v) and v is not None]
    sizes = [abs(number) for number in reals if math.isfinite(number) and number != 0]
    all_whole = all(number == int(number) for number in reals if math.isfinite(number))
    wide = sizes and not all_whole and max(sizes) >= 1e4 * min(sizes)
    if not sizes or wide or min(sizes) < 1e-3 or max(sizes) >= 1e15:
        return [format_value(value) for value in values]
    decimals = 0 if all_whole else max(0, 4 - math.ceil(math.log10(max(sizes))))
    return [
        f"{float(value):,.{decimals}f}"
        if is_number(value) and value is not None and math.isfinite(value)
        else format_value(value)
        for value in values
    ]


def _format_float(value):
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    if 1000 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa
