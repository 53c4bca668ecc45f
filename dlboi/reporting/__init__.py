"""One self-contained page from titles, text, tables and figures."""

from dlboi.reporting._environment import environment
from dlboi.reporting._figure import Figure
from dlboi.reporting._page import Page
from dlboi.reporting._section import Section
from dlboi.reporting._table import Table

__all__ = ["Figure", "Page", "Section", "Table", "environment"]
