"""A figure with its caption, as a part of a page."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from dlboi.reporting._embed import as_img, as_png, as_svg

# Above this an SVG, of a grid of images as a rule, is larger than its PNG.
_MAX_SVG_BYTES = 300_000


@dataclass(frozen=True)
class Figure:
    """A matplotlib figure with its caption.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure. It is neither changed nor closed.

    caption : str
        What the figure shows, in a sentence or two.

    alt : str
        What a person who cannot see it should know.
    """

    figure: Any
    caption: str
    alt: str

    def to_html(self, *, prefix: str = "") -> Markup:
        """Write the figure as an SVG element, or as a PNG image where that would be too large.

        Parameters
        ----------
        prefix : str, default=""
            Begins the identifiers within the SVG, which must be unique in a page.

        Returns
        -------
        element : markupsafe.Markup
        """
        svg = as_svg(self.figure, self.alt, prefix)
        return svg if len(svg.encode()) <= _MAX_SVG_BYTES else as_img(self.figure, self.alt)

    def to_png(self) -> bytes:
        """Write the figure as the bytes of a PNG file, the same for the same figure.

        Returns
        -------
        png : bytes
        """
        return as_png(self.figure)
