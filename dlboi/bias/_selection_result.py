"""The result of the step on selection."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._effect import Effect
from dlboi.reporting import Table


@dataclass(frozen=True)
class SelectionOptimism:
    """The score of the best candidate, and that of candidates chosen on other patients.

    Attributes
    ----------
    reported : float
        Accuracy of the candidate that is best on all images.
    reselected : float
        Accuracy where the candidate that scores an image is chosen without its patient.
    optimism : Effect
        The first less the second, over patients.
    best : int or None
        Index of the candidate that is best on all images; None where repeats have their own.
    n_chosen : ndarray of int of shape (n_candidates,) or None
        How often each candidate was chosen on a part of the patients; None where not counted.
    """

    reported: float
    reselected: float
    optimism: Effect
    best: int | None = None
    n_chosen: np.ndarray | None = None

    @property
    def tables(self) -> tuple[Table, ...]:
        """Accuracies, and how often candidates are chosen."""
        accuracies = Table(
            {
                "accuracy": ["best candidate", "chosen on other patients", "optimism"],
                "estimate": [self.reported, self.reselected, self.optimism.estimate],
                "lower bound": [np.nan, np.nan, self.optimism.low],
                "upper bound": [np.nan, np.nan, self.optimism.high],
            },
            "Selection, with the 95 % interval of its optimism over patients",
        )
        if self.n_chosen is None:
            return (accuracies,)
        order = np.argsort(-self.n_chosen, kind="stable")
        order = order[self.n_chosen[order] > 0]
        chosen = {
            "candidate": order.tolist(),
            "share of the choices": (self.n_chosen[order] / self.n_chosen.sum()).tolist(),
        }
        return accuracies, Table(chosen, "Which candidates are chosen on parts of the patients")
