"""Images that were drawn for one study, and the materials of the study."""

from dataclasses import dataclass

import numpy as np

from dlboi.bias._cohort import cohort_of
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, Settings


@dataclass(frozen=True)
class Drawn:
    """Training and test images, the training images first.

    Attributes
    ----------
    rows : ndarray of shape (n_images, n_columns)
        Representation of the images.
    y : ndarray of int of shape (n_images,)
        Classes, 0 and 1.
    groups : ndarray of int of shape (n_images,)
        Patients.
    n_train : int
        Training images.
    images : ndarray of uint8 of shape (n_images, height, width) or None
        The images; None where there are only rows.
    candidates : tuple of ndarray of shape (n_images, n_columns)
        Rows of the candidates among which the best is named; none for one estimator.
    """

    rows: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    n_train: int
    images: np.ndarray | None = None
    candidates: tuple = ()

    @property
    def in_test(self) -> np.ndarray:
        """Whether an image is of the test part."""
        return np.arange(len(self.y)) >= self.n_train


def materials_for(drawn: Drawn, cohort=None, **settings) -> Materials:
    """Return the materials of a study whose representation is known.

    Parameters
    ----------
    drawn : Drawn
        What is studied.
    cohort : Cohort, default=None
        Its cohort; None makes it.
    **settings
        Those of :class:`dlboi.bias._materials.Settings`.

    Returns
    -------
    Materials
    """
    if cohort is None:
        X, n = drawn.rows if drawn.images is None else drawn.images, drawn.n_train
        parts = [(X[part], drawn.y[part], drawn.groups[part]) for part in (np.s_[:n], np.s_[n:])]
        cohort = cohort_of(*parts)
    learners = [LogisticLearner(rows, cohort.y, 2) for rows in drawn.candidates or (drawn.rows,)]
    materials = Materials(cohort, learners, Settings(**settings))
    materials.rows = drawn.rows
    return materials
