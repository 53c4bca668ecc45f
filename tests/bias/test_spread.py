"""Intervals that are widened by what they leave out, as permuted parts tell it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlboi.bias._domain_swap import domain_swap
from dlboi.bias._effect import Effect
from dlboi.bias._permuted_parts import permute_parts
from dlboi.bias._spread import jackknife_variance, left_out_shares, widening
from tests.bias.simulated_rows import make_materials, make_rows


def draw(seed, *, first_of_test=60, **settings):
    """Materials of training patients 0 to 59, and of 60 test patients."""
    rng = np.random.default_rng(seed)
    test = make_rows(rng, 60, first_patient=first_of_test, **settings)
    return make_materials(make_rows(rng, 60, **settings), test, n_resamples=20, seed=seed)


@given(seed=st.integers(0, 1000), n_patients=st.integers(2, 8))
def test_shares_are_those_without_a_patient(seed, n_patients):
    rng = np.random.default_rng(seed)
    units = np.append(np.arange(n_patients), rng.integers(0, n_patients, 6))
    asked = rng.integers(1, 4, len(units)).astype(float)
    right = rng.integers(0, asked + 1).astype(float)
    expected = [right.sum() / asked.sum()]
    expected += [
        right[units != unit].sum() / asked[units != unit].sum() for unit in range(n_patients)
    ]
    shares = left_out_shares(right, asked, units)
    np.testing.assert_allclose(shares, expected)
    spread = (n_patients - 1) ** 2 / n_patients * np.var(expected[1:], ddof=1)
    bias = np.mean(expected[1:]) - expected[0]
    assert jackknife_variance(shares) == pytest.approx(spread + (n_patients - 1) * bias**2)


def test_patients_who_are_not_asked_about_do_not_count():
    right, asked, units = np.array([1.0, 0, 0]), np.array([1.0, 1, 0]), np.array([0, 2, 5])
    np.testing.assert_array_equal(left_out_shares(right, asked, units), [0.5, 0, 1])


def test_one_patient_tells_no_variance():
    shares = left_out_shares(np.ones(3), np.ones(3), np.zeros(3, dtype=int))
    np.testing.assert_array_equal(shares, [1, np.nan])
    assert np.isnan(jackknife_variance(shares))


def test_intervals_are_widened_by_the_ratio_of_standard_deviations_and_never_narrowed():
    differences = np.sqrt(19 / 20) * np.tile([[0.2, 0.1, 0.3], [-0.2, -0.1, -0.3]], (10, 1)) + 0.5
    variances = np.tile([0.01, 0.04, np.nan], (20, 1))
    np.testing.assert_allclose(widening(differences, variances), [2, 1, 1])


def test_few_permutations_widen_nothing():
    assert widening(np.ones(19), np.full(19, 0.01)) == 1


def test_a_wider_interval_keeps_the_estimate_and_has_the_p_value_of_the_wider_one():
    effect = Effect(0.1, 0.02, 0.18, float(stats.norm.sf(2.45)))
    wider = effect.widened(1.5)
    assert wider[:3] == pytest.approx((0.1, -0.02, 0.22))
    assert wider.p_value == pytest.approx(stats.norm.sf(2.45 / 1.5))
    assert effect.widened(1.0) == pytest.approx(effect)
    assert effect.widened(100.0)[1:3] == (-1, 1)


def test_what_has_no_bounds_is_given_none():
    assert np.isnan(Effect.unknown(0.1).widened(2.0)[1:]).all()


def test_whole_patients_change_parts_with_those_of_their_classes():
    cohort = draw(0, first_of_test=50).cohort
    assert len(cohort.in_both) == 10
    found = permute_parts(cohort, 20, np.random.default_rng(0))
    assert (found != cohort.in_test).any(axis=1).all()
    stays = np.isin(cohort.units, cohort.in_both)
    np.testing.assert_array_equal(found[:, stays], np.tile(cohort.in_test[stays], (20, 1)))
    for in_test in found:
        for unit in np.unique(cohort.units[~stays]):
            assert len(set(in_test[cohort.units == unit])) == 1
        for code in range(cohort.n_classes):
            of_class = cohort.y == code
            patients = {
                frozenset(cohort.units[of_class & side & ~stays])
                for side in (in_test, cohort.in_test)
            }
            assert len({len(each) for each in patients}) == 1


@pytest.mark.slow
def test_in_noise_the_interval_of_the_harder_part_holds_zero():
    held = []
    for seed in range(300):
        harder = domain_swap(draw(seed, distance=0.0, n_columns=3)).harder
        held.append(harder.low <= 0 <= harder.high)
    assert sum(held) >= stats.binom.ppf(0.01, 300, 0.93)
