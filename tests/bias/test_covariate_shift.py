import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.utils import Bunch

import dlboi.bias._block_controls as controls_module
from dlboi.bias import covariate_shift
from dlboi.bias._block_controls import block_controls
from dlboi.bias._part_differences import (
    mean_difference,
    patient_means,
    standardised_difference,
)
from dlboi.bias._part_smoother import PartSmoother
from dlboi.bias._patient_folds import patient_folds
from dlboi.bias._two_sample_auc import part_areas
from dlboi.bias._two_sample_test import two_sample_test
from dlboi.datasets import make_chest_phantoms


def make_patients(rng, n_train, n_test, *, n_features=5, shift=0.0, trend=0.0, sizes=None):
    """Return rows, patients, and which patients are of the test part; these come last."""
    n = n_train + n_test
    sizes = rng.geometric(0.5, n) if sizes is None else np.repeat(sizes, (n_train, n_test))
    patients = np.repeat(np.arange(n), sizes)
    rows = rng.normal(size=(n, n_features))[patients] + rng.normal(size=(len(patients), n_features))
    rows[:, 0] += trend * patients / n_train + shift * (patients >= n_train)
    return rows, patients, np.arange(n) >= n_train


def make_sets(rng, n_train, n_test, *, n_classes=2, shift=0.0, trend=0.0):
    """Return training and test set of rows; the first class has the shift and the trend."""
    parts = ([], []), ([], []), ([], [])
    for label in range(n_classes):
        strength = {"shift": shift, "trend": trend} if label == 0 else {}
        rows, patients, is_test = make_patients(rng, n_train, n_test, **strength)
        for part in (0, 1):
            chosen = is_test[patients] == part
            parts[0][part].append(rows[chosen])
            parts[1][part].append(np.full(chosen.sum(), label))
            parts[2][part].append(1000 * label + patients[chosen])
    return [tuple(np.concatenate(each[part]) for each in parts) for part in (0, 1)]


# --------------------------------------------------------------------------- the classifier


def test_scores_are_those_of_ridge_regression_fitted_without_the_fold():
    rng = np.random.default_rng(0)
    rows, patients, is_test = make_patients(rng, 14, 9, n_features=3)
    labels = is_test[patients].astype(float)
    weights = 1 / np.bincount(patients)[patients]
    centred = rows - np.average(rows, axis=0, weights=weights)
    standard = centred / np.sqrt(np.average(centred**2, axis=0, weights=weights))
    sizes = np.bincount(patients)
    folds = patient_folds(np.zeros(23, int), sizes, 5, np.random.default_rng(7))[patients]
    expected = np.empty(len(rows))
    for fold in range(5):
        others, own = folds != fold, folds == fold
        ridge = Ridge(alpha=3.0).fit(
            standard[others], labels[others], sample_weight=weights[others]
        )
        mean = np.average(standard[others], axis=0, weights=weights[others])
        expected[own] = (standard[own] - mean) @ ridge.coef_
    smoother = PartSmoother(rows, patients, np.random.default_rng(7))
    np.testing.assert_allclose(smoother.scores(labels[None])[0], expected, atol=1e-12)


def test_the_labels_of_a_patient_do_not_change_their_own_scores():
    rng = np.random.default_rng(1)
    rows, patients, is_test = make_patients(rng, 10, 10)
    labels = np.repeat(is_test[patients][None], 20, axis=0)
    for patient in range(20):
        labels[patient, patients == patient] ^= True
    smoother = PartSmoother(rows, patients, rng, n_divisions=3)
    before, after = smoother.scores(is_test[patients][None])[0], smoother.scores(labels)
    for patient in range(20):
        own = patients == patient
        np.testing.assert_allclose(after[patient, own], before[own], atol=1e-12)


def test_a_constant_column_is_no_trouble():
    rng = np.random.default_rng(2)
    rows, patients, is_test = make_patients(rng, 10, 10)
    rows[:, 1] = 3.0
    scores = PartSmoother(rows, patients, rng).scores(is_test[patients][None])
    assert np.isfinite(scores).all()


