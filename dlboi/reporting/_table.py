"""A table, for a page, for Markdown, for LaTeX and for CSV."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlboi.reporting._csv_text import csv_text
from dlboi.reporting._format import format_column, is_number
from dlboi.reporting._latex import default_label, table_in_latex
from dlboi.reporting._markdown import escape_markdown


@dataclass(frozen=True)
class Table:
    """A table with named columns and a caption.

    Parameters
    ----------
    columns : mapping of str to sequence
        Columns of the same length by their names, in order. The first one names the rows.

    caption : str
        What the table shows, in a sentence.

    Raises
    ------
    ValueError
        Where there is no column, or columns differ in length.

    Notes
    -----
    Numbers of a column are written with the same number of decimals, four significant digits for
    the largest, and NaN and None as "n/a"; CSV has them in full, and empty where missing.

    Examples
    --------
    >>> from dlboi.reporting import Table
    >>> table = Table({"model": ["CNN", "GAP"], "accuracy": [0.935, 0.91872]}, "Validation images")
    >>> print(table.to_markdown())
    Validation images
    <BLANKLINE>
    | model | accuracy |
    | --- | ---: |
    | CNN | 0.9350 |
    | GAP | 0.9187 |
    """

    columns: Mapping[str, Sequence[Any]]
    caption: str

    def __post_init__(self):
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(
                "The 'columns' parameter of Table must hold at least one column, and columns of the"
                f" same length. Got the lengths {lengths} instead."
            )

    @property
    def are_numbers(self) -> list[bool]:
        """Whether each column holds numbers alone, which are aligned to the right."""
        return [all(map(is_number, column)) for column in self.columns.values()]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows as they are shown."""
        return list(zip(*map(format_column, self.columns.values()), strict=True))

    def to_markdown(self) -> str:
        """Write the table in Markdown (GitHub's), below its caption.

        Returns
        -------
        text : str
        """
        rules = ("---:" if is_right else "---" for is_right in self.are_numbers)
        lines = [map(escape_markdown, self.columns), rules]
        lines += [map(escape_markdown, row) for row in self.rows]
        return "\n".join(
            [escape_markdown(self.caption), "", *(f"| {' | '.join(cells)} |" for cells in lines)]
        )

    def to_latex(self, *, label: str | None = None) -> str:
        r"""Write the table in LaTeX, with the rules of the package booktabs.

        Parameters
        ----------
        label : str, default=None
            What `\ref` calls the table. None makes "tab:" and the first words of the caption.

        Returns
        -------
        text : str
            A `table` environment, its caption above. Text is shown as it is, never read as
            commands; numbers are aligned to the right.

        Raises
        ------
        ValueError
            Where `label` holds other characters than letters, digits and `:.-+/`.

        Notes
        -----
        The preamble needs `\usepackage{booktabs}`. Letters beyond those of European languages
        need LuaLaTeX or XeLaTeX.

        Examples
        --------
        >>> from dlboi.reporting import Table
        >>> table = Table({"model": ["CNN", "GAP"], "gain (%)": [1.25, -0.5]}, "Test images")
        >>> print(table.to_latex(label="tab:gain"), end="")
        \begin{table}
        \centering
        \caption{Test images}
        \label{tab:gain}
        \begin{tabular}{lr}
        \toprule
        model & gain (\%) \\
        \midrule
        CNN & 1.250 \\
        GAP & $-$0.500 \\
        \bottomrule
        \end{tabular}
        \end{table}
        """
        label = default_label(self.caption) if label is None else label
        if not re.fullmatch(r"[A-Za-z0-9:.+/-]+", label):
            raise ValueError(
                "The 'label' parameter of Table.to_latex must consist of letters, digits and any of"
                f" ':.-+/'. Got {label!r} instead."
            )
        return table_in_latex(self, label)

    def to_csv(self) -> str:
        """Write the columns in CSV, text in quotes and numbers in full.

        Text that a spreadsheet would execute, as it begins with one of ``=+-@`` and is no number,
        has an apostrophe before it.

        Returns
        -------
        text : str
        """
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(map(_csv, self.columns))
        columns = ([_csv(value) for value in column] for column in self.columns.values())
        writer.writerows(zip(*columns, strict=True))
        return buffer.getvalue()


def _csv(value):
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str):
        return csv_text(value)
    return "" if value is None or value != value else value
