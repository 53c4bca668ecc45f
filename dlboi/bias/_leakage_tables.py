"""The tables of the leakage study."""

import numpy as np

from dlboi.bias._choose_candidates import fits_of_repeat
from dlboi.bias._cohort import Cohort
from dlboi.bias._crossfit import crossfit
from dlboi.bias._effect import Effect
from dlboi.bias._materials import Materials
from dlboi.bias._pool import pooled
from dlboi.bias._pool_leakage import PoolLeakage
from dlboi.metrics import crossed_interval
from dlboi.reporting import Table


def effect_table(validation: Effect, in_pool: PoolLeakage, share: float) -> Table:
    """Return the accuracy that leakage adds.

    Parameters
    ----------
    validation : Effect
        In validation.
    in_pool : PoolLeakage
        Of siblings in the pool.
    share : float
        Share of the test images of a shuffled pool that have siblings in training.

    Returns
    -------
    Table
    """
    pool = in_pool.effect
    rows = {
        "validation, shuffled less by patient": validation,
        "pool, images with siblings in training": pool,
        "the same, over re-splits (corrected)": in_pool.corrected,
        "pool, all images once it is shuffled": Effect(*np.array(pool[:3]) * share, pool.p_value),
    }
    columns = {
        "accuracy from leakage": list(rows),
        "estimate": [effect.estimate for effect in rows.values()],
        "95 % low": [effect.low for effect in rows.values()],
        "95 % high": [effect.high for effect in rows.values()],
        "p (none or less)": [effect.p_value for effect in rows.values()],
    }
    return Table(columns, "Accuracy that comes from other images of the same patients, fractions.")


def accuracy_table(materials: Materials) -> Table:
    """Return the accuracy by part, after pooling and as given.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    Table
    """
    cohort = materials.cohort
    columns = {"division": [], "part": [], "images": [], "accuracy": []}
    columns |= {"95 % low": [], "95 % high": []}
    parts = list(zip(cohort.part_names, (cohort.train, cohort.test), strict=True))
    for division, correct in _divisions(materials):
        for (part, index), values in zip(parts, correct, strict=True):
            groups = None if cohort.groups is None else cohort.groups[index]
            interval = crossed_interval(values, groups=groups, proportion=True)
            row = (division, part, len(index), *interval[:3])
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    train, test = cohort.part_names
    return Table(
        columns,
        "Accuracy by where the images come from, with intervals over patients. As given: "
        f"validation by patient inside {train}, and its classifiers on {test}. "
        "Pooled: cross-validation of all images, by image (shuffled) and by patient.",
    )


def share_table(cohort: Cohort, given: float, expected: float) -> Table:
    """Return the shares of test images with a training image of the same patient.

    Parameters
    ----------
    cohort : Cohort
        The images.
    given, expected : float
        The share as given, and its expectation after pooling and shuffling.

    Returns
    -------
    Table
    """
    columns = {
        "division": ["as given", "pooled and shuffled"],
        "share": [given, expected],
    }
    return Table(
        columns,
        f"Share of {len(cohort.test)} test images with a training image of the same patient; the "
        "second is what is expected where as many are drawn at random.",
    )


def _divisions(materials):
    """Yield the name of a division and what is right in both parts, (n_runs, n_images) each."""
    cohort, given = materials.cohort, materials.grouped
    yield "as given", (given.correct, given.test_correct)
    n_wanted, n_folds = materials.settings.n_resamples, materials.settings.n_folds
    for name, by_patient in (("pooled, shuffled", False), ("pooled, by patient", True)):
        if by_patient and cohort.groups is None:
            return
        n_repeats = materials.budget.allow(
            f"repeats of the validation of the pool ({name})",
            n_wanted,
            fits_of_repeat(len(materials.learners), n_folds),
            materials.learners[0],
            share=0.2,
        )
        if not n_repeats:
            continue
        correct = crossfit(
            pooled(cohort),
            materials.learners,
            by_patient=by_patient,
            n_repeats=n_repeats,
            n_folds=n_folds,
            seed=materials.seed_of(name),
        ).correct
        yield name, (correct[:, ~cohort.in_test], correct[:, cohort.in_test])
