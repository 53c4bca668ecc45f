"""What gives the probabilities that the bias study is about."""

import inspect
import time
from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from scipy.special import softmax
from sklearn.base import clone

from dlboi.bias._cohort import Cohort
from dlboi.bias._logistic_fits import logistic_fits


class LogisticLearner:
    """Logistic regression on rows that are computed once for all images.

    Parameters
    ----------
    rows : ndarray of shape (n_images, n_features)
        Rows of a cohort.
    y : ndarray of int of shape (n_images,)
        Codes of the classes.
    n_classes : int
        Number of classes.

    Attributes
    ----------
    n_fits : int
        Fits that were done.
    seconds_a_fit : float
        What they took on average; 0 before the first.
    is_fast : bool
        Whether thousands of fits take seconds.
    """

    is_fast = True

    def __init__(self, rows: np.ndarray, y: np.ndarray, n_classes: int):
        self.rows, self.y, self.n_classes = rows, y, n_classes
        self.n_fits, self.seconds_a_fit = 0, 0.0

    def predict(
        self, training: Sequence[np.ndarray], scored: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Return probabilities of images by classifiers that learn from others.

        Parameters
        ----------
        training : sequence of ndarray of int
            Indices of the images that each classifier learns from.
        scored : sequence of ndarray of int
            Indices of the images that each is asked about.

        Returns
        -------
        probabilities : list of ndarray of shape (n_scored, n_classes)
        """
        began = time.perf_counter()
        # Others than the rows that any of them learns from have no part in it.
        learnt = np.unique(np.concatenate([*training, np.empty(0, dtype=np.int64)]))
        used = np.zeros((len(training), len(learnt)), dtype=bool)
        for mask, index in zip(used, training, strict=True):
            mask[np.searchsorted(learnt, index)] = True
        fits = logistic_fits(self.rows[learnt], self.y[learnt], self.n_classes, used)
        _count(self, len(fits), time.perf_counter() - began)
        return [
            softmax(self.rows[index] @ fit[:, :-1].T + fit[:, -1], axis=1)
            for fit, index in zip(fits, scored, strict=True)
        ]


class EstimatorLearner:
    """Any classifier of scikit-learn, cloned and fitted anew each time.

    Parameters
    ----------
    estimator : classifier
        With ``predict_proba``. Where its ``fit`` takes `groups`, it is given the patients.
    cohort : Cohort
        The images.
    n_jobs : int or None
        Fits at once.
    seed : int
        Random state of every fit, where the estimator has that parameter and it is None.
    """

    is_fast = False

    def __init__(self, estimator, cohort: Cohort, *, n_jobs: int | None, seed: int):
        if not hasattr(estimator, "predict_proba"):
            raise ValueError(
                "The 'estimator' parameter must be a classifier with predict_proba. Got "
                f"{estimator!r} instead; CalibratedClassifierCV gives probabilities to any."
            )
        self.estimator, self.cohort = clone(estimator), cohort
        self.n_jobs = n_jobs
        self.n_fits, self.seconds_a_fit = 0, 0.0
        if self.estimator.get_params().get("random_state", seed) is None:
            self.estimator.set_params(random_state=seed)

    def predict(
        self, training: Sequence[np.ndarray], scored: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Return probabilities, as :meth:`LogisticLearner.predict` does."""
        began = time.perf_counter()
        predicted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_and_predict)(self.estimator, self.cohort, *pair)
            for pair in zip(training, scored, strict=True)
        )
        _count(self, len(training), time.perf_counter() - began)
        return predicted


def _count(learner, n_fits, seconds):
    total = learner.seconds_a_fit * learner.n_fits + seconds
    learner.n_fits += n_fits
    learner.seconds_a_fit = total / max(1, learner.n_fits)


def _fit_and_predict(estimator, cohort, training, scored):
    estimator = clone(estimator)
    labels = cohort.classes[cohort.y[training]]
    takes_groups = "groups" in inspect.signature(estimator.fit).parameters
    knows_groups = takes_groups and cohort.groups is not None
    own = {"groups": cohort.groups[training]} if knows_groups else {}
    estimator.fit(cohort.X[training], labels, **own)
    probabilities = np.zeros((len(scored), cohort.n_classes))
    columns = np.searchsorted(cohort.classes, estimator.classes_)
    probabilities[:, columns] = estimator.predict_proba(cohort.X[scored])
    return probabilities
