"""When may a study say that chance does not explain a gap? A table of rules that might decide it.

Run ``python -m benchmarks.chance_rule``; it takes minutes.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from dlboi.bias._cohort import cohort_of
from dlboi.bias._gap_test import gap_of
from dlboi.bias._label_shift import label_shift_effect
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, Settings

N_STUDIES, N_PERMUTATIONS, N_COLUMNS = 400, 39, 4
MARGIN, ALPHA = 0.02, 0.05
# Claims of a study of two classes that may have a p-value: its strictest level is 5 % over these.
N_CLAIMS = 11


class Setting(NamedTuple):
    """What train and test are: share of the second class, and how far apart the classes are."""

    name: str
    prevalence: tuple[float, float]
    distance: tuple[float, float]


SETTINGS = (
    Setting("nothing", (0.75, 0.75), (2.0, 2.0)),
    Setting("prevalence, no gap", (0.5, 0.75), (2.0, 2.0)),
    Setting("prevalence, gap of the margin", (0.75, 0.5), (2.0, 2.44)),
    Setting("prevalence", (0.75, 0.5), (2.0, 2.0)),
)


def draw_part(rng, n_patients, prevalence, distance, first):
    """Draw rows, classes and patients, who have two images each."""
    y = np.append([0, 1], rng.random(n_patients - 2) < prevalence).astype(int)
    patients = np.repeat(np.arange(n_patients), 2)
    rows = np.sqrt(0.5) * rng.normal(size=(n_patients, N_COLUMNS))[patients]
    rows += np.sqrt(0.5) * rng.normal(size=rows.shape)
    rows[:, 0] += distance * (y[patients] - 0.5)
    return rows, y[patients], first + patients


def decisions(setting, n_patients, seed):
    """Return the gap, and whether each rule says that it is not chance."""
    rng = np.random.default_rng([seed, n_patients])
    parts = [
        draw_part(rng, n_patients, *kind, first)
        for *kind, first in zip(setting.prevalence, setting.distance, (0, n_patients), strict=True)
    ]
    cohort = cohort_of(*parts)
    learner = LogisticLearner(cohort.X, cohort.y, 2)

    def materials(n_permutations):
        settings = Settings(n_resamples=3, n_permutations=n_permutations, seed=seed)
        return Materials(cohort, [learner], settings)

    gap = gap_of(materials(0)).gap
    if not gap.low > MARGIN:
        return (gap.estimate, *[False] * 4)
    p_value, shift = gap_of(materials(N_PERMUTATIONS)).p_value, label_shift_effect(materials(0))
    p_shares = stats.fisher_exact([np.bincount(y[::2]) for _, y, _ in parts]).pvalue
    is_beyond = p_value <= ALPHA
    is_shift = shift.low > MARGIN and shift.p_value <= ALPHA / N_CLAIMS
    is_either = 2 * min(p_value, p_shares) <= ALPHA
    return gap.estimate, is_beyond, is_either, is_beyond or is_shift, True


def main(settings=SETTINGS):
    """Print the table."""
    print(f"{'planted':29}  patients  gap     permuted  or shares  or shift  interval")
    for setting in settings:
        for n_patients in (40, 400):
            found = [decisions(setting, n_patients, seed) for seed in range(N_STUDIES)]
            gap, *rules = np.mean(found, axis=0)
            said = "  ".join(
                f"{share:.3f}".ljust(width)
                for share, width in zip(rules, (8, 9, 8, 8), strict=True)
            )
            line = f"{setting.name:29}  {n_patients:<8}  {gap:6.3f}  {said}"
            print(line.rstrip(), flush=True)


if __name__ == "__main__":
    main()
