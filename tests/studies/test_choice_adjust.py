"""p-values of differences to the best of several levels."""

import numpy as np
import pytest
from scipy import stats

from dlboi.metrics import holm_adjust
from dlboi.studies._choice_adjust import choice_adjust

N_STUDIES = 2000


def _p_values_of_differences_to_the_best(rng, n_levels, n_images=60):
    """Compare equally good levels with the one that does best, on the same images."""
    scores = rng.normal(size=(n_levels, n_images))
    best = scores.mean(axis=1).argmax()
    return stats.ttest_1samp(np.delete(scores, best, axis=0) - scores[best], 0, axis=1).pvalue


@pytest.mark.parametrize("n_levels", [2, 5, 10, 20])
def test_equal_levels_are_found_worse_than_the_best_in_5_percent_at_most(n_levels):
    rng = np.random.default_rng(0)
    studies = [_p_values_of_differences_to_the_best(rng, n_levels) for _ in range(N_STUDIES)]
    found = np.mean([choice_adjust(p_values, n_levels).min() <= 0.05 for p_values in studies])
    error = np.sqrt(0.05 * 0.95 / N_STUDIES)
    assert 0.02 < found <= 0.05 + 3 * error
    # The adjustment for a reference that is named beforehand is not enough, hence this one.
    of_holm = np.mean([holm_adjust(p_values).min() <= 0.05 for p_values in studies])
    assert n_levels == 2 or of_holm > 0.05 + 5 * error


def test_p_values_are_multiplied_by_the_number_of_pairs_up_to_1():
    adjusted = choice_adjust([0.01, np.nan, 0.5], 4)
    assert adjusted == pytest.approx([0.06, np.nan, 1.0], nan_ok=True)
