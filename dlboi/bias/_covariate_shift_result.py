"""The result of the step on covariate shift."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._block_controls import BlockControls
from dlboi.metrics import MeanInterval, ScoreInterval
from dlboi.reporting import Table

_N_SHOWN = 5


@dataclass(frozen=True)
class ClassShift:
    """How test and training images of one class differ.

    Attributes
    ----------
    name : str
        Name of the class.
    n_train, n_test : int
        Patients of each part, without those with images in both.
    n_in_both : int
        Patients with images in both parts, which are left out.
    auc : ScoreInterval
        Area under the ROC curve of test against train, out of fold, with its 95 % interval over
        patients; NaN where there are too few of them.
    p_value : float
        Of the parts being alike, by permutation of patients; NaN where `auc` is.
    controls : BlockControls or None
        Areas of blocks of the training patients, `random` and `ordered`, and that of test, `auc`,
        all with `n_patients` patients on each side; None where there are too few.
    reason : str
        Why there is no area or no control; empty where there is.
    statistics : dict of str to MeanInterval
        Difference of each low-level statistic, test less train, in standard deviations of the
        patients; empty for rows of features.
    mean_difference : ndarray of shape (n_channels, height, width) or None
        Mean of the test patients less mean of the training patients, of small images.
    mean_difference_z : ndarray of shape (n_channels, height, width) or None
        The same in standard errors over patients.
    """

    name: str
    n_train: int
    n_test: int
    n_in_both: int
    auc: ScoreInterval
    p_value: float
    controls: BlockControls | None
    reason: str
    statistics: dict[str, MeanInterval]
    mean_difference: np.ndarray | None
    mean_difference_z: np.ndarray | None

    @property
    def is_decided(self) -> bool:
        """Whether there are patients enough for the area and its controls."""
        return self.controls is not None

    @property
    def above_ordered(self) -> bool:
        """Whether test is told from train better than another ordered block would be."""
        return self.is_decided and self.controls.auc > self.controls.bound


@dataclass(frozen=True)
class CovariateShift:
    """Within each class, how test and training images differ.

    Attributes
    ----------
    classes : tuple of ClassShift
        One entry a class.
    part_names : tuple of (str, str)
        Names of the two parts.
    ordered_by : str
        What the order of the training patients is that of.
    alpha : float
        Level of `findings`.
    """

    classes: tuple[ClassShift, ...]
    part_names: tuple[str, str]
    ordered_by: str
    alpha: float

    @property
    def findings(self) -> tuple[str, ...]:
        """What follows, in sentences."""
        return tuple(self._finding(shift) for shift in self.classes)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Areas, areas of the controls and, of images, the statistics that differ most."""
        tables = (self._areas(), self._controls(), self._statistics())
        return tuple(table for table in tables if table.columns["class"])

    def _finding(self, shift):
        train, test = self.part_names
        if np.isnan(shift.p_value):
            return f"Class {shift.name}: {shift.reason}."
        area = f"AUC {shift.auc.estimate:.2f}, p = {shift.p_value:.2g}"
        if shift.p_value > self.alpha:
            return f"Class {shift.name} of {test} is not told from that of {train} ({area})."
        found = f"Class {shift.name} of {test} differs from that of {train} ({area})"
        if not shift.is_decided:
            return f"{found}; whether more than parts of {train} do is not known: {shift.reason}."
        if shift.above_ordered:
            return f"{found}, more than ordered blocks of {train} from each other."
        return f"{found}, but not clearly more than ordered blocks of {train} from each other."

    def _areas(self):
        classes, (train, test) = self.classes, self.part_names
        columns = {
            "class": [shift.name for shift in classes],
            f"patients of {train}": [shift.n_train for shift in classes],
            f"patients of {test}": [shift.n_test for shift in classes],
            "in both, left out": [shift.n_in_both for shift in classes],
            "AUC": [shift.auc.estimate for shift in classes],
            "lower bound": [shift.auc.low for shift in classes],
            "upper bound": [shift.auc.high for shift in classes],
            "p": [shift.p_value for shift in classes],
        }
        caption = f"How well {test} is told from {train} within a class, with 95 % intervals"
        return Table(columns, caption)

    def _controls(self):
        decided, (train, test) = [each for each in self.classes if each.is_decided], self.part_names
        controls = [shift.controls for shift in decided]
        columns = {
            "class": [shift.name for shift in decided],
            "patients a side": [each.n_patients for each in controls],
            "blocks": [len(each.ordered) for each in controls],
            f"AUC of {test}": [each.auc for each in controls],
            "largest of random blocks": [float(each.random.max()) for each in controls],
            "largest of ordered blocks": [float(each.ordered.max()) for each in controls],
            "bound of ordered blocks": [each.bound for each in controls],
            "above": ["yes" if shift.above_ordered else "no" for shift in decided],
        }
        caption = (
            f"Blocks of {train} told from its other patients, at equal numbers; ordered by "
            f"{self.ordered_by}"
        )
        return Table(columns, caption)

    def _statistics(self):
        rows = [
            (shift.name, name, *interval[:3])
            for shift in self.classes
            for name, interval in sorted(shift.statistics.items(), key=_by_size)[:_N_SHOWN]
        ]
        names = ("class", "statistic", "difference in SD", "lower bound", "upper bound")
        columns = zip(*rows, strict=True) if rows else [()] * len(names)
        columns = {name: list(column) for name, column in zip(names, columns, strict=True)}
        train, test = self.part_names
        caption = f"Low-level statistics that differ most, {test} less {train}, over patients"
        return Table(columns, caption)


def _by_size(item):
    return -np.nan_to_num(abs(item[1].estimate), nan=np.inf)
