import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlboi.metrics import holm_adjust, mcnemar_test


def test_mcnemar_is_the_binomial_test_of_the_discordant_images():
    a, b = np.repeat([1, 1, 0, 0], [30, 9, 2, 5]), np.repeat([1, 0, 1, 0], [30, 9, 2, 5])
    assert mcnemar_test(a, b) == mcnemar_test(b, a) == pytest.approx(stats.binomtest(9, 11).pvalue)


def test_mcnemar_of_the_same_answers_is_1():
    assert mcnemar_test([True, False], [1, 0]) == 1.0


def test_mcnemar_finds_a_difference_in_5_percent_at_most():
    rng, n_sets = np.random.default_rng(0), 2000
    p_values = [mcnemar_test(*(rng.random((2, 100)) < 0.8)) for _ in range(n_sets)]
    for level in (0.05, 0.2):
        rate = np.mean(np.array(p_values) <= level)
        assert rate <= level + 3 * np.sqrt(level * (1 - level) / n_sets)
        assert rate > level / 3


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([], [], "at least 1"),
        ([1], [1, 0], "same length"),
        ([2], [1], "'correct_a'"),
        ([1], [np.nan], "'correct_b'"),
    ],
)
def test_mcnemar_bad_input_names_the_parameter(a, b, message):
    with pytest.raises(ValueError, match=message):
        mcnemar_test(a, b)


def test_holm_by_hand():
    adjusted = holm_adjust([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(adjusted, [0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1) | st.just(np.nan), max_size=12), st.randoms())
def test_holm_properties(p_values, random):
    adjusted = holm_adjust(p_values)
    p_values = np.array(p_values)
    made = ~np.isnan(p_values)
    assert np.array_equal(np.isnan(adjusted), ~made)
    assert np.all(adjusted[made] >= p_values[made])
    assert np.all(adjusted[made] <= np.minimum(1, p_values[made] * made.sum()))
    np.testing.assert_array_equal(holm_adjust(p_values[made]), adjusted[made])
    order = list(range(p_values.size))
    random.shuffle(order)
    np.testing.assert_array_equal(holm_adjust(p_values[order]), adjusted[order])


def test_holm_keeps_false_findings_below_5_percent():
    p_values = np.random.default_rng(0).random((4000, 6))
    rate = np.mean([holm_adjust(row).min() <= 0.05 for row in p_values])
    assert abs(rate - 0.05) <= 3 * np.sqrt(0.05 * 0.95 / 4000)


@pytest.mark.parametrize("p_values", [[[0.1]], [1.1], [-0.1]])
def test_holm_bad_input_names_the_parameter(p_values):
    with pytest.raises(ValueError, match="'p_values' parameter"):
        holm_adjust(p_values)