# --------------------------------------------------------------------------- the area


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=4, max_size=9),
    n_levels=st.sampled_from([2, 5, 1000]),
    seed=st.integers(0, 10**6),
)
def test_areas_are_those_of_scikit_learn_with_patients_weighted(sizes, n_levels, seed):
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(len(sizes)), sizes)
    weights = 1 / np.repeat(sizes, sizes)
    is_test = rng.permuted(np.tile(np.arange(len(sizes)) < 2, (2, 1)), axis=1)
    labels = is_test[:, patients]
    scores = rng.integers(n_levels, size=labels.shape).astype(float)
    areas, left_out = part_areas(scores, labels, patients)
    for row in range(2):
        area = roc_auc_score(labels[row], scores[row], sample_weight=weights)
        assert areas[row] == pytest.approx(area)
        for patient in range(len(sizes)):
            kept = patients != patient
            area = roc_auc_score(labels[row, kept], scores[row, kept], sample_weight=weights[kept])
            assert left_out[row, patient] == pytest.approx(area)


# --------------------------------------------------------------------------- the test


def null_p_values(n_sets, n_train, n_test, n_permutations, **options):
    rng = np.random.default_rng(3)
    return np.array(
        [
            two_sample_test(*make_patients(rng, n_train, n_test, **options), n_permutations, rng)[1]
            for _ in range(n_sets)
        ]
    )


def assert_is_uniform(p_values, n_permutations):
    """The p-values take the values 1/(1 + B), …, 1, each as often."""
    shares = [np.mean(p_values <= level) for level in (0.05, 0.25, 0.5, 0.75)]
    for share, level in zip(shares, (0.05, 0.25, 0.5, 0.75), strict=True):
        assert abs(share - level) <= 3.5 * np.sqrt(level * (1 - level) / len(p_values))
    assert p_values.min() >= 1 / (1 + n_permutations)


def test_p_values_are_uniform_where_there_is_no_shift():
    assert_is_uniform(null_p_values(300, 12, 8, 19), 19)


@pytest.mark.slow
@pytest.mark.parametrize(("n_train", "n_test"), [(12, 12), (40, 10), (100, 100)])
def test_p_values_are_uniform_where_there_is_no_shift_at_length(n_train, n_test):
    assert_is_uniform(null_p_values(2000, n_train, n_test, 99), 99)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(8, 1), (1, 8)])
def test_other_numbers_of_images_a_patient_are_no_shift(sizes):
    p_values = null_p_values(1000, 40, 10, 99, sizes=sizes)
    assert np.mean(p_values <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_a_shift_is_found():
    rng = np.random.default_rng(4)
    p_values = [
        two_sample_test(*make_patients(rng, 40, 20, shift=2.0), 99, rng)[1] for _ in range(20)
    ]
    assert np.mean(np.array(p_values) <= 0.05) >= 0.9


@pytest.mark.parametrize("shift", [0.0, 2.0])
def test_the_interval_holds_the_mean_area(shift):
    rng, n_sets = np.random.default_rng(5), 200
    found = np.array(
        [
            two_sample_test(*make_patients(rng, 30, 15, shift=shift), 0, rng)[0]
            for _ in range(n_sets)
        ]
    )
    truth = found[:, 0].mean()
    held = np.mean((found[:, 1] <= truth) & (truth <= found[:, 2]))
    assert held >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / n_sets)


def test_no_permutations_give_no_p_value():
    rng = np.random.default_rng(0)
    assert np.isnan(two_sample_test(*make_patients(rng, 9, 9), 0, rng)[1])


# --------------------------------------------------------------------------- the controls


def test_all_comparisons_have_equal_numbers_of_patients(monkeypatch):
    seen = []

    def watched(scores, labels, patients):
        is_test = np.zeros(patients[-1] + 1, dtype=bool)
        is_test[patients[labels[0]]] = True
        seen.append((is_test.sum(), (~is_test).sum()))
        return part_areas(scores, labels, patients)

    monkeypatch.setattr(controls_module, "part_areas", watched)
    rng = np.random.default_rng(6)
    for n_train, n_test, n_blocks, n_patients in (
        (50, 9, 5, 9),
        (40, 30, 4, 10),
        (300, 10, 19, 10),
    ):
        seen.clear()
        rows, patients, is_test = make_patients(rng, n_train, n_test)
        found = block_controls(rows, patients, is_test, np.arange(n_train + n_test), rng)
        assert found.n_patients == n_patients
        assert len(found.random) == len(found.ordered) == n_blocks
        assert set(seen) == {(n_patients, n_patients)}


def above_rate(n_sets, **options):
    rng, n_above = np.random.default_rng(7), 0
    for _ in range(n_sets):
        train, test = make_sets(rng, 60, 12, **options)
        result = covariate_shift(train, test, n_permutations=0)
        n_above += result.classes[0].above_ordered
    return n_above / n_sets


def test_test_is_above_the_ordered_blocks_where_it_alone_differs():
    assert above_rate(6, shift=4.0) >= 0.9


