"""Divisions of training and test images: the given one, and those of the pool."""

from dataclasses import replace

import numpy as np

from dlboi.bias._cohort import Cohort
from dlboi.evaluation._study_data import StudyData
from dlboi.model_selection import PooledShuffleSplit
from dlboi.studies._runner._split_plan import Split, split_plan

AS_GIVEN = "as given"
BY_IMAGE = "pooled, by image"
BY_PATIENT = "pooled, by patient"


def pool_of(cohort: Cohort) -> StudyData:
    """Return the images of a cohort as those of a study, with their own labels.

    Parameters
    ----------
    cohort : Cohort
        Training and test images.

    Returns
    -------
    StudyData
    """
    groups = None if cohort.groups is None else cohort.group_names[cohort.groups]
    names = dict(zip(cohort.classes.tolist(), cohort.class_names, strict=True))
    return StudyData(cohort.X, cohort.classes[cohort.y], groups, names)


def division_plans(
    pool: StudyData, in_test: np.ndarray, *, validation: float, n_repeats: int, seed: int
) -> dict[str, list[Split]]:
    """Divide the images for each repeat, as given and as a pool.

    Parameters
    ----------
    pool : StudyData
        The images, those of training first.
    in_test : ndarray of bool of shape (n_images,)
        Which of them are the given test images.
    validation : float
        Share of the training images that validate, drawn for each repeat: by patient where
        patients are known, but by image where the pool is divided by image.
    n_repeats : int
        Number of repeats.
    seed : int
        Decides divisions and seeds. The first repeats are the same whatever their number.

    Returns
    -------
    dict of str to list of Split
        By the name of the division. The one by patient is left out where patients are not known.
    """
    options = {"validation": validation, "test": None}
    given = split_plan(
        pool.take(np.flatnonzero(~in_test)), cv=None, n_repeats=n_repeats, seed=seed, **options
    )
    test = np.flatnonzero(in_test)
    plans = {AS_GIVEN: [split._replace(test=test) for split in given]}
    pools = {BY_IMAGE: replace(pool, groups=None)}
    if pool.groups is not None:
        pools[BY_PATIENT] = pool
    for name, images in pools.items():
        plans[name] = []
        for repeat, split in enumerate(given):
            cv = PooledShuffleSplit(1, origin=in_test, test_origin=True, random_state=split.seed)
            (drawn,) = split_plan(images, cv=cv, n_repeats=1, seed=split.seed, **options)
            plans[name].append(drawn._replace(repeat=repeat, seed=split.seed))
    return plans
