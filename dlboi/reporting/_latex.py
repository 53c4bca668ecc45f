"""A table in LaTeX."""

import re
import unicodedata

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # else an option of the command before it
    "]": "{]}",
    '"': r"\symbol{34}",
    # What pdfLaTeX does not know of its own.
    "\N{MINUS SIGN}": "$-$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{GREEK SMALL LETTER LAMDA}": r"$\lambda$",
    "\N{GREEK SMALL LETTER MU}": r"$\mu$",
    "\N{MICRO SIGN}": r"$\mu$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    **{character: rf"\{character}" for character in "#$%&_{}"},
}


def escape_latex(text):
    """Write text so that LaTeX shows it as it is."""
    # A no-break space is kept; any other white space separates words.
    text = re.sub(r"[^\S\xa0]+", " ", str(text)).strip()
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    pieces = (_ESCAPES.get(character, character) for character in text)
    # Hyphens and quotation marks that touch would be joined into one sign.
    return "".join(
        f"{piece}{{}}" if piece in "-'`" and text[k + 1 : k + 2] == piece else piece
        for k, piece in enumerate(pieces)
    )


def latex_number(text):
    """Write a number, with a minus that is not a hyphen."""
    return re.sub("^-", "$-$", escape_latex(text))


def default_label(caption):
    """Return a label made of the first words of a caption."""
    plain = unicodedata.normalize("NFKD", caption).encode("ascii", "ignore").decode().lower()
    return "tab:" + ("-".join(re.findall("[a-z0-9]+", plain)[:5]) or "table")


def table_in_latex(table, label):
    """Return a table in LaTeX, in the style of the package booktabs."""
    writers = [latex_number if is_right else escape_latex for is_right in table.are_numbers]
    header = [escape_latex(name) for name in table.columns]
    body = [[write(cell) for write, cell in zip(writers, row, strict=True)] for row in table.rows]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape_latex(table.caption)}}}",
            rf"\label{{{label}}}",
            rf"\begin{{tabular}}{{{''.join('r' if r else 'l' for r in table.are_numbers)}}}",
            r"\toprule",
            _line(header),
            r"\midrule",
            *map(_line, body),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _line(cells):
    line = " & ".join(cells) + r" \\"
    # The command before the line would take a star as its own.
    return f"{{}}{line}" if line.startswith("*") else line
