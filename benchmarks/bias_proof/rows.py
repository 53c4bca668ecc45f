"""Rows of features, drawn anew for each study."""

from dataclasses import dataclass

import numpy as np

from benchmarks.bias_proof.drawn import Drawn
from benchmarks.bias_proof.truths import Truth


@dataclass(frozen=True)
class Strength:
    """What a truth is in rows.

    Attributes
    ----------
    distance : float
        Of the means of the classes, in standard deviations of the first column.
    n_columns : int
        Columns.
    n_each : int
        Images of a patient.
    likeness : float
        Correlation of the images of a patient within a class.
    amount : float
        Share of the patients whose label is drawn, or how far the class moves on test.
    """

    distance: float = 2.6
    n_columns: int = 6
    n_each: int = 1
    likeness: float = 0.5
    amount: float = 0.0


#: Calibrated: ``python -m benchmarks.bias_proof --calibrate`` prints what they are worth.
STRENGTHS = {
    "nothing, 10 patients": Strength(n_each=2),
    "nothing, 20 patients": Strength(n_each=2),
    "nothing, few": Strength(n_each=2, likeness=0.0),
    "nothing, many": Strength(distance=4.6, n_each=2, likeness=0.2),
    "leakage": Strength(distance=3.0, n_columns=40, n_each=3, likeness=0.9, amount=0.45),
    "leakage after pooling": Strength(
        distance=3.0, n_columns=80, n_each=4, likeness=0.9, amount=0.5
    ),
    "recall of a class": Strength(distance=3.2, amount=0.6),
    "prevalence": Strength(distance=2.0),
    "selection": Strength(),
    "everything": Strength(n_columns=8, n_each=3, likeness=0.8, amount=0.3),
    "copies of prototypes": Strength(distance=1.5, n_columns=20, likeness=0.95),
}
_NUISANCE = 1.0  # how far another column moves with a class that is changed


class Rows:
    """Patients whose images are rows of normal values.

    The first column tells the classes, the others tell patients. A change of a class moves it
    towards the other class, and along a column that does not tell classes, as another device would.
    """

    name = "rows"

    def draws(self, truth: Truth) -> bool:
        """Return whether a truth can be planted: there are no pixels, so no statistics of them."""
        return truth.name in STRENGTHS

    def draw(self, truth: Truth, n_train: int, n_test: int, rng: np.random.Generator) -> Drawn:
        """Draw training and test patients.

        Parameters
        ----------
        truth : Truth
            What is planted.
        n_train, n_test : int
            Patients.
        rng : Generator
            Decides them.

        Returns
        -------
        Drawn
        """
        strength, sizes = STRENGTHS[truth.name], (n_train, n_test)
        n_each = truth.n_copies or strength.n_each
        y = np.concatenate([_classes(*pair) for pair in zip(sizes, truth.prevalence, strict=True)])
        in_test = np.arange(n_train + n_test) >= n_train
        patients = np.repeat(np.arange(len(y)), n_each)
        size = (len(y), strength.n_columns)
        rows = np.sqrt(strength.likeness) * rng.normal(size=size)[patients]
        rows += np.sqrt(1 - strength.likeness) * rng.normal(size=rows.shape)
        rows[:, 0] += strength.distance * (y[patients] - 0.5)
        if truth.changed:
            moved = (in_test & (y == 0))[patients]
            rows[moved, 0] += strength.amount
            rows[moved, 1] += _NUISANCE
        if truth.random_labels:
            drawn = rng.random(len(y)) < strength.amount
            y = np.where(drawn, rng.integers(0, 2, len(y)), y)
        n_rows = n_train * n_each
        if truth.n_copies:  # copies of one prototype are in both parts
            order = rng.permutation(len(rows))
            rows, patients = rows[order], patients[order]
        shape = (truth.n_candidates, len(rows), 3)
        return Drawn(rows, y[patients], patients, n_rows, candidates=tuple(rng.normal(size=shape)))


def _classes(n_patients, prevalence):
    return (np.arange(n_patients) < round(prevalence * n_patients)).astype(int)
