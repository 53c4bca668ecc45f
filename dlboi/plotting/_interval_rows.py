"""Estimates with their intervals, one a row, from top to bottom."""

import numpy as np

from dlboi.plotting._style import plain, wrapped

_NAME_WIDTH = 30


def row_arrays(caller, shape, **arrays):
    """Return arrays of floats of the same shape, whose names errors give.

    Parameters
    ----------
    caller : str
        What an error names.

    shape : tuple of int
        Shape that each must have.

    **arrays : array-like
        The arrays by the names of their parameters.

    Returns
    -------
    list of ndarray
    """
    checked = []
    for name, values in arrays.items():
        values = np.asarray(values, dtype=float)
        if values.shape != shape:
            raise ValueError(
                f"The '{name}' parameter of {caller} must have shape {shape}. Got shape "
                f"{values.shape} instead."
            )
        checked.append(values)
    return checked


def row_names(caller, names):
    """Return the names of the rows, each once, of which there must be one at least."""
    names = [str(name) for name in names]
    if not names or len(set(names)) != len(names):
        raise ValueError(
            f"The 'names' parameter of {caller} must hold at least one name, each once. Got "
            f"{names} instead."
        )
    return names


def label_rows(ax, names):
    """Write the names of rows at 0, 1, 2 and so on beside the axes, the first on top."""
    ax.set_yticks(range(len(names)), [wrapped(name, _NAME_WIDTH) or " " for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.3)
    plain(*ax.get_yticklabels())


def draw_estimates(ax, places, estimates, lows, highs, *, color, marker="D", label=None):
    """Draw estimates with their intervals; those without are hollow, and those missing left out."""
    places = np.asarray(places, dtype=float)
    shown = np.isfinite(estimates) & np.isfinite(lows) & np.isfinite(highs)
    if shown.any():
        ax.hlines(places[shown], lows[shown], highs[shown], color=color, lw=2)
        for bounds in (lows, highs):
            ax.plot(bounds[shown], places[shown], "|", color=color, ms=9, mew=2)
        ax.plot(estimates[shown], places[shown], marker, color=color, ms=6, label=label)
        label = None
    bare = ~shown & np.isfinite(estimates)
    if bare.any():
        style = {"color": color, "ms": 6, "mfc": "white", "label": label}
        ax.plot(estimates[bare], places[bare], marker, **style)


def beside(ax, place, text, **options):
    """Write a text to the right of the axes, in the row at `place`."""
    where = {"transform": ax.get_yaxis_transform(), "ha": "left", "va": "center"}
    return ax.text(1.02, place, text, **where, **options)
