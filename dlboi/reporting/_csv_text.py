"""Text in CSV files, which spreadsheets open."""

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(text: str) -> str:
    """Return text that a spreadsheet does not compute.

    A cell that begins as a formula does is executed when the file is opened, and names of classes
    and files may have been chosen to that end [1]_.

    Parameters
    ----------
    text : str
        Contents of a cell.

    Returns
    -------
    text : str
        With an apostrophe before it where it begins as a formula and is no number.

    References
    ----------
    .. [1] OWASP, CSV injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    if not text.startswith(_BEGIN_FORMULAS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
