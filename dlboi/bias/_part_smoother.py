"""A linear classifier of part against part whose scores are linear in the labels."""

import numpy as np

from dlboi.bias._patient_folds import patient_folds

_N_FOLDS = 5


class PartSmoother:
    """Ridge regression of the part, out of fold, for any number of labellings at once.

    Folds, centring and penalty depend on the rows and the patients alone, so that the scores are
    a fixed matrix times the labels: to permute the labels and to fit again is exact, and costs a
    matrix product. Each patient counts the same, however many images there are of him.

    Parameters
    ----------
    rows : ndarray of shape (n_images, n_features)
        Images.
    patients : ndarray of int of shape (n_images,)
        Patients 0, 1, …, in ascending order; one is in one fold only.
    rng : Generator
        Decides the folds.
    n_divisions : int, default=1
        Divisions into folds; scores are the means over them.

    Notes
    -----
    Columns are standardised, and the penalty is their number, in units in which a patient counts 1.
    In a model in which every direction may carry a little of the shift, that is the best penalty
    for parts whose means are one standard deviation apart [1]_.

    There is no intercept. That of a fold would be low where the fold holds much of the test part,
    for then the other folds hold little of it, and would push the area below 0.5 [2]_.

    References
    ----------
    .. [1] Dobriban, E. and Wager, S. (2018). High-dimensional asymptotics of prediction: ridge
       regression and classification. Annals of Statistics 46, 247-279.
    .. [2] Parker, B. J., Günter, S. and Bedo, J. (2007). Stratification bias in low signal
       microarray studies. BMC Bioinformatics 8, 326.
    """

    def __init__(
        self,
        rows: np.ndarray,
        patients: np.ndarray,
        rng: np.random.Generator,
        *,
        n_divisions: int = 1,
    ):
        sizes = np.bincount(patients)
        self._weights = 1 / sizes[patients]
        self._rows = _standardised(rows, self._weights)
        n_folds = min(_N_FOLDS, len(sizes))
        one_stratum = np.zeros(len(sizes), dtype=int)
        self._divisions = [
            self._folds(patient_folds(one_stratum, sizes, n_folds, rng)[patients], n_folds)
            for _ in range(n_divisions)
        ]

    def scores(self, labels: np.ndarray) -> np.ndarray:
        """Return how much each image is like the test part to who has not seen its patient.

        Parameters
        ----------
        labels : ndarray of bool or float of shape (n_labellings, n_images)
            1 for the test part, 0 for the training part.

        Returns
        -------
        scores : ndarray of shape (n_labellings, n_images)
        """
        weighted = labels * self._weights
        scores = np.zeros(weighted.shape)
        total, moment = weighted.sum(axis=1), weighted @ self._rows
        for folds in self._divisions:
            for index, centred, mean, inverse in folds:
                inside = weighted[:, index]
                others = moment - inside @ self._rows[index]
                others -= np.outer(total - inside.sum(axis=1), mean)
                scores[:, index] += others @ inverse @ centred.T
        return scores / len(self._divisions)

    def _folds(self, fold_of, n_folds):
        """Return images, centred rows, centre and inverse of the penalised spread of each fold."""
        weighted = self._rows * self._weights[:, None]
        total, moment, gram = self._weights.sum(), weighted.sum(axis=0), self._rows.T @ weighted
        penalty = np.diag(np.full(len(gram), float(len(gram))))
        folds = []
        for fold in range(n_folds):
            index = np.flatnonzero(fold_of == fold)
            rows = self._rows[index]
            n_others = total - self._weights[index].sum()
            mean = (moment - weighted[index].sum(axis=0)) / n_others
            spread = gram - rows.T @ weighted[index] - n_others * np.outer(mean, mean)
            folds.append((index, rows - mean, mean, np.linalg.inv(spread + penalty)))
        return folds


def _standardised(rows, weights):
    centred = rows - np.average(rows, axis=0, weights=weights)
    deviation = np.sqrt(np.average(centred**2, axis=0, weights=weights))
    return centred / np.where(deviation > 0, deviation, 1)
