"""How often the intervals of the leakage in the pool hold the truth: the table of leakage_study.

Run ``python -m benchmarks.leakage_coverage``; it takes minutes.
"""

import numpy as np
from scipy import stats

from dlboi.bias._cohort import cohort_of
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, Settings
from dlboi.bias._pool_leakage import pool_leakage

N_POOLS = 400
N_COLUMNS = 20
MARGIN = 0.02
# Claims of a study of two classes that may have a p-value: its strictest level is 5 % over these.
N_CLAIMS = 11
CELLS = ((0, 20), (0, 40), (0, 400), (1, 20), (1, 40), (1, 100), (1, 400), (2, 400))
HEADER = (
    "likeness  patients  effect  both                     corrected                one    plain"
)


def draw_part(rng, n_patients, first, likeness):
    """Draw rows, classes and patients; rows of a patient are alike, whatever the class."""
    patients = np.repeat(np.arange(n_patients), np.minimum(rng.geometric(0.3, n_patients), 12))
    y = np.append([0, 1], rng.integers(0, 2, n_patients - 2))[patients]
    rows = likeness * rng.normal(size=(n_patients, N_COLUMNS))[patients]
    rows += rng.normal(size=rows.shape)
    rows[:, :8] += 0.4 * y[:, None]
    return rows, y, first + patients


def draw_materials(seed, n_patients, likeness, **settings):
    """Draw training patients and a quarter as many test patients of their kind."""
    rng = np.random.default_rng(seed)
    n_test = n_patients // 4
    cohort = cohort_of(
        draw_part(rng, n_patients - n_test, 0, likeness),
        draw_part(rng, n_test, n_patients, likeness),
    )
    rows = (cohort.X - cohort.X.mean(axis=0)) / cohort.X.std(axis=0)
    learner = LogisticLearner(rows, cohort.y, 2)
    return Materials(cohort, [learner], Settings(seed=seed, **settings))


def alone(found):
    """Return the interval over patients, without what re-splits add, and the plain one of these."""
    estimate, low, high, p_value = found.effect
    half, mean = (high - low) / 2, found.differences.mean()
    of_re_splits = stats.sem(found.differences) * stats.t.isf(0.025, len(found.differences) - 1)
    of_patients = np.sqrt(half**2 - of_re_splits**2)
    return (
        (estimate, estimate - of_patients, estimate + of_patients, p_value),
        (mean, mean - of_re_splits, mean + of_re_splits, p_value),
    )


def shares(intervals):
    """Return how often the truth is held, or lies below; the width; how often a leak is found."""
    estimates, low, high, p_values = np.transpose(intervals)
    truth, ideal = estimates.mean(), 2 * 1.96 * estimates.std()
    return (
        np.mean((low <= truth) & (truth <= high)),
        np.mean(low > truth),
        (high - low).mean() / ideal,
        np.mean((low > MARGIN) & (p_values <= 0.05 / N_CLAIMS)),
    )


def main(cells=CELLS):
    """Print the table."""
    print(HEADER)
    for likeness, n_patients in cells:
        found = [pool_leakage(draw_materials(s, n_patients, likeness)) for s in range(N_POOLS)]
        found = [each for each in found if not each.reason]
        over_patients, plain = zip(*map(alone, found), strict=True)
        intervals = [each.effect for each in found], [each.corrected for each in found]
        said = ["{:.3f} {:.3f} {:4.2f} {:.3f}".format(*shares(each)) for each in intervals]
        said += [f"{shares(each)[0]:.3f}" for each in (over_patients, plain)]
        effect = np.mean([each.effect.estimate for each in found])
        print(
            f"{likeness:<8}  {n_patients:<8}  {effect:6.3f}  {'  '.join(said)}".rstrip(), flush=True
        )


if __name__ == "__main__":
    main()