def test_a_drift_inside_train_is_seen_in_the_ordered_blocks_alone():
    rng = np.random.default_rng(8)
    train, test = make_sets(rng, 60, 12, trend=8.0)
    drifting, steady = covariate_shift(train, test, n_permutations=99).classes
    assert drifting.p_value == 0.01
    assert not drifting.above_ordered
    assert drifting.controls.ordered.max() > 0.9 > drifting.controls.random.max()
    assert steady.controls.ordered.max() < 0.9


@pytest.mark.slow
def test_one_more_block_is_rarely_above_the_ordered_blocks():
    n_sets = 300
    assert above_rate(n_sets) <= 0.08 + 3 * np.sqrt(0.08 * 0.92 / n_sets)


# --------------------------------------------------------------------------- the order


@pytest.fixture
def shuffled_sets():
    """Training images with a drift, in random order; the column 0 of their order is known."""
    rng = np.random.default_rng(9)
    (rows, y, groups), test = make_sets(rng, 40, 10, trend=12.0)
    chosen = rng.permutation(len(rows))
    return (rows[chosen], y[chosen], groups[chosen]), test, groups[chosen]


def largest_ordered(train, test, **options):
    result = covariate_shift(train, test, n_permutations=0, **options)
    return result.classes[0].controls.ordered.max(), result.ordered_by


def test_the_order_can_be_given(shuffled_sets):
    train, test, when = shuffled_sets
    by_place = largest_ordered(train, test)
    by_date = largest_ordered(train, test, order=np.datetime64("2020-01-01") + when)
    assert by_place[0] < 0.85 < by_date[0]
    assert (by_place[1], by_date[1]) == ("place in the data", "'order'")
    assert largest_ordered(train, test, order=when.tolist()) == by_date


def test_numbers_in_file_names_count_as_numbers(shuffled_sets):
    train, test, when = shuffled_sets
    sets = []
    for (X, y, groups), numbers in ((train, when), (test, test[2])):
        names = np.array([f"scan-{number}.png" for number in numbers])
        sets.append(Bunch(data=X, target=y, groups=groups, filenames=names))
    by_name = largest_ordered(*sets)
    assert by_name == (largest_ordered(train, test, order=when)[0], "file names")


def test_order_goes_with_the_images_of_an_origin(shuffled_sets):
    train, test, when = shuffled_sets
    X, y, groups = (np.concatenate([b, a]) for a, b in zip(train, test, strict=True))
    origin = np.repeat(["there", "here"], [len(test[1]), len(train[1])])
    order = np.concatenate([test[2], when])
    for held_out in ("there", None):
        found = largest_ordered((X, y, groups), None, origin=origin, held_out=held_out, order=order)
        assert found == largest_ordered(train, test, order=when)


@pytest.mark.parametrize(
    ("order", "message"),
    [([1, 2], "'order'"), ([None] * 40, "'order'"), ([np.nan] * 40, "40 missing")],
)
def test_bad_orders_are_refused(order, message):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), np.arange(40) % 2
    with pytest.raises(ValueError, match=message):
        covariate_shift((X, y), (X, y), order=order)


# --------------------------------------------------------------------------- who is compared


def test_patients_in_both_parts_are_left_out_and_counted():
    rng = np.random.default_rng(10)
    train, test = make_sets(rng, 20, 10)
    both = tuple(np.concatenate([b, a[:7]]) for a, b in zip(train, test, strict=True))
    n_both = len(np.unique(train[2][:7]))
    first, second = covariate_shift(train, both, n_permutations=0).classes
    assert (first.n_train, first.n_test, first.n_in_both) == (20 - n_both, 10, n_both)
    assert (second.n_train, second.n_test, second.n_in_both) == (20, 10, 0)


def test_few_patients_are_undecided():
    rng = np.random.default_rng(11)
    result = covariate_shift(*make_sets(rng, 5, 5))
    for shift, finding in zip(result.classes, result.findings, strict=True):
        assert not shift.is_decided
        assert not shift.above_ordered
        assert np.isnan([*shift.auc, shift.p_value]).all()
        assert "too few" in shift.reason
        assert shift.reason in finding
    shift = covariate_shift(*make_sets(rng, 31, 8), n_permutations=9).classes[0]
    assert not shift.is_decided
    assert "32 are needed" in shift.reason
    assert 0.1 <= shift.p_value <= 1


def test_a_class_that_test_does_not_have_is_undecided():
    rng = np.random.default_rng(12)
    train, (X, y, groups) = make_sets(rng, 32, 10)
    kept = y == 0
    present, absent = covariate_shift(train, (X[kept], y[kept], groups[kept])).classes
    assert present.is_decided
    assert absent.n_test == 0
    assert absent.statistics == {}
    assert "0 patients" in absent.reason


