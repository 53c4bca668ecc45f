import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlboi.metrics import (
    MeanInterval,
    difference_interval,
    patient_jackknife_interval,
    proportion_interval,
)


def least_coverage(n_sets, level=0.95):
    """Return the level less three standard errors; an interval may cover more, not less."""
    return level - 3 * np.sqrt(level * (1 - level) / n_sets)


def draw_correct(rng, n_patients, accuracy, correlation):
    """Right and wrong answers of patients of unequal size, each with an accuracy of its own."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    of_patient = np.full(n_patients, accuracy)
    if correlation:
        spread = 1 / correlation - 1
        of_patient = rng.beta(accuracy * spread, (1 - accuracy) * spread, n_patients)
    return (rng.random(patients.size) < of_patient[patients]).astype(float), patients


def draw_values(rng, n_patients, shift, correlation, prevalence=0.5):
    """Classes of patients, and values that are correlated within them and shifted by the class."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    y = (rng.random(n_patients) < prevalence)[patients].astype(int)
    values = np.sqrt(correlation) * rng.normal(size=n_patients)[patients]
    values += np.sqrt(1 - correlation) * rng.normal(size=patients.size)
    return y, values + shift * y, patients


def accuracy_difference(first, second):
    return lambda w, v: w @ first / w.sum(axis=1) - v @ second / v.sum(axis=1)


def area(y, values, weights):
    order = np.argsort(values)
    positive, negative = ((weights * (y == label))[:, order] for label in (1, 0))
    with np.errstate(invalid="ignore"):
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return np.sum(positive * np.cumsum(negative, axis=1), axis=1) / pairs


def label_shift(y, correct, y_other):
    """Accuracy less that at the prevalence of another set."""

    def statistic(weights, weights_other):
        share = weights @ y / weights.sum(axis=1)
        share_other = weights_other @ y_other / weights_other.sum(axis=1)
        with np.errstate(invalid="ignore"):
            recalls = [weights @ (correct * of) / (weights @ of) for of in (1 - y, y)]
        return (share - share_other) * (recalls[1] - recalls[0])

    return statistic


# ------------------------------------------------------------------- difference of two accuracies


def coverage_of_differences(n_sets, n_patients, accuracies, correlation, grouped=True):
    rng, held = np.random.default_rng(0), []
    for _ in range(n_sets):
        (first, of_first), (second, of_second) = (
            draw_correct(rng, n, accuracy, correlation)
            for n, accuracy in zip(n_patients, accuracies, strict=True)
        )
        groups = {"groups_first": of_first, "groups_second": of_second} if grouped else {}
        found = difference_interval(first, second, **groups)
        held.append(found.low <= accuracies[0] - accuracies[1] <= found.high)
    return np.mean(held)


@pytest.mark.parametrize("accuracies", [(0.8, 0.8), (0.95, 0.8)])
def test_difference_is_held_and_needs_patients(accuracies):
    arguments = (250, (40, 40), accuracies, 0.5)
    assert coverage_of_differences(*arguments) >= least_coverage(250)
    assert coverage_of_differences(*arguments, grouped=False) < least_coverage(250)


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [(10, 10), (20, 20), (40, 40), (10, 400), (400, 400)])
@pytest.mark.parametrize("correlation", [0, 0.3])
@pytest.mark.parametrize("accuracies", [(0.8, 0.8), (0.95, 0.95), (0.95, 0.8), (0.8, 0.95)])
def test_difference_is_held_at_all_sizes(n_patients, correlation, accuracies):
    share = coverage_of_differences(1000, n_patients, accuracies, correlation)
    assert share >= least_coverage(1000)


def test_equal_accuracies_are_found_different_in_5_percent():
    rng, p_values = np.random.default_rng(1), []
    for _ in range(400):
        (first, of_first), (second, of_second) = (draw_correct(rng, 60, 0.85, 0.3) for _ in "ab")
        found = difference_interval(first, second, groups_first=of_first, groups_second=of_second)
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
        p_values.append(found.p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 1 - least_coverage(400)
    assert 0.4 < np.mean(np.array(p_values) > 0.5) < 0.65


def test_without_groups_it_is_newcombes_interval():
    first, second = np.arange(70) < 56, np.arange(80) < 48
    found = difference_interval(first, second)
    assert isinstance(found, MeanInterval)
    # Newcombe (1998), Table II, column (a), method 10.
    assert tuple(np.round(found[:3], 4)) == (0.2, 0.0524, 0.3339)


def test_mean_over_runs_says_no_more_than_one_run():
    rng = np.random.default_rng(0)
    correct, patients = draw_correct(rng, 30, 0.8, 0.3)
    once = difference_interval(correct, [0, 1] * 40, groups_first=patients)
    same_runs = np.mean([correct] * 5, axis=0)
    assert difference_interval(same_runs, [0, 1] * 40, groups_first=patients) == pytest.approx(once)


def test_clear_difference_of_many_images_has_a_small_p_value():
    found = difference_interval(np.ones(100_000), np.zeros(100_000))
    assert 0.999 < found.low < found.high == 1
    assert found.p_value == 0


@pytest.mark.parametrize("value", [0, 1])
def test_unanimous_answers_are_not_certain(value):
    patients = np.repeat(np.arange(10), 6)
    values = np.full(60, value)
    found = difference_interval(values, values, groups_first=patients, groups_second=patients)
    assert found.estimate == 0
    assert found.high == -found.low > 0.2
    assert found.p_value == 1


@pytest.mark.parametrize("groups", [{"groups_first": ["a"] * 3}, {"groups_second": ["a"] * 2}])
def test_one_patient_does_not_tell_how_patients_differ(groups):
    found = difference_interval([1, 1, 0], [1, 0], **groups)
    assert found.estimate == pytest.approx(1 / 6)
    assert np.isnan(found[1:]).all()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 5), st.floats(0.5, 0.99))
