"""What a study found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from dlboi.reporting import Page, Table
from dlboi.reporting._markdown import text_in_markdown
from dlboi.studies._result._file import read_study, write_study
from dlboi.studies._result._page import study_page, summary_table
from dlboi.studies._result._table import study_table


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Levels of a study, run on the same divisions with the same seeds, and how they fared.

    Attributes
    ----------
    names : list of str
        The levels.
    reference : str
        The level that the others are compared with.
    metric : {"accuracy", "balanced_accuracy"}
        What is compared.
    classes : list of str
        Names of the classes, in the order of the columns of probabilities.
    runs : dict of str to ndarray of shape (n_runs,)
        One entry a run: ``level``, ``repeat``, ``fold``, ``seed``, ``error`` (empty where the run
        came to its end), ``n_train``, ``n_validation``, ``n_test``, ``n_parameters``, ``n_epochs``,
        ``best_epoch`` with ``train_loss``, ``train_accuracy`` (means over that epoch),
        ``validation_loss`` and ``validation_accuracy``; ``test_accuracy``; the balanced accuracies;
        ``train_seconds`` (of the fit, without validation), ``validation_seconds``,
        ``predict_seconds``; ``train_ms_per_image`` (and epoch) and ``predict_ms_per_image``. NaN
        where there is none.
    arrays : list of dict of str to ndarray
        One entry a run: ``history/<key>`` by epoch, and ``<part>_predicted`` (codes of the
        classes), ``<part>_proba`` and ``<part>_index`` of the parts ``validation`` and ``test``.
    truth : dict of str to ndarray
        True class, as a code, of the images that the parts are taken from.
    patients : dict of str to ndarray
        Patient of the same images, where they are known.
    settings : dict of str to str
        How it all came about.
    findings : list of str
        What the study concludes, in sentences.
    tables : dict of str to dict of str to ndarray
        Further tables, by their captions.
    """

    names: list
    reference: str
    metric: str
    classes: list
    runs: dict
    arrays: list
    truth: dict
    patients: dict
    settings: Mapping
    findings: list = field(default_factory=list)
    tables: dict = field(default_factory=dict)

    def __repr__(self):
        errors = np.count_nonzero(self.runs["error"] != "")
        failed = f", {errors} failed" if errors else ""
        return f"<StudyResult: {', '.join(self.names)}; {len(self.arrays)} runs{failed}>"

    # ------------------------------------------------------------------------------------ runs

    @cached_property
    def table(self) -> dict:
        """One row a level: means, intervals, paired differences (:func:`study_table`)."""
        return study_table(self)

    @cached_property
    def histories(self) -> dict:
        """Histories of the runs of each level, as ``history_`` of a classifier."""
        return {
            name: [
                {
                    key.removeprefix("history/"): values
                    for key, values in self.arrays[run].items()
                    if key.startswith("history/")
                }
                for run in self.done(name)
            ]
            for name in self.names
        }

    @property
    def scored(self) -> list[str]:
        """The parts that were predicted: validation, test."""
        return [part for part in ("validation", "test") if part in self.truth]

    @property
    def common(self) -> list[str]:
        """The parts that are the same images in all runs."""
        return [part for part in self.scored if len(self._divisions(part)) == 1]

    def done(self, name: str) -> np.ndarray:
        """Return the numbers of the runs of a level that came to their end."""
        return np.flatnonzero((self.runs["level"] == name) & (self.runs["error"] == ""))

    def pairs(self, reference: str, name: str) -> list[tuple[int, int]]:
        """Return the runs of two levels that share their division and seed."""
        place = {self._place(run): run for run in self.done(reference)}
        return [(place[self._place(r)], r) for r in self.done(name) if self._place(r) in place]

    def correct(self, run: int, part: str) -> np.ndarray:
        """Return which images of a part a run predicted correctly."""
        return self.arrays[run][f"{part}_predicted"] == self.truth_of(run, part)

    def truth_of(self, run: int, part: str) -> np.ndarray:
        """Return the true classes of the images of a part, as codes."""
        return self.truth[part][self._index(run, part)]

    def groups_of(self, run: int, part: str) -> np.ndarray | None:
        """Return the patients of the images of a part, or None where they are not known."""
        return self.patients[part][self._index(run, part)] if part in self.patients else None

    def _divisions(self, part):
        indices = (arrays.get(f"{part}_index") for arrays in self.arrays)
        return {None if index is None else index.tobytes() for index in indices}

    def _index(self, run, part):
        return self.arrays[run].get(f"{part}_index", slice(None))

    def _place(self, run):
        return int(self.runs["repeat"][run]), int(self.runs["fold"][run])

    # --------------------------------------------------------------------------------- figures

    def plot(self, ax=None):
        """Draw the levels with their intervals, and the single runs as dots.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            None makes a figure.

        Returns
        -------
        StudyDisplay
        """
        from dlboi.studies._result._figures import draw_levels

        return draw_levels(self, ax)

    def plot_curves(self, axes=None):
        """Draw loss and accuracy of all levels against the epoch: mean and band over the runs.

        Parameters
        ----------
        axes : sequence of matplotlib.axes.Axes, default=None
            None makes a figure.

        Returns
        -------
        StudyCurvesDisplay

        Raises
        ------
        ValueError
            No level has a history: its estimators are not dlboi's.
        """
        from dlboi.studies._result._figures import draw_curves

        return draw_curves(self, axes)

    # ---------------------------------------------------------------------------------- output

    def summary(self) -> Table:
        """Return the table as people read it, with intervals in brackets.

        Returns
        -------
        Table
        """
        return summary_table(self)

    def to_markdown(self) -> str:
        """Return findings and tables in Markdown."""
        said = map(text_in_markdown, self.findings)
        return "\n\n".join([*said, *(table.to_markdown() for table in self._tables())])

    def to_csv(self) -> str:
        """Return the table in CSV, numbers in full."""
        return Table(self.table, "").to_csv()

    def to_latex(self) -> str:
        """Return the tables in LaTeX."""
        return "\n\n".join(table.to_latex() for table in self._tables())

    def to_frame(self):
        """Return the table as a pandas DataFrame.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas: pip install pandas. The table is also a dict of arrays, "
                "`result.table`."
            ) from error
        return pd.DataFrame(self.table).set_index("level")

    def to_page(self, title: str = "Study") -> Page:
        """Return a page with the findings, tables, figures and settings.

        Parameters
        ----------
        title : str, default="Study"
            Its title.

        Returns
        -------
        Page
            ``page.save("study.html")`` writes it.
        """
        return study_page(self, title)

    def save(self, path) -> None:
        """Write the whole result to a file that :meth:`load` reads.

        Parameters
        ----------
        path : str or path-like
            File to write, in numpy's npz format; one that is there is replaced.

        Raises
        ------
        MissingPathError
            The folder is not there.
        """
        write_study(self, path)

    @classmethod
    def load(cls, path) -> "StudyResult":
        """Read a result that :meth:`save` has written. Nothing in the file is executed.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        StudyResult

        Raises
        ------
        MissingPathError
            There is no such file.
        ModelFileError
            The file is damaged, or `save` did not write it.
        """
        return cls(**read_study(path))

    def _tables(self):
        further = [Table(columns, caption) for caption, columns in self.tables.items()]
        return [self.summary(), *further]
