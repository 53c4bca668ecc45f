"""How well parts of the training images are told from each other, at equal numbers of patients."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from dlboi.bias._part_smoother import PartSmoother
from dlboi.bias._two_sample_auc import part_areas

MIN_PATIENTS = 8
MIN_BLOCKS = 4
_MAX_BLOCKS = 19
_N_REPEATS = 5
# How often another block of the same kind may exceed the bound.
ERROR_RATE = 0.05


class BlockControls(NamedTuple):
    """Areas of test and of blocks of the training patients, all at the same numbers of patients.

    Attributes
    ----------
    n_patients : int
        Patients on each side of every comparison.
    auc : float
        Test patients against training patients.
    random : ndarray of shape (n_blocks,)
        Random blocks of training patients against other training patients.
    ordered : ndarray of shape (n_blocks,)
        Blocks of training patients that follow each other, against other training patients.
    """

    n_patients: int
    auc: float
    random: np.ndarray
    ordered: np.ndarray

    @property
    def bound(self) -> float:
        """What the area of another ordered block exceeds in one case of twenty.

        The largest of the ordered blocks or, where this is more, their one-sided prediction bound,
        mean + t √(1 + 1/n) sd: above the largest of four blocks is one in five others. It is 0.5
        at least.
        """
        n_blocks = len(self.ordered)
        quantile = stats.t.isf(ERROR_RATE, n_blocks - 1) * np.sqrt(1 + 1 / n_blocks)
        spread = self.ordered.std(ddof=1)
        return float(max(0.5, self.ordered.max(), self.ordered.mean() + quantile * spread))


def block_controls(
    rows: np.ndarray,
    patients: np.ndarray,
    is_test: np.ndarray,
    ranks: np.ndarray,
    rng: np.random.Generator,
) -> BlockControls:
    """Compare test with train, and blocks of train with the rest of it, at equal numbers.

    Parameters
    ----------
    rows : ndarray of shape (n_images, n_features)
        Images of one class.
    patients : ndarray of int of shape (n_images,)
        Patients 0, 1, …, in ascending order.
    is_test : ndarray of bool of shape (n_patients,)
        Whether a patient is of the test part.
    ranks : ndarray of shape (n_patients,)
        Order of the patients.
    rng : Generator
        Decides which patients are taken where there are more; areas are means over five choices.

    Returns
    -------
    BlockControls

    Notes
    -----
    Blocks are as long as the test part, so that a drift has as much time in them, or a quarter of
    the training patients where the test part is longer.
    """
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    train = train[np.argsort(ranks[train], kind="stable")]
    n_blocks = min(_MAX_BLOCKS, max(MIN_BLOCKS, len(train) // len(test)))
    n_patients = min(len(test), len(train) // n_blocks)

    def mean_area(block, others):
        areas = [
            _area(rows, patients, *(rng.choice(s, n_patients, replace=False) for s in sides), rng)
            for sides in [(others, block)] * _N_REPEATS
        ]
        return float(np.mean(areas))

    starts = np.linspace(0, len(train) - n_patients, n_blocks).round().astype(int)
    ordered = [train[start : start + n_patients] for start in starts]
    random = [rng.choice(train, n_patients, replace=False) for _ in starts]
    found = [
        np.array([mean_area(block, np.setdiff1d(train, block)) for block in blocks])
        for blocks in (random, ordered)
    ]
    return BlockControls(n_patients, mean_area(test, train), *found)


def _area(rows, patients, train, test, rng):
    side = np.zeros(patients[-1] + 1, dtype=int)
    side[train], side[test] = 1, 2
    chosen = np.flatnonzero(side[patients])
    codes = np.unique(patients[chosen], return_inverse=True)[1]
    labels = (side[patients[chosen]] == 2)[None]
    smoother = PartSmoother(rows[chosen], codes, rng)
    return part_areas(smoother.scores(labels), labels, codes)[0][0]
