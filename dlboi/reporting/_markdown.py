"""A page and its text in Markdown (GitHub's)."""

import re
from pathlib import Path

from dlboi.exceptions import MissingPathError
from dlboi.reporting._format import format_value


def escape_markdown(text):
    """Escape what Markdown would read as markup; underscores within words it leaves alone."""
    text = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*|\[\]~$]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", text)


def paragraphs(text):
    """Return the paragraphs of a text, which empty lines separate."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def text_in_markdown(text):
    """Return plain text, whose paragraphs empty lines separate, as Markdown that shows it."""
    return "\n\n".join(map(_paragraph, paragraphs(text)))


def page_in_markdown(page, folder):
    """Return a page in Markdown; its figures go to the folder where there is one."""
    blocks = [f"# {escape_markdown(page.title)}", text_in_markdown(page.lead)]
    n_tables, figures = 0, []
    for section in page.sections:
        blocks += [f"## {escape_markdown(section.title)}", text_in_markdown(section.text)]
        for table in section.tables:
            n_tables += 1
            blocks.append(f"Table {n_tables}. {table.to_markdown()}")
        for figure in section.figures:
            figures.append(figure)
            blocks.append(_figure(figure, len(figures), folder))
    for heading, entries in (("Settings", page.settings), ("Versions", page.versions)):
        if entries:
            blocks += [f"## {heading}", _entries(entries)]
    if folder is not None:
        _write_figures(figures, Path(folder))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _paragraph(text):
    """Escape a paragraph, which must not begin as a heading, a list or a quotation does."""
    return re.sub(r"^(\d*)([#>+.)-])", r"\1\\\2", escape_markdown(text))


def _figure(figure, number, folder):
    caption = f"Figure {number}. {escape_markdown(figure.caption)}"
    if folder is None:
        return f"{caption} ({escape_markdown(figure.alt)})" if figure.alt else caption
    link = f"{Path(folder).name}/{_file_name(number)}"
    return f"![{escape_markdown(figure.alt)}](<{link}>)\n\n{caption}"


def _entries(entries):
    return "\n".join(
        f"- {escape_markdown(name)}: {escape_markdown(format_value(value))}"
        for name, value in entries.items()
    )


def _write_figures(figures, folder):
    if not folder.parent.is_dir():
        raise MissingPathError(
            f"The folder {str(folder.parent)!r} is not there. Make it, or write elsewhere."
        )
    folder.mkdir(exist_ok=True)
    for number, figure in enumerate(figures, start=1):
        (folder / _file_name(number)).write_bytes(figure.to_png())


def _file_name(number):
    return f"figure-{number}.png"
