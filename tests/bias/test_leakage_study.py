"""Leakage: planted and found, or absent and not found; twins differ in nothing but the patients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression

from dlboi.bias import leakage_study
from dlboi.bias._budget import Budget
from dlboi.bias._cohort import cohort_of
from dlboi.bias._leakage_study import leakage_of
from dlboi.bias._learner import EstimatorLearner, LogisticLearner
from dlboi.bias._materials import Materials, Settings
from dlboi.bias._pool_leakage import pool_leakage
from dlboi.bias._shared_patients import expected_share
from dlboi.bias._twin_splits import draw_twins, pairable_patients

N_COLUMNS = 20


def draw(rng, n_patients, first, likeness, sizes=None):
    """Rows whose patients are recognised by them where `likeness` is not 0."""
    sizes = np.minimum(rng.geometric(0.3, n_patients), 12) if sizes is None else sizes
    patients = np.repeat(np.arange(n_patients), sizes)
    y = np.append([0, 1], rng.integers(0, 2, n_patients - 2))[patients]
    X = likeness * rng.standard_normal((n_patients, N_COLUMNS))[patients]
    X += rng.standard_normal(X.shape)
    X[:, :8] += 0.4 * y[:, None]
    return X, y, first + patients


def draw_materials(seed, n_patients, likeness, **chosen):
    rng = np.random.default_rng(seed)
    n_test = n_patients // 4
    train = draw(rng, n_patients - n_test, 0, likeness)
    cohort = cohort_of(train, draw(rng, n_test, n_patients, likeness))
    rows = (cohort.X - cohort.X.mean(axis=0)) / cohort.X.std(axis=0)
    learner = LogisticLearner(rows, cohort.y, 2)
    return Materials(cohort, [learner], Settings(seed=seed, **chosen))


# ------------------------------------------------------------------------------------------ twins


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=8, max_size=40),
    one_class=st.booleans(),
    share=st.sampled_from([0.1, 0.2, 0.5, 1.0]),
    seed=st.integers(0, 99),
)
def test_twins_differ_in_whose_images_they_hold_and_in_nothing_else(sizes, one_class, share, seed):
    rng = np.random.default_rng(seed)
    units = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    y = units % 2 if one_class else rng.integers(0, 2, len(units))
    if len(pairable_patients(y, units)) == 0:
        return
    for split in draw_twins(y, units, share, rng):
        first, second = split.training
        assert np.unique(first).size == first.size == second.size
        np.testing.assert_array_equal(np.sort(y[first]), np.sort(y[second]))
        base = np.intersect1d(first, second)
        siblings = [np.setdiff1d(part, base) for part in (first, second)]
        patients = [np.unique(units[part]) for part in siblings]
        assert [len(each) for each in patients] == [split.n_patients / 2] * 2
        # Siblings, strangers and the base are of different patients.
        assert not np.intersect1d(*patients).size
        assert not np.isin(units[base], np.concatenate(patients)).any()
        # Scored are all other images of the paired patients, and none that is learnt from.
        for own, mine, learnt in zip(split.own, siblings, patients, strict=True):
            expected = np.setdiff1d(np.flatnonzero(np.isin(units, learnt)), mine)
            np.testing.assert_array_equal(np.sort(own), expected)
            assert len(own) >= len(mine) > 0
            np.testing.assert_array_equal(np.unique(units[own]), learnt)
        rest = np.setdiff1d(np.arange(len(units)), np.concatenate([base, *siblings, *split.own]))
        assert not rest.size


def test_the_second_twins_score_what_was_siblings_in_the_first():
    units, y = np.repeat(np.arange(10), 4), np.repeat(np.arange(10) % 2, 4)
    first, second = draw_twins(y, units, 0.5, np.random.default_rng(0))
    for member in range(2):
        siblings = np.setdiff1d(first.training[member], second.training[member])
        np.testing.assert_array_equal(siblings, np.sort(second.own[member]))


def test_patients_need_two_images_and_a_partner_of_the_same_classes():
    units = np.array([0, 0, 1, 1, 2, 3, 3, 4, 4, 4])
    y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(pairable_patients(y, units), [0, 1])


@pytest.mark.parametrize("n_test", [1, 6, 20])
def test_expected_share_is_that_of_many_shuffles(n_test):
    rng = np.random.default_rng(0)
    units = np.repeat(np.arange(9), [1, 1, 1, 1, 2, 2, 3, 5, 8])
    shares = []
    for _ in range(3000):
        tested = np.isin(np.arange(24), rng.permutation(24)[:n_test])
        shares.append(np.isin(units[tested], units[~tested]).mean())
    error = np.std(shares) / np.sqrt(3000)
    assert expected_share(units, n_test) == pytest.approx(np.mean(shares), abs=4 * error)
    assert expected_share(np.arange(24), n_test) == 0


# ----------------------------------------------------------------------------------------- effects


def effects(n_sets, n_patients, likeness, what=leakage_of):
    return [what(draw_materials(seed, n_patients, likeness)) for seed in range(n_sets)]


def test_planted_leakage_is_found():
    found = effects(3, 240, 1.5)
    for name in ("validation", "pool", "pool_corrected"):
        estimates = [getattr(each, name).estimate for each in found]
        assert 0.03 < np.mean(estimates) < 0.12
        assert all(getattr(each, name).p_value < 0.05 for each in found)
    for each in found:
        assert each.share_given == 0
        assert each.share_pooled > 0.7
        assert each.pool_differences.shape == (20,)


def test_the_interval_in_the_pool_is_over_patients_and_re_splits():
    found = pool_leakage(draw_materials(0, 100, 1.5))
    half = (found.effect.high - found.effect.low) / 2
    re_splits = stats.ttest_1samp(found.differences, 0).confidence_interval()
    assert half > (re_splits.high - re_splits.low) / 2
    assert half < (found.corrected.high - found.corrected.low) / 2
    assert found.effect.estimate == pytest.approx(found.corrected.estimate, abs=0.01)


def test_where_there_is_none_none_is_found():
    found = effects(8, 60, 0)
    for name in ("validation", "pool", "pool_corrected"):
        assert abs(np.mean([getattr(each, name).estimate for each in found])) < 0.01
        assert np.sum([getattr(each, name).p_value < 0.05 for each in found]) <= 2
        assert not any(getattr(each, name).low > 0.02 for each in found)


def test_uneven_folds_of_few_patients_are_no_leakage():
    made = [draw_materials(seed, 16, 0, n_resamples=3) for seed in range(40)]
    gains = [each.shuffled.correct.mean() - each.grouped.correct.mean() for each in made]
    assert abs(np.mean(gains)) < 3 * stats.sem(gains)


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [20, 40, 100])
def test_no_leakage_is_rarely_found_to_be_some(n_patients):
    found = [each for each in effects(400, n_patients, 0) if np.isfinite(each.pool.p_value)]
    for name in ("validation", "pool", "pool_corrected"):
        n_found = np.sum([getattr(each, name).p_value <= 0.05 for each in found])
        assert n_found <= stats.binom.isf(0.001, len(found), 0.06)


@pytest.mark.slow
def test_planted_leakage_of_5_points_is_found_in_many_sets():
    found = effects(100, 240, 1.5)
    assert np.mean([each.pool.estimate for each in found]) == pytest.approx(0.05, abs=0.01)
    for name, power in (("validation", 0.99), ("pool", 0.95), ("pool_corrected", 0.9)):
        assert np.mean([getattr(each, name).p_value <= 0.05 for each in found]) >= power
    # Above the margin of two points in three of four sets of so few patients, about.
    assert np.mean([each.pool.low > 0.02 for each in found]) >= 0.6
    assert np.mean([each.pool_corrected.low > 0.02 for each in found]) < 0.6


@pytest.mark.slow
def test_a_plain_interval_over_re_splits_is_too_narrow_and_the_corrected_one_is_not():
    found = effects(200, 40, 1, what=pool_leakage)
    truth = np.mean([each.effect.estimate for each in found])
    plain = [stats.ttest_1samp(each.differences, 0).confidence_interval() for each in found]
    corrected = [each.corrected[1:3] for each in found]
    over_both = [each.effect[1:3] for each in found]
    holds = {
        name: np.mean([low <= truth <= high for low, high in bounds])
        for name, bounds in (
            ("plain", plain),
            ("corrected", corrected),
            ("over both", over_both),
        )
    }
    assert holds["plain"] < 0.88
    assert holds["corrected"] > 0.95
    assert holds["over both"] > 0.93


# ---------------------------------------------------------------------------------- what is missing


def test_without_patients_nothing_is_said_of_leakage():
    rng = np.random.default_rng(0)
    (X, y, _), (X_test, y_test, _) = draw(rng, 30, 0, 1), draw(rng, 10, 100, 1)
    found = leakage_study((X, y), (X_test, y_test), n_resamples=2)
    assert "NO PATIENTS ARE NAMED" in found.notes[0]
    assert np.isnan([*found.validation, *found.pool, *found.pool_corrected]).all()
    assert np.isnan([found.share_given, found.share_pooled]).all()
    assert set(found.tables[0].columns["division"]) == {"as given", "pooled, shuffled"}


def test_one_image_a_patient_says_nothing_of_the_pool():
    rng = np.random.default_rng(0)
    train, test = (draw(rng, n, 100 * n, 1, np.ones(n, dtype=int)) for n in (40, 20))
    found = leakage_study(train, test, n_resamples=4)
    assert np.isnan(found.pool).all()
    assert "0 patients of the pool have two images or more" in found.notes[0]
    assert found.share_pooled == 0
    assert found.validation.low < 0 < found.validation.high


def test_patients_in_both_parts_are_counted():
    rng = np.random.default_rng(0)
    X, y, groups = draw(rng, 40, 0, 1, np.full(40, 4))
    train, test = groups < 30, groups >= 20
    test[::4] = train[::4] = True  # the first image of each patient is in both
    found = leakage_study(
        *((X[part], y[part], groups[part]) for part in (train, test)), n_resamples=3
    )
    assert found.share_given == pytest.approx(np.isin(groups[test], groups[train]).mean())


def test_a_pool_hides_the_part_that_is_harder():
    rng = np.random.default_rng(0)
    train, test = draw(rng, 60, 0, 1), draw(rng, 12, 100, 1)
    test[0][:, :8] -= 0.4 * test[1][:, None]
    table = leakage_study(train, test, n_resamples=4).tables[1]
    assert table.columns["division"][::2] == ["as given", "pooled, shuffled", "pooled, by patient"]
    assert table.columns["images"] == [len(train[1]), len(test[1])] * 3
    cells = (table.columns[name] for name in ("division", "part", "accuracy"))
    accuracy = {(division, part): value for division, part, value in zip(*cells, strict=True)}
    for division in ("as given", "pooled, by patient"):
        assert accuracy[division, "train"] > accuracy[division, "test"]
    assert accuracy["pooled, shuffled", "train"] > accuracy["pooled, by patient", "train"] + 0.03


def test_a_costly_estimator_stays_within_its_time():
    rng = np.random.default_rng(0)
    cohort = cohort_of(draw(rng, 20, 0, 1), draw(rng, 10, 100, 1))
    learner = EstimatorLearner(LogisticRegression(), cohort, n_jobs=None, seed=0)
    learner.predict([cohort.train], [cohort.test])
    learner.seconds_a_fit = 1.0
    study = Materials(cohort, [learner], Settings(), Budget(max_time=1.0))
    found = leakage_of(study)
    assert "no time" in found.notes[0]
    assert np.isnan(found.pool).all()
    assert len(study.budget.left_out) >= 3


def test_the_result_depends_on_the_seed_alone():
    rng = np.random.default_rng(0)
    sets = draw(rng, 30, 0, 1), draw(rng, 12, 100, 1)
    first, second, other = (
        leakage_study(*sets, n_resamples=3, random_state=seed) for seed in (0, 0, 1)
    )
    assert first.pool == second.pool
    assert first.validation == second.validation
    assert first.validation != other.validation
