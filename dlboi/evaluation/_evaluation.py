"""How a classifier did on a test set."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlboi.evaluation._evaluation_page import evaluation_page
from dlboi.evaluation._evaluation_tables import class_table, score_table
from dlboi.evaluation._evaluation_text import headline, remarks
from dlboi.evaluation._scored_sets import Scorings
from dlboi.reporting import Page, Table
from dlboi.reporting._markdown import text_in_markdown


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Scores of a classifier on a test set, with their intervals; see :func:`evaluate`.

    Attributes
    ----------
    scores : dict of str to ScoreInterval
        Named tuples `estimate`, `low`, `high` by score, as
        :func:`dlboi.metrics.score_intervals` gives them. NaN where one is not defined.
    per_class : dict of str to ndarray of shape (n_classes,)
        ``class``, ``support`` (number of images, of patients if these are scored), ``recall`` with
        ``recall_low`` and ``recall_high``, ``precision``, ``f1``, and with groups ``n_patients``.
    y_true : ndarray of shape (n_samples,)
        True labels: of the images in their order, or of the patients in that of `groups`.
    y_pred : ndarray of shape (n_samples,)
        Predicted labels.
    y_proba : ndarray of shape (n_samples, n_classes) or None
        Probabilities; None if the classifier gives none.
    classes : ndarray of shape (n_classes,)
        Sorted labels; of two, the second is the positive one.
    target_names : list of str
        Names of the labels.
    groups : ndarray of shape (n_samples,) or None
        Patients.
    n_images : int
        Number of images that were predicted.
    aggregate : {"mean"} or None
        Whether patients were scored, rather than images.
    confidence_level : float
        Confidence level of the intervals.
    scorings : Scorings
        How often the set was scored on this machine, by user.
    settings : mapping of str to str
        The classifier, and the hash of the test set.
    """

    scores: dict
    per_class: dict
    y_true: np.ndarray
    y_pred: np.ndarray
    y_proba: np.ndarray | None
    classes: np.ndarray
    target_names: list
    groups: np.ndarray | None
    n_images: int
    aggregate: str | None
    confidence_level: float
    scorings: Scorings
    settings: Mapping

    def __repr__(self):
        estimate, low, high = self.scores["accuracy"]
        interval = "no interval" if np.isnan(low) else f"{low:.3f} to {high:.3f}"
        patients = "" if self.groups is None else f", {self.n_patients} patients"
        times = "once" if self.times_scored == 1 else f"{self.times_scored} times"
        return (
            f"<Evaluation: accuracy {estimate:.3f} ({interval}), {self.n_images} images{patients}; "
            f"set scored {times}>"
        )

    @property
    def times_scored(self) -> int:
        """How often the set has been scored on this machine, this time included."""
        return self.scorings.n_times

    @property
    def n_patients(self) -> int | None:
        """Number of patients, None where they are not known."""
        return None if self.groups is None else len(np.unique(self.groups))

    def plot(self, axes=None):
        """Draw confusion matrix, ROC curve with band, and reliability curve.

        Parameters
        ----------
        axes : sequence of three matplotlib.axes.Axes, default=None
            None makes a figure.

        Returns
        -------
        EvaluationDisplay

        Raises
        ------
        ValueError
            The classifier gives no probabilities.
        """
        from dlboi.plotting import EvaluationDisplay

        if self.y_proba is None:
            raise ValueError(
                "The classifier has no predict_proba, so that there are no curves to draw; "
                "to_page() shows the confusion matrix as a table. "
                "sklearn.calibration.CalibratedClassifierCV gives it probabilities."
            )
        return EvaluationDisplay(
            self.y_true,
            self.y_proba,
            classes=self.classes,
            groups=self.groups,
            display_labels=self.target_names,
            confidence_level=self.confidence_level,
        ).plot(axes)

    def to_markdown(self) -> str:
        """Return the tables in Markdown, and how often the set was scored."""
        said = map(text_in_markdown, [headline(self), *remarks(self)])
        return "\n\n".join([*said, *(table.to_markdown() for table in self._tables())])

    def to_csv(self) -> str:
        """Return the scores in CSV, numbers in full."""
        bounds = np.array(list(self.scores.values())).T
        columns = dict(zip(("estimate", "low", "high"), bounds, strict=True))
        return Table({"score": list(self.scores), **columns}, "").to_csv()

    def to_latex(self) -> str:
        """Return the tables in LaTeX."""
        return "\n".join(table.to_latex() for table in self._tables())

    def to_page(self, title: str = "Evaluation") -> Page:
        """Return a page with the scores, the figure and the settings.

        Parameters
        ----------
        title : str, default="Evaluation"
            Its title.

        Returns
        -------
        Page
        """
        return evaluation_page(self, title)

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

    def _tables(self):
        return [score_table(self), class_table(self)]
