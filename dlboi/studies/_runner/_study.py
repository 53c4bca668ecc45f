"""A study as it is run."""

import functools
import pickle
import traceback
from types import MappingProxyType

import numpy as np
from sklearn.base import clone

from dlboi.evaluation._scored_sets import set_digest
from dlboi.evaluation._study_data import StudyData
from dlboi.studies._runner._run import run


class Study:
    """The levels, the images and the divisions of a study, and how to do one run of it.

    Parameters
    ----------
    levels : dict of str to classifier
        By name.
    sets : dict of str to StudyData
        ``data``, and ``validation`` and ``test`` where they are sets of their own.
    plan : list of Split, or dict of str to list of Split
        The divisions: those of all levels alike, or of each level as many of its own.
    monitors : dict of str to (ndarray of bool of shape (n_images,) or None), default={}
        Test images that are recorded each epoch, by name: those of ``data`` that are marked, or
        all.
    """

    def __init__(self, levels, sets, plan, monitors=MappingProxyType({})):
        self.levels = levels
        self.sets = sets
        self.plans = plan if isinstance(plan, dict) else dict.fromkeys(levels, plan)
        self.monitors = dict(monitors)
        self.classes = np.unique(np.concatenate([part.target for part in sets.values()]))

    def __sizeof__(self) -> int:
        """Return the bytes of the images, too: a cluster sends what is large only once."""
        return super().__sizeof__() + sum(part.images.nbytes for part in self.sets.values())

    @property
    def tasks(self):
        """All runs, a repeat after the other: an interrupted study has all levels of some."""
        repeats = zip(*(self.plans[level] for level in self.levels), strict=True)
        return [task for splits in repeats for task in zip(self.levels, splits, strict=True)]

    @property
    def n_divisions(self) -> int:
        """How many different divisions there are."""
        return len({split.digest for plan in self.plans.values() for split in plan})

    @functools.cached_property
    def test_digest(self) -> str | None:
        """Hash of the test set, None where it is not a set of its own."""
        test = self.sets.get("test")
        return None if test is None else set_digest(test.images, test.target)

    def part(self, name: str, split) -> StudyData | None:
        """Return the training, validation or test images of a run."""
        index = getattr(split, name)
        return self.sets.get(name) if index is None else self.sets["data"].take(index)

    def monitored(self, split) -> dict[str, StudyData]:
        """Return the test images that a run records each epoch, by name; no set is empty."""
        test, index = self.part("test", split), split.test
        if test is None:
            return {}
        sets = {
            name: test if marked is None else self.sets["data"].take(index[marked[index]])
            for name, marked in self.monitors.items()
        }
        return {name: part for name, part in sets.items() if len(part)}

    def size(self, name: str, split) -> int:
        """Return how many images a part of a run has."""
        index, part = getattr(split, name), self.sets.get(name)
        return (0 if part is None else len(part)) if index is None else len(index)

    def estimator(self, level: str, split):
        """Return the classifier of a run, with the seed of its repeat."""
        estimator = clone(self.levels[level])
        seeds = {
            name: split.seed
            for name, value in estimator.get_params(deep=True).items()
            if name.rpartition("__")[2] == "random_state" and value is None
        }
        return estimator.set_params(**seeds)

    def do(self, level, split, journal, watch=lambda estimator: estimator):
        """Do a run and write it to the journal; a failure is returned as its error."""
        estimator = watch(self.estimator(level, split))
        try:
            measures, arrays = run(
                estimator,
                *(self.part(name, split) for name in ("training", "validation", "test")),
                classes=self.classes,
                monitored=self.monitored(split),
            )
        except Exception as error:  # any: one run that fails is not to end the others
            return level, split, _portable(error), {}, {}
        if journal is not None:
            journal.write(level, split, measures, arrays)
        return level, split, None, measures, arrays


def _portable(error):
    """Return an error that holds on to no images, and that another process can read."""
    traceback.clear_frames(error.__traceback__)
    error = error.with_traceback(None)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # any: what an error of another package makes of it has no end
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
