import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlboi.metrics import (
    MeanInterval,
    corrected_resampled_interval,
    crossed_interval,
    proportion_interval,
)


def highest_rate(n_sets, level=0.05):
    return level + 3 * np.sqrt(level * (1 - level) / n_sets)


# ------------------------------------------------------------------- splits of the same images


def test_formula_of_nadeau_and_bengio():
    values = np.array([0.1, 0.3, 0.2, 0.4])
    found = corrected_resampled_interval(values, n_train=80, n_test=20, confidence_level=0.9)
    deviation = np.sqrt((1 / 4 + 20 / 80) * values.var(ddof=1))
    assert isinstance(found, MeanInterval)
    assert found[1:3] == pytest.approx(stats.t.interval(0.9, 3, loc=0.25, scale=deviation))
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.25 / deviation, 3))


def test_correlated_values_are_found_different_in_5_percent():
    # The model of the formula: correlation n_test / (n_train + n_test) between splits.
    rng, n_sets, share = np.random.default_rng(0), 4000, 0.2
    common = rng.normal(size=(n_sets, 1)) * np.sqrt(share)
    sets = common + rng.normal(size=(n_sets, 10)) * np.sqrt(1 - share)
    found = [corrected_resampled_interval(values, n_train=80, n_test=20) for values in sets]
    rate = np.mean([interval.p_value <= 0.05 for interval in found])
    assert abs(rate - 0.05) <= highest_rate(n_sets) - 0.05
    for interval in found[:100]:
        assert (interval.p_value <= 0.05) == (interval.low > 0 or interval.high < 0)


def test_splits_without_a_result_do_not_count():
    with_gap = corrected_resampled_interval([0.1, np.nan, 0.3], n_train=4, n_test=1)
    assert with_gap == corrected_resampled_interval([0.1, 0.3], n_train=4, n_test=1)


@pytest.mark.parametrize(("values", "estimate"), [([], np.nan), ([0.2], 0.2), ([0.1] * 6, 0.1)])
def test_too_little_for_an_interval(values, estimate):
    found = corrected_resampled_interval(values, n_train=4, n_test=1)
    assert found.estimate == pytest.approx(estimate, nan_ok=True)
    assert np.isnan(found[1:]).all()


def test_identical_classifiers():
    assert corrected_resampled_interval([0, 0, 0], n_train=4, n_test=1) == (0, 0, 0, 1)
    assert crossed_interval(np.zeros((3, 5))) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"values": [[1.0]]}, "1-D"), ({"n_train": 0}, "'n_train'"), ({"n_test": 1.5}, "'n_test'")],
)
def test_bad_splits_name_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        corrected_resampled_interval(**{"values": [1, 2], "n_train": 4, "n_test": 1} | arguments)


# --------------------------------------------------------------------------- patients and runs


def draw_differences(rng, n_patients, n_runs, of_patients, of_runs):
    """Two equally good classifiers, whose answers depend on the image, the patient and the run."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    shared, right = rng.normal(size=patients.size), []
    for _ in range(2):
        values = shared + rng.normal(size=(n_runs, patients.size))
        values += of_patients * rng.normal(size=n_patients)[patients]
        values += of_runs * rng.normal(size=(n_runs, 1))
        right.append(values > np.sqrt(2 + of_patients**2 + of_runs**2) * stats.norm.ppf(0.15))
    return right[0].astype(int) - right[1], patients


def rejection_rate(n_sets, *setting):
    rng = np.random.default_rng(0)
    drawn = (draw_differences(rng, *setting) for _ in range(n_sets))
    p_values = [crossed_interval(d, groups=patients).p_value for d, patients in drawn]
    return np.mean(np.array(p_values) <= 0.05)


@pytest.mark.parametrize(("of_patients", "of_runs"), [(0, 0), (1, 0.4)])
def test_equal_classifiers_are_found_different_in_5_percent_at_most(of_patients, of_runs):
    assert rejection_rate(400, 40, 3, of_patients, of_runs) <= highest_rate(400)


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [10, 20, 40, 400])
@pytest.mark.parametrize("n_runs", [1, 2, 3, 10])
@pytest.mark.parametrize(("of_patients", "of_runs"), [(0, 0), (1, 0), (0, 0.4), (1, 0.4)])
def test_equal_classifiers_at_all_sizes(n_patients, n_runs, of_patients, of_runs):
    if n_runs == 1 and of_runs:
        of_runs = 0  # one run says nothing of others
    # Half a point of tolerance, as the documented rates are up to 0.055.
    assert rejection_rate(1500, n_patients, n_runs, of_patients, of_runs) <= highest_rate(
        1500, 0.055
    )


def test_new_runs_count_where_they_differ():
    rng = np.random.default_rng(0)
    differences, patients = draw_differences(rng, 400, 3, 0, 1.0)
    crossed = crossed_interval(differences, groups=patients)
    of_patients = crossed_interval(differences.mean(axis=0), groups=patients)
    assert crossed.high - crossed.low > 3 * (of_patients.high - of_patients.low)


def draw_gains(rng, n_patients):
    """Few patients have most of the gains, which are a tenth of the images."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.1, n_patients))
    shares = rng.beta(0.5, 4.5, n_patients)
    return (rng.random(patients.size) < shares[patients]).astype(float), patients


