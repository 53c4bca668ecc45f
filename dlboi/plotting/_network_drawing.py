"""The boxes and arrows of a structure diagram."""

from textwrap import wrap

from dlboi.plotting._style import WIDTH, plain

# Fill and edge by family: pale and dark tones of one hue of the palette.
_COLORS = {
    "input": ("#FFFFFF", "#333333"),
    "convolution": ("#CDE8F8", "#0072B2"),
    "linear": ("#FBE6BD", "#9A6A00"),
    "pooling": ("#C9EBDF", "#00795A"),
    "activation": ("#F3DCE9", "#A04C7A"),
    "normalisation": ("#F7D7C0", "#B04E00"),
}
_OTHER = ("#E6E6E6", "#555555")

# Inches.
CELL, BOX_WIDTH, BOX_HEIGHT, ROW, FOOT = WIDTH / 5, 1.28, 0.98, 1.32, 0.34


def scale_in(ax, width, height):
    """How much smaller than its own figure the diagram has to be in the user's axes."""
    room = ax.get_position().size * ax.figure.get_size_inches()
    return min(1.0, room[0] / width, room[1] / height)


def draw_box(ax, place, block, scale):
    """Draw one box about `place`, with its lines of text."""
    from matplotlib.patches import FancyBboxPatch

    x, y = place
    is_input = block.kinds == ("Input",)
    fill, edge = _COLORS.get("input" if is_input else block.family, _OTHER)
    ax.add_patch(
        FancyBboxPatch(
            (x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2),
            BOX_WIDTH,
            BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.07",
            facecolor=fill,
            edgecolor=edge,
            linewidth=1.3 * scale,
            linestyle="--" if block.frozen else "-",
        )
    )
    others = " ".join(f"+{kind}" for kind in block.kinds[1:])
    lines = [
        (block.name, 7.5, "normal"),
        (block.kinds[0], 9.5, "bold"),
        *((line.replace("+", "+ "), 7.5, "normal") for line in wrap(others, 20)),
        ("\N{MULTIPLICATION SIGN}".join(map(str, block.shape)), 8.5, "normal"),
        ("" if is_input else f"{block.n_parameters:,} parameters", 7.5, "normal"),
    ]
    lines = [line for line in lines if line[0]]
    spacing = min(0.175, BOX_HEIGHT / (len(lines) + 0.3))
    for position, (text, size, weight) in enumerate(lines):
        text, size = _fitted(text, size, weight)
        height = y + (len(lines) / 2 - position - 0.5) * spacing
        draw_text(ax, (x, height), text, size * scale, weight)


def draw_text(ax, place, text, size, weight):
    """Write `text` centred on `place`."""
    # All text lies within the axes: the layout need not measure it.
    text = ax.text(*place, text, fontsize=size, fontweight=weight, in_layout=False)
    text.set(ha="center", va="center")
    plain(text)


def _fitted(text, size, weight):
    """Shrink the text to the box's width, to no less than 6.5 points, then cut its front."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    room = 72 * (BOX_WIDTH - 0.14)

    def width_of(text, size):
        font = FontProperties(weight=weight, size=size)
        return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]

    size = max(6.5, size * min(1.0, room / width_of(text, size)))
    if width_of(text, size) > room + 1e-6:
        while width_of("…" + text, size) > room:
            text = text[1:]
        text = "…" + text
    return text, size


def draw_arrow(ax, start, end, scale):
    """Draw an arrow between two boxes that follow each other."""
    style = {"arrowstyle": "-|>", "color": "0.25", "linewidth": scale, "shrinkA": 0, "shrinkB": 0}
    if start[1] == end[1]:
        tail, head = (start[0] + BOX_WIDTH / 2, start[1]), (end[0] - BOX_WIDTH / 2, end[1])
    else:
        # To the next row: down from the last box, and along the gap to above the first one.
        tail, head = (end[0], (start[1] + end[1]) / 2), (end[0], end[1] + BOX_HEIGHT / 2)
        corners = [(start[0], start[1] - BOX_HEIGHT / 2), (start[0], tail[1]), tail]
        ax.plot(*zip(*corners, strict=True), color="0.25", linewidth=scale)
    ax.annotate("", head, tail, arrowprops={**style, "mutation_scale": 10 * scale})
