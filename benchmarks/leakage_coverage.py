"""How often the intervals of the leakage in the pool hold the truth: the table of leakage_study.

Run ``python -m benchmarks.leakage_coverage``; it takes minutes.
"""

import numpy as np
from scipy import stats

from dlboi.bias._cohort import cohort_of
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, Settings
from dlboi.bias._pool_leakage import pool_leakage

N_POOLS = 200
N_COLUMNS = 20


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


def plain_interval(differences):
    """Student's t interval that takes re-splits to be independent."""
    half = stats.sem(differences) * stats.t.isf(0.025, len(differences) - 1)
    return differences.mean(), differences.mean() - half, differences.mean() + half


def main():
    """Print the table."""
    print("likeness  patients  effect  corrected     over patients  plain t")
    for likeness in (0, 1):
        for n_patients in (20, 40, 100, 400):
            found = [pool_leakage(draw_materials(s, n_patients, likeness)) for s in range(N_POOLS)]
            found = [each for each in found if not each.reason]
            cells = []
            for intervals in (
                [each.effect[:3] for each in found],
                [each.over_patients[:3] for each in found],
                [plain_interval(each.differences) for each in found],
            ):
                estimates, low, high = np.transpose(intervals)
                truth, ideal = estimates.mean(), 2 * 1.96 * estimates.std()
                holds = np.mean((low <= truth) & (truth <= high))
                cells.append(f"{holds:.3f} ({(high - low).mean() / ideal:.2f})")
            effect = np.mean([each.effect.estimate for each in found])
            columns = f"{likeness:<8}  {n_patients:<8}  {effect:6.3f}"
            print(f"{columns}  {cells[0]:12}  {cells[1]:13}  {cells[2]:12}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
