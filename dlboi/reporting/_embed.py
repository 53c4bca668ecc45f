"""Figures as elements of HTML: the same bytes for the same figure, and nothing from outside."""

import base64
import io
import re

from markupsafe import Markup, escape

_DPI = 144
# Pixels of CSS an inch, and the width below which text would get too small: the box then scrolls.
_PIXELS_PER_INCH, _LEAST_WIDTH = 96, 680


def as_svg(figure, alt, prefix):
    """Return the figure as an SVG element whose identifiers begin with `prefix`."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "dlboi", "svg.fonttype": "path"}):
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata=nothing)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    # Comments repeat the text of labels; the style would hold for the whole page.
    svg = re.sub(r"<!--.*?-->|<style.*?</style>|<defs>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}", svg)
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]) / 72 * _PIXELS_PER_INCH
    view_box = re.search(r'viewBox="([^"]*)"', svg)[1]
    start = Markup(
        '<svg role="img" aria-label="{}" viewBox="{}" style="{};stroke-linejoin:round">'
    ).format(alt, view_box, _size(width))
    return start + Markup(svg[svg.index(">") + 1 :].strip())


def as_png(figure):
    """Return the bytes of the figure as a PNG."""
    buffer = io.BytesIO()
    nothing = {"Software": None}
    figure.savefig(buffer, format="png", dpi=_DPI, bbox_inches="tight", metadata=nothing)
    return buffer.getvalue()


def as_img(figure, alt):
    """Return the figure as a PNG in an img element."""
    png = as_png(figure)
    width = int.from_bytes(png[16:20], "big") / _DPI * _PIXELS_PER_INCH
    data = base64.b64encode(png).decode()
    return Markup('<img alt="{}" style="{}" src="data:image/png;base64,{}">').format(
        escape(alt), _size(width), data
    )


def _size(width):
    return f"width:100%;max-width:{width:.0f}px;min-width:{min(width, _LEAST_WIDTH):.0f}px"