def test_images_are_the_patients_where_these_are_not_known():
    rng = np.random.default_rng(13)
    train, test = ((X, y) for X, y, _ in make_sets(rng, 40, 10))
    shift = covariate_shift(train, test, n_permutations=0).classes[0]
    assert shift.n_train == np.sum(train[1] == 0)


def test_the_same_seed_gives_the_same():
    rng = np.random.default_rng(14)
    train, test = make_sets(rng, 40, 10)
    first, second = (covariate_shift(train, test, n_permutations=19) for _ in range(2))
    for a, b in zip(first.classes, second.classes, strict=True):
        assert (a.auc, a.p_value) == (b.auc, b.p_value)
        np.testing.assert_array_equal(a.controls.ordered, b.controls.ordered)


# --------------------------------------------------------------------------- in what they differ


def test_differences_of_statistics_hold_the_truth():
    rng, n_sets = np.random.default_rng(15), 400
    for n_train, n_test in ((10, 10), (40, 8), (400, 100)):
        found = np.array(
            [
                standardised_difference(rng.normal(size=n_train), rng.normal(0.8, size=n_test))
                for _ in range(n_sets)
            ]
        )
        held = np.mean((found[:, 1] <= 0.8) & (found[:, 2] >= 0.8))
        assert abs(held - 0.95) <= 0.02 + 3 * np.sqrt(0.05 * 0.95 / n_sets)


def test_statistics_that_do_not_vary():
    same = standardised_difference(np.full(5, 0.1), np.full(4, 0.1))
    assert same.estimate == 0
    assert np.isnan(same.low)
    assert np.isnan(standardised_difference(np.full(5, 0.1), np.full(4, 0.2)).estimate)


def test_means_are_over_patients():
    values = np.array([[1.0], [3.0], [5.0], [7.0]])
    assert patient_means(values, np.array([0, 0, 0, 1])).tolist() == [[3.0], [7.0]]


def test_the_mean_difference_in_standard_errors_is_welchs_t():
    rng = np.random.default_rng(16)
    train, test = rng.normal(size=(9, 1, 2, 3)), rng.normal(size=(5, 1, 2, 3))
    train[:, 0, 0, 0] = test[:, 0, 0, 0] = 2.0
    difference, scaled = mean_difference(train, test)
    expected = stats.ttest_ind(test[:, 0, 1], train[:, 0, 1], equal_var=False).statistic
    np.testing.assert_allclose(scaled[0, 1], expected)
    assert scaled[0, 0, 0] == difference[0, 0, 0] == 0


def test_images_show_where_they_differ():
    train = make_chest_phantoms(80, image_size=24, random_state=0)
    test = make_chest_phantoms(40, image_size=24, random_state=1)
    test.data[test.target == 1, :5, :5] = 255
    normal, ill = covariate_shift(train, test, n_permutations=19).classes
    assert ill.mean_difference.shape == ill.mean_difference_z.shape == (1, 24, 24)
    assert ill.mean_difference[0, :2, :2].min() > 0.5 > abs(normal.mean_difference).max()
    assert ill.mean_difference_z[0, :2, :2].min() > 10 > abs(normal.mean_difference_z).max()
    largest = max(ill.statistics, key=lambda name: abs(ill.statistics[name].estimate))
    assert largest in ("nearly_white", "border", "border_minus_centre", "asymmetry")
    assert ill.p_value == 0.05


def test_rows_have_no_statistics():
    result = covariate_shift(*make_sets(np.random.default_rng(17), 40, 10), n_permutations=9)
    assert result.classes[0].statistics == {}
    assert result.classes[0].mean_difference is None
    assert [table.columns["class"] for table in result.tables] == [["0", "1"]] * 2


def test_findings_say_what_the_numbers_say():
    rng = np.random.default_rng(18)
    first, second = covariate_shift(*make_sets(rng, 60, 15, shift=5.0), n_permutations=99).findings
    assert "differs from that of train" in first
    assert "more than ordered blocks" in first
    assert "is not told from that of train" in second


# --------------------------------------------------------------------------- how long it takes


@pytest.mark.slow
def test_four_thousand_patients_take_seconds():
    rng = np.random.default_rng(19)
    sample = make_patients(rng, 3000, 1000, n_features=50)
    began = time.process_time()
    two_sample_test(*sample, 999, rng)
    block_controls(*sample, np.arange(4000), rng)
    assert time.process_time() - began < 30
