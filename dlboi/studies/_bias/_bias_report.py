"""What a study of dataset bias found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dlboi.bias._verdict import SUPPORTED, Verdict
from dlboi.reporting import Page, Table
from dlboi.reporting._markdown import text_in_markdown
from dlboi.studies._bias._bias_figures import FIGURES
from dlboi.studies._bias._bias_page import bias_page
from dlboi.studies._bias._bias_tables import table_columns, verdict_columns, verdict_table
from dlboi.studies._bias._lead import bias_lead
from dlboi.studies._bias._steps import Steps

_TABLES = (
    "inventory",
    "duplicates",
    "gap",
    "leakage",
    "label_shift",
    "covariate_shift",
    "harm",
    "selection",
    "shortcut",
    "decomposition",
    "verdicts",
)


@dataclass(frozen=True, eq=False, repr=False)
class BiasReport:
    """Verdicts on why a classifier does worse on test; see :func:`dataset_bias_study`.

    Attributes
    ----------
    verdicts : sequence of Verdict
        Named tuples `name`, `verdict` ("SUPPORTED", "NOT SUPPORTED" or "UNDECIDED"), `effect`
        (`estimate`, `low`, `high`, `p_value`), `p_adjusted`, `smallest`, `rule`, `reason`.
    steps : Steps
        ``steps.results`` has what each step returned, by its name (``"gap"``, ``"leakage"``, …),
        and ``steps.reasons`` why there is none.
    part_names : tuple of (str, str)
        Names of the training and the test part.
    whose, whose_in_full : str
        What the verdicts are about, the images or an estimator.
    duplicate_images : sequence of tuple of (ndarray, str)
        Images of some pairs of duplicates across the parts, with their titles.
    mean_images : sequence of tuple of (str, ndarray, ndarray)
        Name of a class, and its mean image of each part, grey, of shape (h, w).
    settings : mapping of str to object
        How it all came about: parameters, seed, sizes and hashes of the images.
    left_out : sequence of str
        What was left out for want of time, in sentences.
    """

    verdicts: Sequence[Verdict]
    steps: Steps
    part_names: tuple[str, str]
    whose: str
    whose_in_full: str
    duplicate_images: Sequence
    mean_images: Sequence
    settings: Mapping
    left_out: Sequence[str]

    def __repr__(self):
        found = [verdict.name for verdict in self.verdicts if verdict.verdict == SUPPORTED]
        return (
            f"<BiasReport: {len(self.verdicts)} verdicts; supported: {', '.join(found) or 'none'}>"
        )

    # -------------------------------------------------------------------------------- tables

    @cached_property
    def verdicts_(self) -> dict:
        """Columns of all verdicts, numbers in full; lost accuracy as fractions."""
        return verdict_columns(self.verdicts)

    @cached_property
    def inventory_(self) -> dict:
        """Columns: images, classes and patients by part."""
        return self._columns("inventory")

    @cached_property
    def duplicates_(self) -> dict:
        """Columns: pairs of duplicates."""
        return self._columns("duplicates", 1)

    @cached_property
    def gap_(self) -> dict:
        """Columns: scores in validation and on test, and their difference."""
        return self._columns("gap")

    @cached_property
    def leakage_(self) -> dict:
        """Columns: accuracy that images of one patient on both sides add."""
        return self._columns("leakage")

    @cached_property
    def label_shift_(self) -> dict:
        """Columns: shares of the classes, as they are and estimated from predictions."""
        return self._columns("label_shift")

    @cached_property
    def covariate_shift_(self) -> dict:
        """Columns: how well the parts are told apart within each class."""
        return self._columns("covariate_shift")

    @cached_property
    def harm_(self) -> dict:
        """Columns: what thresholds, ranking and the origin of the images cost."""
        return self._columns("harm", 1)

    @cached_property
    def selection_(self) -> dict:
        """Columns: the best candidate, and those chosen on other patients."""
        return self._columns("selection")

    @cached_property
    def shortcut_(self) -> dict:
        """Columns: what low-level statistics alone reach."""
        return self._columns("shortcut")

    @cached_property
    def decomposition_(self) -> dict:
        """Columns: the parts of the gap, which add up to it."""
        return self._columns("decomposition", 1)

    def _columns(self, step, position=0):
        result = self.steps.get(step)
        return {} if result is None else table_columns(result.tables[position])

    # -------------------------------------------------------------------------------- verdicts

    def verdict(self, name: str) -> Verdict:
        """Return the verdict on a claim.

        Parameters
        ----------
        name : str
            The claim.

        Returns
        -------
        Verdict

        Raises
        ------
        KeyError
            There is no such claim.
        """
        named = {verdict.name: verdict for verdict in self.verdicts}
        if name not in named:
            raise KeyError(f"There is no claim {name!r}. There are {sorted(named)}.")
        return named[name]

    @cached_property
    def accuracies(self) -> tuple[float, float] | None:
        """Accuracy in validation and on test; None where it was not measured."""
        columns = self.gap_
        if not columns:
            return None
        rows = columns["score"] == "accuracy"
        return tuple(columns["estimate"][rows][:2].tolist())

    # ---------------------------------------------------------------------------------- output

    def plot(self, *kinds: str) -> dict:
        """Draw figures of the study.

        Parameters
        ----------
        *kinds : str
            Which: ``"effects"``, ``"gap"`` (the parts of the gap as a waterfall),
            ``"permutations"``, ``"origins"`` (accuracy by origin), ``"told apart"``,
            ``"mean difference"``, ``"duplicates"``. None draws all that the study has.

        Returns
        -------
        displays : dict of str to display
            By kind.

        Raises
        ------
        ValueError
            A kind is not one of these, or the study has no such figure.
        """
        unknown = [kind for kind in kinds if kind not in FIGURES]
        if unknown:
            raise ValueError(
                f"The 'kinds' parameter of plot must name figures among {list(FIGURES)}. Got "
                f"{unknown} instead."
            )
        drawn = {kind: FIGURES[kind](self) for kind in kinds or FIGURES}
        missing = [kind for kind, display in drawn.items() if display is None]
        if kinds and missing:
            raise ValueError(f"This study has no figure {missing}: it measured nothing to draw.")
        return {kind: display for kind, display in drawn.items() if display is not None}

    def to_markdown(self) -> str:
        """Return the answer and the verdicts in Markdown."""
        table = verdict_table(self.verdicts, self.settings["alpha"])
        return "\n\n".join([text_in_markdown(bias_lead(self)), table.to_markdown()])

    def to_csv(self, table: str = "verdicts") -> str:
        """Return a table in CSV, numbers in full.

        Parameters
        ----------
        table : str, default="verdicts"
            ``"verdicts"``, ``"decomposition"``, ``"gap"`` and so on, as the attributes are called.

        Returns
        -------
        str
        """
        return Table(self._named(table), "").to_csv()

    def to_frame(self, table: str = "verdicts"):
        """Return a table as a pandas DataFrame.

        Parameters
        ----------
        table : str, default="verdicts"
            As in :meth:`to_csv`.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        columns = self._named(table)
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas: pip install pandas. The table is also a dict of arrays, "
                f"`report.{table}_`."
            ) from error
        return pd.DataFrame(columns)

    def to_page(self, title: str = "Dataset bias") -> Page:
        """Return a page: the answer first, then each verdict with its figure and its limits.

        Parameters
        ----------
        title : str, default="Dataset bias"
            Its title.

        Returns
        -------
        Page
        """
        return bias_page(self, title)

    def save(self, path) -> Path:
        """Write the page to an HTML file that needs no other.

        Parameters
        ----------
        path : str or path-like
            The file; one that is there is replaced.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        MissingPathError
            The folder is not there.
        """
        return self.to_page().save(path)

    def _named(self, table):
        if table not in _TABLES:
            raise ValueError(f"There is no table {table!r}. There are {list(_TABLES)}.")
        columns = getattr(self, f"{table}_")
        if not columns:
            raise ValueError(f"There is no table {table!r} here: {self.steps.reasons[table]}")
        return columns
