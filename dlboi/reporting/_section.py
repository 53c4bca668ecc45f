"""A part of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from dlboi.reporting._figure import Figure
from dlboi.reporting._table import Table


@dataclass(frozen=True)
class Section:
    """A part of a page: a heading, text, tables and figures, in this order.

    Parameters
    ----------
    title : str
        Heading.

    text : str, default=""
        Plain text. Empty lines separate paragraphs.

    tables : sequence of Table, default=()
        Tables.

    figures : sequence of Figure, default=()
        Figures.
    """

    title: str
    text: str = ""
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
