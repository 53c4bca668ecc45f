"""What the steps of the bias study share, computed once."""

import functools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dlboi._validation import draw_seed
from dlboi.bias._budget import Budget
from dlboi.bias._choose_candidates import fits_of_repeat
from dlboi.bias._cohort import Cohort, cohort_of
from dlboi.bias._cross_fitted_threshold import ThresholdScores, threshold_scores
from dlboi.bias._crossfit import Crossfit, crossfit
from dlboi.bias._image_statistics import Statistics, image_statistics
from dlboi.bias._learner import EstimatorLearner, LogisticLearner
from dlboi.bias._representation import represent
from dlboi.bias._thumbnails import thumbnails

#: Of the images that the representation is made of, in pixels.
SIDE = 64


@dataclass(frozen=True)
class Settings:
    """Settings of the bias study.

    Attributes
    ----------
    n_resamples : int, default=20
        Repeats of each division.
    n_folds : int, default=5
        Folds of a cross-validation.
    n_permutations : int, default=999
        Permutations of each test.
    margin : float, default=0.02
        Accuracy that is practically nothing.
    alpha : float, default=0.05
        Level of all verdicts together.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in.
    seed : int, default=0
        Everything random follows from it.
    """

    n_resamples: int = 20
    n_folds: int = 5
    n_permutations: int = 999
    margin: float = 0.02
    alpha: float = 0.05
    n_jobs: int | None = None
    seed: int = 0


class Materials:
    """A cohort, what learns from it, and the validations that several steps look at.

    Parameters
    ----------
    cohort : Cohort
        The images.
    learners : sequence of LogisticLearner or EstimatorLearner, default=()
        Candidates; none takes the default estimator.
    settings : Settings, default=Settings()
        Settings.
    budget : Budget, default=Budget()
        What fits may still cost.
    """

    def __init__(self, cohort: Cohort, learners=(), settings=None, budget=None):
        self.cohort = cohort
        self.settings = settings or Settings()
        self.budget = budget or Budget()
        self._learners = list(learners)

    @functools.cached_property
    def rows(self) -> np.ndarray:
        """Representation of all images that the study has of its own, (n_images, n_features)."""
        cohort, seed = self.cohort, self.seed_of("representation")
        is_rows = cohort.X.dtype.kind in "biuf" and cohort.X.ndim == 2
        return represent(cohort.X if is_rows else self.thumbnails, cohort.units, seed=seed)

    @functools.cached_property
    def thumbnails(self) -> np.ndarray:
        """All images, at most 64×64 pixels large, (n_images, n_channels, height, width)."""
        return thumbnails(self.cohort.X, SIDE)

    @functools.cached_property
    def statistics(self) -> Statistics:
        """Low-level statistics of all images."""
        return image_statistics(self.cohort.X, self.cohort.filenames)

    @functools.cached_property
    def learners(self) -> list:
        """Candidates, one as a rule."""
        if self._learners:
            return self._learners
        return [LogisticLearner(self.rows, self.cohort.y, self.cohort.n_classes)]

    @property
    def has_candidates(self) -> bool:
        """Whether the estimator is chosen among several."""
        return len(self.learners) > 1

    @functools.cached_property
    def grouped(self) -> Crossfit:
        """Validation by patient; by image where patients are not known."""
        return self.validation_of(self.learners)

    @functools.cached_property
    def shuffled(self) -> Crossfit:
        """Validation by image, whoever the patients are."""
        if self.cohort.groups is None:
            return self.grouped
        return self.validation_of(self.learners, by_patient=False)

    @functools.cached_property
    def thresholds(self) -> ThresholdScores:
        """What is right at thresholds that are chosen on other test patients."""
        return threshold_scores(
            self.cohort,
            self.grouped,
            n_folds=self.settings.n_folds,
            seed=self.seed_of("threshold"),
        )

    def validation_of(self, learners: list, *, by_patient: bool = True) -> Crossfit:
        """Validate learners on the folds that all validations of the study have.

        Parameters
        ----------
        learners : list of LogisticLearner or EstimatorLearner
            Candidates.
        by_patient : bool, default=True
            Whether the images of a patient stay together.

        Returns
        -------
        Crossfit
        """
        return crossfit(
            self.cohort,
            learners,
            by_patient=by_patient,
            n_repeats=self.n_repeats,
            n_folds=self.settings.n_folds,
            seed=self.seed_of("validation"),
        )

    def seed_of(self, name: str) -> int:
        """Return a seed for what has a name: steps do not depend on which others are run."""
        sequence = np.random.SeedSequence([self.settings.seed, zlib.crc32(name.encode())])
        return int(sequence.generate_state(1)[0])

    @functools.cached_property
    def n_repeats(self) -> int:
        """Repeats of both validations, as many as there is time for."""
        cohort, first = self.cohort, self.learners[0]
        if self.budget.max_time is not None and not first.n_fits:
            first.predict([cohort.train], [cohort.test])  # tells what a fit costs
        n_validations = 1 if cohort.groups is None else 2
        allowed = self.budget.allow(
            "repeats of the validation",
            self.settings.n_resamples,
            n_validations * fits_of_repeat(len(self.learners), self.settings.n_folds),
            first,
            share=0.4,
        )
        return max(1, allowed)


def materials_of(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    candidates: Mapping | None = None,
    max_time: float | None = None,
    random_state=0,
    **settings,
) -> Materials:
    """Check what a step is handed, and return the materials.

    Parameters
    ----------
    train, test, origin, held_out
        See :func:`cohort_of`.
    estimator : classifier, default=None
        None takes the default: principal components and logistic regression.
    candidates : mapping of str to classifier, default=None
        Estimators among which the best in validation is taken, in place of `estimator`.
    max_time : float, default=None
        Seconds that fits may take.
    random_state : int, RandomState or None, default=0
        Everything random follows from it.
    **settings
        Those of :class:`Settings`.

    Returns
    -------
    Materials
    """
    settings = Settings(seed=draw_seed(random_state), **settings)
    cohort = cohort_of(train, test, origin=origin, held_out=held_out)
    estimators = list((candidates or {}).values()) or ([] if estimator is None else [estimator])
    learners = [
        EstimatorLearner(each, cohort, n_jobs=settings.n_jobs, seed=settings.seed)
        for each in estimators
    ]
    return Materials(cohort, learners, settings, Budget(max_time))
