"""The result of the step on label shift."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._effect import Effect
from dlboi.bias._shift_estimate import ShiftEstimate
from dlboi.reporting import Table


@dataclass(frozen=True)
class LabelShift:
    """Another prevalence in test: what it costs, and whether it is all.

    Attributes
    ----------
    class_names : list of str
        Names of the classes.
    part_names : tuple of (str, str)
        Names of the two parts.
    prevalence : ndarray of shape (2, n_classes)
        Share of the images of each class, in training and in test.
    recalls : ndarray of shape (n_classes,)
        Recall of each class in the validation by patient.
    validation : float
        Accuracy of the validation by patient.
    reweighted : float
        What it would be with the prevalence of test.
    accuracy : Effect
        The first less the second, over the patients of both parts.
    estimate : ShiftEstimate
        Prevalence of test as it follows from predictions alone.
    findings : tuple of str
        What follows, in sentences.
    """

    class_names: list
    part_names: tuple[str, str]
    prevalence: np.ndarray
    recalls: np.ndarray
    validation: float
    reweighted: float
    accuracy: Effect
    estimate: ShiftEstimate
    findings: tuple[str, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Classes, and accuracies."""
        train, test = self.part_names
        classes = {
            "class": self.class_names,
            f"share in {train}": self.prevalence[0].tolist(),
            f"share in {test}": self.prevalence[1].tolist(),
            "estimated from predictions": self.estimate.prevalence.tolist(),
            "lower bound": self.estimate.low.tolist(),
            "upper bound": self.estimate.high.tolist(),
            "recall in validation": self.recalls.tolist(),
        }
        accuracies = {
            "accuracy": ["validation", f"at the prevalence of {test}", "difference"],
            "estimate": [self.validation, self.reweighted, self.accuracy.estimate],
            "lower bound": [np.nan, np.nan, self.accuracy.low],
            "upper bound": [np.nan, np.nan, self.accuracy.high],
        }
        return (
            Table(classes, "Prevalence, with 95 % intervals over patients"),
            Table(accuracies, "What the prevalence costs, with its 95 % interval over patients"),
        )
