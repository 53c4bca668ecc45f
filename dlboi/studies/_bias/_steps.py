"""The steps of the study, each with its result or with the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dlboi.bias._covariate_shift import covariate_shift_of
from dlboi.bias._decomposition import decomposition_of
from dlboi.bias._gap_test import gap_of
from dlboi.bias._harm import harm_of
from dlboi.bias._label_shift import label_shift_of
from dlboi.bias._leakage_study import leakage_of
from dlboi.bias._materials import Materials
from dlboi.bias._selection_optimism import selection_of
from dlboi.bias._shortcut_probe import shortcut_of
from dlboi.studies._bias._whose import is_rows

#: Steps that share the materials, in the order in which they are done: the permutations of the gap
#: come last, as they take whatever time there is.
_SHARING = {
    "label_shift": label_shift_of,
    "leakage": leakage_of,
    "harm": harm_of,
    "covariate_shift": covariate_shift_of,
    "shortcut": shortcut_of,
    "gap": gap_of,
}


@dataclass
class Steps:
    """Results of the steps.

    Attributes
    ----------
    results : dict of str to object
        What each step returned, by its name; those without a result are missing.
    reasons : dict of str to str
        Why a step has no result, in a sentence.
    """

    results: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def get(self, name: str):
        """Return the result of a step, None where there is none."""
        return self.results.get(name)

    def attempt(self, name: str, step: Callable, *arguments) -> None:
        """Do a step; where the images do not allow it, keep the reason and go on.

        Parameters
        ----------
        name : str
            Name of the step.
        step : callable
            Raises ValueError where the images do not allow it.
        *arguments : object
            What it is called with.
        """
        try:
            self.results[name] = step(*arguments)
        except ValueError as error:
            self.reasons[name] = str(error)

    def do_all(self, materials: Materials, reported: float | None) -> None:
        """Do the steps that share the materials.

        Parameters
        ----------
        materials : Materials
            What is studied.
        reported : float or None
            A reported validation accuracy.
        """
        self.attempt("decomposition", decomposition_of, materials, reported)
        for name, step in _SHARING.items():
            if name == "shortcut" and is_rows(materials.cohort.X):
                self.reasons[name] = "The images are rows of features: they have no brightness."
            else:
                self.attempt(name, step, materials)
        if materials.has_candidates:
            self.attempt("selection", selection_of, materials)
        else:
            self.reasons["selection"] = (
                "One estimator was studied, so nothing was chosen. 'candidates' takes several."
            )