def test_difference_mirrors_and_agrees_with_its_p_value(seed, n_patients, n_runs, level):
    rng = np.random.default_rng(seed)
    groups = np.r_[0, 1, rng.integers(n_patients, size=rng.integers(1, 30))]
    first = rng.integers(2, size=(n_runs, groups.size)).mean(axis=0)
    second = rng.random(rng.integers(1, 20)) < 0.9
    found = difference_interval(first, second, groups_first=groups, confidence_level=level)
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    mirrored = difference_interval(second, first, groups_second=groups, confidence_level=level)
    assert (-mirrored.high, -mirrored.low) == pytest.approx((found.low, found.high))
    assert mirrored.p_value == pytest.approx(found.p_value)
    if 1e-6 < found.p_value < 1:
        at_zero = difference_interval(
            first, second, groups_first=groups, confidence_level=1 - found.p_value
        )
        assert min(abs(at_zero.low), abs(at_zero.high)) < 1e-6


def test_bounds_against_a_sure_accuracy_are_those_of_the_proportion():
    correct, patients = draw_correct(np.random.default_rng(2), 30, 0.8, 0.3)
    found = difference_interval(correct, np.ones(1_000_000), groups_first=patients)
    wanted = proportion_interval(correct, groups=patients)
    assert (found.low + 1, found.high + 1) == pytest.approx((wanted.low, wanted.high), abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": []}, "'first' parameter of difference_interval"),
        ({"second": [[1, 0]]}, "'second' parameter.*average the runs"),
        ({"second": [0, 1.5]}, "'second' parameter.*Got 1.5"),
        ({"first": [0, np.nan]}, "'first' parameter.*Got nan"),
        ({"groups_first": [1]}, r"'groups' parameter of difference_interval \(first set\)"),
        ({"groups_second": [1, None]}, r"\(second set\).*index 1"),
        ({"confidence_level": 95}, "'confidence_level' parameter"),
    ],
)
def test_bad_accuracies_name_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        difference_interval(**{"first": [1, 0], "second": [1, 1]} | arguments)


# --------------------------------------------------------------------------- any other statistic


def coverage_of_statistics(n_sets, n_patients, kind, shift, correlation, grouped=True):
    rng, held = np.random.default_rng(0), []
    truth, threshold = 0.0, 0.35 * shift
    prevalences = (0.5, 0.5) if kind == "auc" else (0.75, 0.5)
    if kind == "label shift":
        truth = 0.25 * (stats.norm.cdf(0.65 * shift) - stats.norm.cdf(threshold))
    for _ in range(n_sets):
        (y, values, patients), (y_other, values_other, others) = (
            draw_values(rng, n, shift, correlation, prevalence)
            for n, prevalence in zip(n_patients, prevalences, strict=True)
        )
        if kind == "auc":

            def statistic(w, v, sets=(y, values, y_other, values_other)):
                return area(*sets[:2], w) - area(*sets[2:], v)

        else:
            statistic = label_shift(y, (values > threshold) == y, y_other)
        groups = [patients, others] if grouped else [np.arange(y.size), np.arange(y_other.size)]
        found = patient_jackknife_interval(statistic, groups)
        if not np.isnan(found.low):
            held.append(found.low <= truth <= found.high)
    return np.mean(held)


@pytest.mark.parametrize("kind", ["auc", "label shift"])
def test_statistic_is_held_and_needs_patients(kind):
    arguments = (200, (40, 40), kind, 1.7, 0.6)
    assert coverage_of_statistics(*arguments) >= least_coverage(200)
    assert coverage_of_statistics(*arguments, grouped=False) < least_coverage(200)


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [(10, 10), (20, 20), (40, 40), (10, 40), (400, 400)])
@pytest.mark.parametrize("correlation", [0, 0.3])
@pytest.mark.parametrize("shift", [1.7, 3.3])  # accuracies of about 0.8 and 0.95
@pytest.mark.parametrize("kind", ["auc", "label shift"])
def test_statistic_is_held_at_all_sizes(n_patients, correlation, shift, kind):
    n_sets = 600 if max(n_patients) < 400 else 200
    share = coverage_of_statistics(n_sets, n_patients, kind, shift, correlation)
    assert share >= least_coverage(n_sets)