def test_a_skewed_mean_is_as_rarely_above_its_interval_as_below():
    rng, n_sets = np.random.default_rng(0), 600
    drawn = [draw_gains(rng, 20) for _ in range(n_sets)]
    for skewed, is_right in ((False, False), (True, True)):
        above = [crossed_interval(g, groups=p, skewed=skewed).high < 0.1 for g, p in drawn]
        assert (np.mean(above) <= highest_rate(n_sets, 0.025)) == is_right


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 12))
def test_a_skewed_interval_holds_the_other_and_agrees_with_its_p_value(seed, n_runs, n_patients):
    rng = np.random.default_rng(seed)
    groups, values = rng.integers(n_patients, size=30), rng.choice([0, 0, 0, 1], (n_runs, 30))
    plain, skewed = (crossed_interval(values, groups=groups, skewed=s) for s in (False, True))
    if np.isnan(plain.low):
        assert np.isnan(skewed[1:]).all()
        return
    assert skewed.low <= plain.low + 1e-12
    assert plain.high - 1e-12 <= skewed.high
    if skewed.p_value < 0.049:
        assert skewed.low > 0
    if skewed.p_value > 0.051:
        assert skewed.low < 0
    mirrored = crossed_interval(-values, groups=groups, skewed=True)
    assert (-mirrored.high, -mirrored.low) == pytest.approx((skewed.low, skewed.high))


def test_clear_difference_is_found():
    rng = np.random.default_rng(0)
    values = rng.choice([0, 0, 1], size=(3, 200))
    found = crossed_interval(values)
    assert found.low > 0
    assert found.p_value < 0.001


def test_one_run_of_independent_images_is_students_t():
    values = np.random.default_rng(0).normal(0.2, 1, size=30)
    found = crossed_interval(values)
    wanted = stats.ttest_1samp(values, 0)
    assert found.p_value == pytest.approx(wanted.pvalue)
    assert found[1:3] == pytest.approx(tuple(wanted.confidence_interval()))


def test_few_discordant_patients_say_little():
    values = np.zeros(400)
    values[:4] = 1  # McNemar's exact test gives 0.125
    assert crossed_interval(values).p_value > 0.1


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 12))
def test_interval_and_p_value_agree_and_mirror(seed, n_runs, n_patients):
    rng = np.random.default_rng(seed)
    groups = rng.integers(n_patients, size=30)
    values = rng.choice([-1, 0, 0, 1], size=(n_runs, 30))
    found = crossed_interval(values, groups=groups)
    mirrored = crossed_interval(-values, groups=groups)
    assert (-mirrored.high, -mirrored.low) == pytest.approx((found.low, found.high), nan_ok=True)
    if found.p_value < 0.049:
        assert found.low > 0 or found.high < 0
    if found.p_value > 0.051:
        assert found.low < 0 < found.high


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(10), 5)])
def test_one_run_of_a_proportion_is_proportion_interval(groups):
    correct = np.random.default_rng(0).random(50) < 0.8
    found = crossed_interval(correct, groups=groups, proportion=True)
    assert found[:3] == pytest.approx(tuple(proportion_interval(correct, groups=groups)))
    assert np.isnan(found.p_value)


@pytest.mark.parametrize("right", [0, 1])
def test_flawless_runs_are_not_certain(right):
    found = crossed_interval(np.full((3, 60), right), proportion=True)
    wanted = proportion_interval(np.full(60, right))
    assert found[:3] == pytest.approx(tuple(wanted))


def test_accuracy_holds_the_truth():
    rng, n_sets, held = np.random.default_rng(0), 400, 0
    for _ in range(n_sets):
        patients = np.repeat(np.arange(40), rng.geometric(0.3, 40))
        values = rng.normal(size=(3, patients.size)) + rng.normal(size=40)[patients]
        values += 0.4 * rng.normal(size=(3, 1))
        correct = values < np.sqrt(2.16) * stats.norm.ppf(0.85)
        _, low, high, _ = crossed_interval(correct, groups=patients, proportion=True)
        held += low <= 0.85 <= high
        assert 0 <= low < high <= 1
    assert held / n_sets >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / n_sets)


@pytest.mark.parametrize("values", [np.ones((3, 4)), np.full(4, -1.0)])
def test_constant_differences_do_not_tell_how_sure_they_are(values):
    found = crossed_interval(values)
    assert found.estimate == values.mean()
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize("proportion", [False, True])
def test_one_patient_does_not_tell_how_patients_differ(proportion):
    found = crossed_interval([[0, 1], [1, 1]], groups=["a", "a"], proportion=proportion)
    assert found.estimate == 0.75
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"values": []}, "not empty"),
        ({"values": np.zeros((1, 2, 2))}, "n_runs, n_samples"),
        ({"values": [0, np.nan]}, "finite"),
        ({"values": [0, -1], "proportion": True}, "0 and 1"),
        ({"values": [0, 1], "groups": [1]}, "'groups' parameter of crossed_interval"),
    ],
)
def test_bad_values_name_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        crossed_interval(**arguments)
