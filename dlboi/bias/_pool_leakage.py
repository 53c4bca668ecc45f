"""What siblings in training add to the accuracy, on the same images of the pool."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from dlboi.bias._effect import Effect
from dlboi.bias._materials import Materials
from dlboi.bias._pool import best_in_pool
from dlboi.bias._twin_splits import draw_twins, pairable_patients
from dlboi.metrics import corrected_resampled_interval, patient_jackknife_interval

# Part of the patients with siblings that a re-split scores: with fewer, chance rules a re-split,
# with more, re-splits hold the same patients and do not add up.
_SHARE = 0.2
_MIN_PATIENTS = 10


class PoolLeakage(NamedTuple):
    """Accuracy that siblings in training add.

    Attributes
    ----------
    effect : Effect
        With an interval over patients and re-splits; unknown where too few patients have siblings.
    corrected : Effect
        Mean over re-splits, with the corrected interval.
    differences : ndarray of shape (n_resamples,)
        In each re-split.
    reason : str
        Why the effect is unknown; empty where it is known.
    """

    effect: Effect
    corrected: Effect
    differences: np.ndarray
    reason: str


def pool_leakage(materials: Materials) -> PoolLeakage:
    """Compare twin training sets, with siblings and with strangers, over re-splits of the pool.

    Parameters
    ----------
    materials : Materials
        What is studied; patients are known.

    Returns
    -------
    PoolLeakage
    """
    cohort, settings = materials.cohort, materials.settings
    n_patients = len(pairable_patients(cohort.y, cohort.groups))
    if n_patients < _MIN_PATIENTS:
        return _unknown(
            f"{n_patients} patients of the pool have two images or more and a partner with images "
            f"of the same classes; {_MIN_PATIENTS} are needed to measure leakage in the pool."
        )
    learner = best_in_pool(materials)
    n_resamples = materials.budget.allow(
        "re-splits of the pool", settings.n_resamples, 4, learner, share=0.2
    )
    if n_resamples < 2:
        return _unknown("There is no time for two re-splits of the pool.")
    rng = np.random.default_rng(materials.seed_of("twins in the pool"))
    drawn = [draw_twins(cohort.y, cohort.groups, _SHARE, rng) for _ in range(n_resamples)]
    splits = [split for both in drawn for split in both]
    gains = _gains(cohort.y, learner, splits)
    differences = np.array(
        [np.append(*both).mean() for both in zip(gains[::2], gains[1::2], strict=True)]
    )
    n_scored = drawn[0][0].n_patients
    corrected = corrected_resampled_interval(
        differences, n_train=n_patients - n_scored, n_test=n_scored
    )
    scored = np.concatenate([np.concatenate(split.own) for split in splits])
    return PoolLeakage(
        _over_both(np.concatenate(gains), cohort.groups[scored], differences),
        Effect.from_interval(corrected),
        differences,
        "",
    )


def _gains(y, learner, splits):
    """Return for each split and scored image what the siblings in training add: -1, 0 or 1."""
    predicted = learner.predict(
        [training for split in splits for training in split.training],
        [np.concatenate(split.own) for split in splits for _ in range(2)],
    )
    gains = []
    for split, *twins in zip(splits, predicted[::2], predicted[1::2], strict=True):
        scored = np.concatenate(split.own)
        first, second = (proba.argmax(axis=1) == y[scored] for proba in twins)
        of_first = np.arange(len(scored)) < len(split.own[0])
        gain = first.astype(float) - second
        gains.append(np.where(of_first, gain, -gain))
    return gains


def _over_both(gains, patients, differences):
    """Return the mean gain of an image, with an interval over patients and over re-splits.

    What is peculiar to one patient in one re-split counts twice, in the place of what the patients
    do as those who are learnt from, which leaving out their gains does not show.
    """
    over_patients = patient_jackknife_interval(
        lambda weights: weights @ gains / weights.sum(axis=1), [patients]
    )
    half = (over_patients.high - over_patients.low) / 2
    of_re_splits = stats.sem(differences) * stats.t.isf(0.025, len(differences) - 1)
    return Effect.from_interval(over_patients).widened(np.hypot(half, of_re_splits) / half)


def _unknown(reason):
    return PoolLeakage(Effect.unknown(), Effect.unknown(), np.empty(0), reason)
