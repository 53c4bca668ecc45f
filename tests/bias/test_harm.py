"""What thresholds, ranking and the origin of the images cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from dlboi.bias import harm
from dlboi.bias._calibrated_offsets import calibrated_offsets
from dlboi.bias._cohort import cohort_of
from dlboi.bias._cross_fitted_threshold import best_offsets, threshold_scores
from dlboi.bias._harm import harm_of
from dlboi.bias._learner import EstimatorLearner
from dlboi.bias._materials import Materials, Settings
from tests.bias.simulated_rows import make_materials, make_rows


def logs_of(second):
    second = np.asarray(second, dtype=float)
    return np.log(np.stack([1 - second, second], axis=1))


def best_accuracy(second, y, weights):
    cuts = np.append(0, second)
    return max(((second > cut) == y) @ weights for cut in cuts)


# ------------------------------------------------------------------- thresholds


@given(seed=st.integers(0, 999), n_images=st.integers(1, 30), digits=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_threshold_has_the_best_accuracy_that_there_is(seed, n_images, digits):
    rng = np.random.default_rng(seed)
    second = np.clip(rng.random(n_images).round(digits), 0.01, 0.99)
    y, weights = rng.integers(2, size=n_images), rng.random(n_images)
    offsets = best_offsets(logs_of(second), y, weights)
    correct = (logs_of(second) + offsets).argmax(axis=1) == y
    assert correct @ weights == pytest.approx(best_accuracy(second, y, weights))


@pytest.mark.parametrize(
    ("second", "y", "cut"),
    [
        ([0.1, 0.9], [0, 1], 0.5),  # all between are best
        ([0.1, 0.4, 0.9], [0, 1, 1], 0.25),  # 0.5 is not among the best
        ([0.6, 0.8], [0, 1], 0.7),
        ([0.1, 0.2, 0.7, 0.9], [1, 0, 0, 1], 0.8),
        ([0.6, 0.8], [0, 0], 0.9),
        ([0.2, 0.4], [1, 1], 0.1),
    ],
)
def test_ties_take_the_present_threshold_or_the_middle_of_the_nearest(second, y, cut):
    offsets = best_offsets(logs_of(second), np.array(y), np.ones(len(y)))
    assert expit(offsets[0] - offsets[1]) == pytest.approx(cut)


@given(seed=st.integers(0, 99), n_classes=st.integers(3, 6))
@settings(max_examples=20, deadline=None)
def test_offsets_of_several_classes_do_no_harm_and_undo_a_displacement(seed, n_classes):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(60) % n_classes)
    logs = 3.0 * np.eye(n_classes)[y] + rng.normal(size=(60, n_classes))
    shifted = logs + 4 * np.eye(n_classes)[0]
    before = np.mean(shifted.argmax(axis=1) == y)
    after = np.mean((shifted + best_offsets(shifted, y, np.ones(60))).argmax(axis=1) == y)
    assert after >= before
    assert after >= np.mean(logs.argmax(axis=1) == y) - 0.05


@pytest.mark.parametrize(("n_classes", "factor"), [(2, 1.0), (2, 6.0), (4, 2.0)])
def test_calibration_undoes_a_displacement_whatever_the_slope(n_classes, factor):
    rng = np.random.default_rng(0)
    y = np.arange(2000) % n_classes
    logs = 1.5 * np.eye(n_classes)[y] + rng.normal(size=(3, 2000, n_classes))
    moved = np.append(1.0, np.zeros(n_classes - 1))
    offsets = calibrated_offsets(factor * (logs + moved), y, np.ones((3, 2000)))
    np.testing.assert_allclose(
        (offsets - offsets.mean(axis=1, keepdims=True)) / factor,
        np.tile(moved.mean() - moved, (3, 1)),
        atol=0.15,
    )


def test_calibration_is_that_of_platt_where_images_are_many():
    rng = np.random.default_rng(0)
    odds = 2 * rng.normal(size=3000)
    y = (rng.random(3000) < expit(0.8 * odds + 0.7)).astype(int)
    logs = np.log(expit(np.stack([-odds, odds], axis=1)))
    weights = rng.integers(0, 2, size=(1, 3000)).astype(float)
    platt = LogisticRegression(C=np.inf).fit(odds[:, None], y, weights[0])
    ((first, second),) = calibrated_offsets(logs[None], y, weights)
    assert second - first == pytest.approx(platt.intercept_[0] / platt.coef_[0, 0], abs=0.02)


@given(seed=st.integers(0, 999), n_images=st.integers(1, 12), n_classes=st.integers(2, 4))
@settings(max_examples=40, deadline=None)
def test_few_images_leave_the_threshold_about_where_it_is(seed, n_images, n_classes):
    rng = np.random.default_rng(seed)
    logs = np.log(rng.dirichlet(np.full(n_classes, 0.1), size=(2, n_images)) + 1e-15)
    y, weights = rng.integers(n_classes, size=n_images), np.ones((2, n_images))
    offsets = calibrated_offsets(logs, y, weights)
    assert np.isfinite(offsets).all()
    assert not calibrated_offsets(logs, y, 0 * weights).any()
    # Runs do not know of each other.
    np.testing.assert_allclose(offsets[:1], calibrated_offsets(logs[:1], y, weights[:1]), atol=1e-4)


def test_many_classifiers_are_calibrated_a_block_at_a_time(monkeypatch):
    rng = np.random.default_rng(0)
    materials = make_materials(make_rows(rng, 20), make_rows(rng, 20, first_patient=99))
    at_once = materials.thresholds
    monkeypatch.setattr("dlboi.bias._cross_fitted_threshold._AT_ONCE", 300)
    in_blocks = threshold_scores(
        materials.cohort, materials.grouped, n_folds=5, seed=materials.seed_of("threshold")
    )
    np.testing.assert_array_equal(at_once.correct, in_blocks.correct)


def test_a_threshold_does_not_know_the_patient_that_it_serves():
    # Labels are random by patient: what is chosen on the others cannot be better than chance.
    rng = np.random.default_rng(0)
    gains = []
    for seed in range(20):
        train = make_rows(rng, 40, distance=0)
        test = make_rows(rng, 40, distance=0, first_patient=1000)
        materials = make_materials(train, test, n_resamples=2, seed=seed)
        scores = materials.thresholds
        assert scores.oracle.mean() > materials.grouped.test_correct.mean()
        gains.append(scores.correct.mean() - 0.5)
    assert np.mean(gains) < 3 * np.std(gains) / np.sqrt(20)


# ------------------------------------------------------------------- planted causes


def test_a_displaced_test_set_has_lost_its_threshold_and_nothing_else():
    rng = np.random.default_rng(0)
    train = make_rows(rng, 200)
    result = harm_of(
        make_materials(train, make_rows(rng, 200, displacement=1.5, first_patient=999))
    )
    assert result.threshold.low > 0.02
    assert result.displaced.low > 0.02
    assert result.ranking.low < 0.02
    assert abs(result.lost_auc.estimate) < 0.05
    assert result.harder.low < 0.02
    assert result.foreign.low > 0.02
    assert result.at_argmax < result.at_threshold <= result.at_oracle
    assert result.at_threshold - result.at_argmax == pytest.approx(result.threshold.estimate)
    assert result.reasons == ()


def test_a_harder_test_set_has_lost_its_ranking():
    rng = np.random.default_rng(1)
    train = make_rows(rng, 200, distance=2.5)
    result = harm_of(make_materials(train, make_rows(rng, 200, distance=1, first_patient=999)))
    assert result.ranking.low > 0.02
    assert result.lost_auc.low > 0.02
    assert result.harder.low > 0.02
    assert result.threshold.low < 0.02
    assert abs(result.foreign.estimate) < 0.05
    within_train, within_test = np.diag(result.swap.accuracy)
    assert within_train - within_test == pytest.approx(result.harder.estimate)


def test_another_prevalence_is_no_harm():
    rng = np.random.default_rng(2)
    train = make_rows(rng, 300, prevalence=0.75, distance=1.5)
    test = make_rows(rng, 200, prevalence=0.5, distance=1.5, first_patient=999)
    result = harm_of(make_materials(train, test))
    assert result.harder.low < 0.02
    assert abs(result.foreign.estimate) < 0.03
    assert abs(result.lost_auc.estimate) < 0.05
    # Another threshold is better there, by as much as ranking is negative, and not for a shift.
    assert result.threshold.estimate > 0.02
    assert result.ranking.estimate < -0.02
    assert result.displaced.low < 0 < result.displaced.high


def test_parts_are_learnt_from_in_equal_numbers_by_other_patients():
    rng = np.random.default_rng(0)
    train, test = make_rows(rng, 90, prevalence=0.7), make_rows(rng, 30, first_patient=80)
    materials = make_materials(train, test)
    assert len(materials.cohort.in_both) == 10
    (learner,) = materials.learners
    seen = []
    predict = learner.predict
    learner.predict = lambda *pairs: seen.append(pairs) or predict(*pairs)
    result = harm_of(materials)
    cohort = materials.cohort
    training, scored = next(pair for pair in seen if len(pair[0]) == 2 * 5 * 4)
    for learnt, asked in zip(training, scored, strict=True):
        assert not np.intersect1d(cohort.units[learnt], cohort.units[asked]).size
        assert len(set(cohort.in_test[learnt])) == 1
    sizes = np.array([len(index) for index in training]).reshape(-1, 5, 2).sum(axis=1)
    np.testing.assert_allclose(sizes, 4 * len(cohort.test), rtol=0.1)
    assert result.swap.n_images == len(cohort.test)


# ------------------------------------------------------------------- what cannot be known


def with_test_patients(classes):
    rng = np.random.default_rng(0)
    y = np.repeat(classes, 3)
    test = rng.normal(size=(len(y), 4)), y, 1000 + np.arange(len(y)) // 3
    return make_materials(make_rows(rng, 40), test, n_resamples=2)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([0, 1, 1], "test has 3 patients; a threshold needs 4 or more"),
        ([0, 1, 1, 1, 1], "Class 0 has one of the patients of test"),
        ([1, 1, 1, 1], "All images of test are of class 1"),
    ],
)
def test_too_few_patients_leave_the_threshold_unknown(classes, message):
    result = harm_of(with_test_patients(classes))
    assert any(message in reason for reason in result.reasons)
    for effect in (result.threshold, result.ranking, result.displaced):
        assert np.isnan(effect).all()
    assert np.isnan(result.at_threshold)
    assert 0 <= result.at_argmax <= 1


def test_too_few_patients_leave_the_table_of_domains_unknown():
    result = harm_of(with_test_patients([0, 0, 0, 1, 1]))
    assert result.reasons == (
        "Class 1 has 2 of the patients of test; learning within the parts needs 3 or more.",
    )
    assert np.isnan(result.swap.accuracy).all()
    assert np.isfinite(result.threshold.estimate)
    assert [len(table.rows) for table in result.tables] == [3, 6, 4]


def test_a_class_that_test_lacks():
    rng = np.random.default_rng(0)
    y, y_test = np.arange(120) % 3, np.arange(60) % 2
    X, X_test = (2 * np.eye(3)[codes] + rng.normal(size=(len(codes), 3)) for codes in (y, y_test))
    result = harm_of(make_materials((X, y, np.arange(120)), (X_test, y_test, 200 + np.arange(60))))
    assert "No image of test is of class 2" in result.reasons[0]
    assert np.isnan(result.lost_auc.estimate)
    for effect in (result.threshold, result.ranking, result.harder, result.foreign):
        assert effect.low < effect.estimate < effect.high


def test_any_classifier_without_patients():
    rng = np.random.default_rng(0)
    train, test = make_rows(rng, 40)[:2], make_rows(rng, 20)[:2]
    result = harm(train, test, estimator=LogisticRegression(), n_resamples=2)
    cohort = cohort_of(train, test)
    learner = EstimatorLearner(LogisticRegression(), cohort, n_jobs=None, seed=0)
    again = harm_of(Materials(cohort, [learner], Settings(n_resamples=2, seed=5)))
    assert result.reasons == again.reasons == ()
    assert result.at_argmax == pytest.approx(again.at_argmax, abs=0.1)
    with pytest.raises(ValueError, match="'max_time' parameter of harm"):
        harm(train, test, max_time=0)