def test_mean_of_many_images_has_students_interval():
    values = np.random.default_rng(0).random(300)
    found = patient_jackknife_interval(lambda w: w @ values / w.sum(axis=1), [np.arange(300)])
    wanted = stats.t.interval(0.95, 299, loc=values.mean(), scale=stats.sem(values))
    assert found.estimate == pytest.approx(values.mean())
    assert found[1:3] == pytest.approx(wanted, abs=0.001)


def test_one_set_and_two_sets_add_up():
    rng = np.random.default_rng(0)
    (first, of_first), (second, of_second) = (draw_correct(rng, n, 0.7, 0.3) for n in (200, 300))
    both = patient_jackknife_interval(accuracy_difference(first, second), [of_first, of_second])
    singles = [
        patient_jackknife_interval(lambda w, c=correct: w @ c / w.sum(axis=1), [patients])
        for correct, patients in ((first, of_first), (second, of_second))
    ]
    width = both.high - both.low
    assert width == pytest.approx(np.hypot(*(each.high - each.low for each in singles)), rel=0.02)


def test_agrees_with_difference_interval_for_many_patients():
    rng = np.random.default_rng(0)
    (first, of_first), (second, of_second) = (draw_correct(rng, 300, 0.8, 0.3) for _ in "ab")
    found = patient_jackknife_interval(accuracy_difference(first, second), [of_first, of_second])
    wanted = difference_interval(first, second, groups_first=of_first, groups_second=of_second)
    assert found == pytest.approx(wanted, abs=0.01)
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


def test_blocks_do_not_follow_the_order_of_the_patients():
    # 400 patients of each class, sorted: every 400th patient would balance the classes.
    is_positive = np.repeat([1.0, 0.0], 400)
    found = patient_jackknife_interval(lambda w: w @ is_positive / w.sum(axis=1), [np.arange(800)])
    wanted = stats.t.interval(0.95, 799, loc=0.5, scale=stats.sem(is_positive))
    assert found[1:3] == pytest.approx(wanted, abs=0.007)


def test_unseen_errors_may_exist():
    patients = np.repeat(np.arange(12), 5)
    found = patient_jackknife_interval(
        accuracy_difference(np.ones(60), np.ones(60)), [patients, patients]
    )
    assert found.estimate == 0
    assert found.high == -found.low > 0.1
    assert found.p_value == pytest.approx(1)


def test_few_patients_that_matter_say_little():
    wrong = np.zeros(400)
    wrong[:3] = 1
    found = patient_jackknife_interval(lambda w: w @ wrong / w.sum(axis=1), [np.arange(400)])
    # Three of 400: the exact interval of the rate ends at 0.022.
    assert found.high > 0.015
    assert found.p_value > 0.05


def test_class_of_one_patient_has_no_interval():
    y = np.repeat([1, 0, 0, 0], 5)
    values = np.random.default_rng(0).random(20)
    found = patient_jackknife_interval(
        lambda w: area(y, values, w) - 0.5, [np.repeat(np.arange(4), 5)]
    )
    assert np.isfinite(found.estimate)
    assert np.isnan(found[1:]).all()


def test_one_patient_or_no_value_has_no_interval():
    values = np.array([0.0, 1.0])
    one = patient_jackknife_interval(lambda w: w @ values / w.sum(axis=1), [["a", "a"]])
    assert one.estimate == 0.5
    assert np.isnan(one[1:]).all()
    undefined = patient_jackknife_interval(lambda w: np.full(len(w), np.nan), [["a", "b"]])
    assert np.isnan(undefined).all()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 12), st.floats(0.5, 0.99))
def test_jackknife_mirrors_and_agrees_with_its_p_value(seed, n_patients, level):
    rng = np.random.default_rng(seed)
    groups = [np.r_[0, 1, rng.integers(n_patients, size=rng.integers(1, 30))] for _ in "ab"]
    first, second = (rng.integers(2, size=codes.size) for codes in groups)
    found = patient_jackknife_interval(
        accuracy_difference(first, second), groups, confidence_level=level
    )
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert found.low < found.high
    mirrored = patient_jackknife_interval(
        accuracy_difference(second, first), groups[::-1], confidence_level=level
    )
    assert (-mirrored.high, -mirrored.low) == pytest.approx((found.low, found.high))
    if abs(found.p_value - (1 - level)) > 1e-9:
        assert (found.p_value < 1 - level) == (found.low > 0 or found.high < 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": []}, "one 1-D array"),
        ({"groups": ["a", "b"]}, r"write \[patients\]"),
        ({"groups": np.arange(3)}, "'groups' parameter"),
        ({"groups": [["a", None]]}, "index 1"),
        ({"statistic": 3}, "'statistic' parameter"),
        ({"statistic": lambda w: 0.5}, r"one value for each of the 1 rows.*shape \(\)"),
        ({"statistic": lambda w: 100 * np.ones(len(w))}, "Got 100 instead; divide"),
    ],
)
def test_bad_statistics_name_the_parameter(arguments, message):
    valid = {"statistic": lambda w: np.zeros(len(w)), "groups": [["a", "b"]]}
    with pytest.raises(ValueError, match=message):
        patient_jackknife_interval(**valid | arguments)
