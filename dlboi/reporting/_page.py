"""A page that a person can open, send and print."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlboi.exceptions import MissingPathError
from dlboi.reporting._environment import environment
from dlboi.reporting._format import format_value
from dlboi.reporting._markdown import page_in_markdown, paragraphs
from dlboi.reporting._section import Section
from dlboi.training._replacing import replacing


@dataclass(frozen=True)
class Page:
    """One HTML page that holds all it needs: text, tables, figures and settings.

    It loads nothing from elsewhere and runs no script. Names of classes and files, and all other
    text, are shown as they are, never read as HTML. The same contents give the same bytes.

    Parameters
    ----------
    title : str
        Title.

    lead : str
        Opening paragraph: what was asked and what came out. Empty lines separate paragraphs.

    sections : sequence of Section, default=()
        The parts of the page.

    settings : mapping of str to object, default={}
        Settings that gave the results, such as parameters and the seed; shown at the end.

    versions : mapping of str to str, default=environment()
        Versions of the software, shown after the settings.

    Examples
    --------
    >>> from dlboi.reporting import Page, Section, Table
    >>> table = Table({"model": ["CNN"], "accuracy": [0.935]}, "Validation images")
    >>> page = Page(
    ...     "ANN, CNN and GAP",
    ...     "The CNN is right on 94 % of the validation images.",
    ...     [Section("Accuracy", tables=[table])],
    ...     {"random_state": 0},
    ... )
    >>> "<h2>Accuracy</h2>" in page.to_html()
    True
    """

    title: str
    lead: str
    sections: Sequence[Section] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=environment)

    def to_html(self) -> str:
        """Write the page in HTML.

        Returns
        -------
        html : str
        """
        import jinja2

        jinja = jinja2.Environment(
            loader=jinja2.PackageLoader("dlboi.reporting"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        return jinja.get_template("page.html").render(
            page=self, paragraphs=paragraphs, format_value=format_value
        )

    def to_markdown(self, *, folder: str | os.PathLike | None = None) -> str:
        """Write the page in Markdown (GitHub's).

        Parameters
        ----------
        folder : str or path-like, default=None
            Folder for the figures: they are written to it as `figure-1.png`, `figure-2.png` and
            so on, and shown in the text, which belongs beside the folder. It is made where it is
            not there. None writes no file; captions and descriptions stand in their places.

        Returns
        -------
        text : str

        Raises
        ------
        MissingPathError
            Where the folder that is to hold `folder` is not there.

        Examples
        --------
        >>> from dlboi.reporting import Page, Section
        >>> page = Page("Loss", "It falls.", [Section("Slope", "Below 0.")], {"lr": 1e-3}, {})
        >>> print(page.to_markdown(), end="")
        # Loss
        <BLANKLINE>
        It falls.
        <BLANKLINE>
        ## Slope
        <BLANKLINE>
        Below 0.
        <BLANKLINE>
        ## Settings
        <BLANKLINE>
        - lr: 0.001
        """
        return page_in_markdown(self, folder)

    def save(self, path: str | os.PathLike) -> Path:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path-like
            File to write; a file that is there is replaced.

        Returns
        -------
        path : pathlib.Path

        Raises
        ------
        MissingPathError
            Where the folder is not there.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise MissingPathError(
                f"The folder {str(path.parent)!r} is not there. Make it, or save elsewhere."
            )
        # Names of files may hold bytes that are no text.
        data = self.to_html().encode(errors="replace")
        with replacing(path) as file:
            file.write(data)
        return path
