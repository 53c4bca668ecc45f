"""Colours, lines and axes that all displays share."""

import textwrap
from types import MappingProxyType

import numpy as np

# Okabe and Ito (2008), Color universal design, without yellow, which is too pale for lines.
PALETTE = MappingProxyType(
    {
        "blue": "#0072B2",
        "vermillion": "#D55E00",
        "green": "#009E73",
        "purple": "#CC79A7",
        "sky": "#56B4E9",
        "orange": "#E69F00",
        "black": "#000000",
    }
)

# Curves differ in colour, dash and marker, so that grey print keeps them apart.
CURVE_STYLES = tuple(
    {"color": PALETTE[color], "linestyle": dash, "marker": marker}
    for color, dash, marker in (
        ("blue", "-", "o"),
        ("vermillion", "--", "s"),
        ("green", "-.", "^"),
        ("purple", ":", "D"),
        ("black", (0, (5, 1, 1, 1, 1, 1)), "v"),
        ("orange", (0, (1, 1)), "P"),
        ("sky", (0, (8, 3)), "X"),
    )
)


def curve_style(position):
    """Return the style of the curve at `position`; all of 42 differ, whatever their number."""
    n_styles = len(CURVE_STYLES)
    turn = position // n_styles % (n_styles - 1)
    # Beyond the first ones a colour comes again, with another dash and marker.
    return {
        **CURVE_STYLES[(position + turn) % n_styles],
        "color": CURVE_STYLES[position % n_styles]["color"],
    }


WIDTH = 7.6
"""Width in inches of a figure that a display makes: what a page or a column of text holds."""


def new_axes(n_rows=1, n_columns=1, *, figsize):
    """Return an array of new axes of shape (n_rows, n_columns) in a figure of its own."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(n_rows, n_columns, figsize=figsize, layout="constrained", squeeze=False)
    return axes


def given_axes(axes, n_wanted, caller):
    """Return the user's `axes` as a flat array, of which there must be at least `n_wanted`."""
    axes = np.ravel(np.asarray(axes, dtype=object))
    if axes.size < n_wanted:
        raise ValueError(
            f"The 'axes' parameter of {caller} must hold at least {n_wanted} axes."
            f" Got {axes.size} instead."
        )
    return axes


def epoch_axis(ax, epochs):
    """Label the epochs, with whole numbers and without an epoch 0."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("Epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    room = 0.5 + 0.02 * np.ptp(epochs)
    ax.set_xlim(np.min(epochs) - min(room, 0.95), np.max(epochs) + room)
    ax.grid(alpha=0.3)


def draw_title(figure, title):
    """Set the title of the figure, broken to its width."""
    width = int(figure.get_figwidth() * 11)
    lines = [wrapped(line, width) for line in title.split("\n")]
    plain(figure.suptitle("\n".join(lines), fontsize=11))


def title_height(titles, width, fontsize=9):
    """Return the height in inches that the tallest of `titles` takes."""
    shown = [] if titles is None else [title for title in titles if title]
    lines = [wrapped(title, width).count("\n") + 1 for title in shown]
    return max(lines, default=0) * fontsize * 1.4 / 72 + 0.08


def wrapped(text, width):
    """Break `text` into lines of at most `width` characters, and so too its long words."""
    return "\n".join(textwrap.wrap(str(text), width)) if text else ""


def plain(*texts):
    """Show each text as it is; dollar signs of names are no formulas."""
    for text in texts:
        text.set_parse_math(False)
