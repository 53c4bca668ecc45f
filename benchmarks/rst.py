"""Tables in reStructuredText."""

from dlboi.reporting import Table


def csv_table(table: Table) -> list[str]:
    """Return the lines of a csv-table below its caption.

    Parameters
    ----------
    table : Table
        Numbers are written as on a page.

    Returns
    -------
    list of str
        The last one is empty.
    """
    header = ", ".join(_quoted(name) for name in table.columns)
    lines = [table.caption, "", ".. csv-table::", f"   :header: {header}", ""]
    lines += [f"   {', '.join(_quoted(cell) for cell in cells)}" for cells in table.rows]
    return [*lines, ""]


def _quoted(text):
    doubled = str(text).replace('"', '""').replace("*", r"\*")
    return f'"{doubled}"'
