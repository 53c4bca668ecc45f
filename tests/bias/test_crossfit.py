"""Validation by patient and by image, with the estimator chosen anew where there are several."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from dlboi.bias._budget import Budget
from dlboi.bias._choose_candidates import fits_of_repeat
from dlboi.bias._cohort import cohort_of
from dlboi.bias._learner import EstimatorLearner, LogisticLearner
from dlboi.bias._materials import Materials, Settings, materials_of
from dlboi.bias._patient_folds import class_strata, patient_folds


def cohort_of_rows(n_patients=30, images_each=3, n_test=20, n_columns=4, seed=0, effect=1.0):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_patients), images_each)
    y = groups % 2
    X = rng.standard_normal((len(y), n_columns))
    X[:, 0] += effect * y
    y_test = np.arange(n_test) % 2
    X_test = rng.standard_normal((n_test, n_columns))
    X_test[:, 0] += effect * y_test
    return cohort_of((X, y, groups), (X_test, y_test, 1000 + np.arange(n_test)))


@given(
    sizes=st.lists(st.integers(1, 6), min_size=5, max_size=60),
    n_folds=st.integers(2, 5),
    seed=st.integers(0, 99),
)
@settings(max_examples=50, deadline=None)
def test_folds_are_as_even_as_patients_allow(sizes, n_folds, seed):
    units = np.repeat(np.arange(len(sizes)), sizes)
    y = units % 2
    strata = class_strata(y, units)

    folds = patient_folds(strata, np.bincount(units), n_folds, np.random.default_rng(seed))

    counts = np.bincount(folds, minlength=n_folds)
    assert counts.max() - counts.min() <= 1
    for stratum in np.unique(strata):
        counts = np.bincount(folds[strata == stratum], minlength=n_folds)
        assert counts.max() - counts.min() <= 2


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_default_learner_is_logistic_regression(n_classes):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((90, 5))
    y = (X[:, :n_classes] + rng.standard_normal((90, n_classes))).argmax(axis=1)
    cohort = cohort_of((X[:70], y[:70]), (X[70:], y[70:]))
    parts = [rng.permutation(70)[:50] for _ in range(3)]
    asked = [cohort.test] * 3
    reference = EstimatorLearner(LogisticRegression(tol=1e-10), cohort, n_jobs=None, seed=0)

    ours = LogisticLearner(X, cohort.y, n_classes).predict(parts, asked)

    np.testing.assert_allclose(ours, reference.predict(parts, asked), atol=1e-3)


def test_no_image_is_scored_by_what_has_learnt_from_its_patient():
    cohort = cohort_of_rows()
    seen = []

    class Watching(LogisticLearner):
        def predict(self, training, scored):
            seen.extend(zip(training, scored, strict=True))
            return super().predict(training, scored)

    learner = Watching(cohort.X, cohort.y, 2)
    found = Materials(cohort, [learner], Settings(n_resamples=3)).grouped

    assert len(seen) == learner.n_fits == 15
    assert found.proba.shape == (3, 90, 2)
    assert found.test_proba.shape == (15, 20, 2)
    for training, scored in seen:
        assert not set(cohort.units[training]) & set(cohort.units[scored])
        assert not cohort.in_test[training].any()


def test_probabilities_are_those_of_the_fold_that_left_the_image_out():
    cohort = cohort_of_rows()

    class Telling(LogisticLearner):
        """Says, as its probability, how many images it has learnt from that are the one asked."""

        def predict(self, training, scored):
            return [
                np.column_stack([np.isin(asked, learnt), ~np.isin(asked, learnt)]).astype(float)
                for learnt, asked in zip(training, scored, strict=True)
            ]

    for by in ("grouped", "shuffled"):
        found = getattr(Materials(cohort, [Telling(cohort.X, cohort.y, 2)]), by)
        assert (found.proba[..., 0] == 0).all()


def test_folds_by_image_are_as_even_as_those_by_patient():
    cohort = cohort_of_rows(n_patients=11, images_each=4)
    sizes = {}

    class Counting(LogisticLearner):
        def predict(self, training, scored):
            sizes[len(sizes)] = [np.bincount(self.y[index]).tolist() for index in training]
            return super().predict(training, scored)

    materials = Materials(cohort, [Counting(cohort.X, cohort.y, 2)], Settings(n_resamples=3))
    assert materials.grouped.proba.shape == materials.shuffled.proba.shape
    assert sizes[0] == sizes[1]


def test_the_best_of_noise_looks_good_until_it_is_chosen_anew():
    cohort = cohort_of_rows(n_patients=100, images_each=1, n_columns=50, effect=0.0, seed=3)
    noise = [LogisticLearner(cohort.X[:, [j]], cohort.y, 2) for j in range(50)]

    found = Materials(cohort, noise, Settings(n_resamples=5)).grouped

    assert found.best_correct.mean() > 0.58
    assert abs(found.correct.mean() - 0.5) < 0.06


@pytest.mark.parametrize("by", ["grouped", "shuffled"])
def test_a_candidate_is_chosen_by_fits_that_know_nothing_of_the_half_that_it_scores(by):
    cohort = cohort_of_rows(n_patients=20)
    seen = []

    class Watching(LogisticLearner):
        def predict(self, training, scored):
            seen.append((training, scored))
            return super().predict(training, scored)

    learners = [Watching(cohort.X[:, [j]], cohort.y, 2) for j in range(2)]
    materials = Materials(cohort, learners, Settings(n_resamples=3))
    getattr(materials, by)

    assert [len(training) for training, _ in seen] == [15, 15, 30, 30]
    fits = fits_of_repeat(n_candidates=2, n_folds=5)
    assert sum(learner.n_fits for learner in learners) == 3 * fits
    training, scored = seen[-1]
    patients = cohort.units
    for repeat in range(3):
        halves = []
        for start in (10 * repeat, 10 * repeat + 5):
            learnt, asked = training[start : start + 5], scored[start : start + 5]
            images = np.concatenate(asked)
            assert len(set(images)) == len(images)
            for pair in zip(learnt, asked, strict=True):
                np.testing.assert_array_equal(np.sort(np.concatenate(pair)), np.sort(images))
                if by == "grouped":
                    assert not set(patients[pair[0]]) & set(patients[pair[1]])
            halves.append(set(patients[images]))
        assert not halves[0] & halves[1]
        assert halves[0] | halves[1] == set(patients[cohort.train])


def test_of_candidates_that_cannot_be_told_apart_the_first_is_chosen():
    cohort = cohort_of_rows(n_patients=3, images_each=2)  # a half may know one class only
    learners = [LogisticLearner(cohort.X, cohort.y, 2) for _ in range(3)]
    found = Materials(cohort, learners, Settings(n_resamples=4, n_folds=2)).grouped
    alone = Materials(cohort, learners[:1], Settings(n_resamples=4, n_folds=2)).grouped
    np.testing.assert_array_equal(found.proba, alone.proba)


@pytest.mark.slow
def test_candidates_that_are_chosen_anew_on_noise_are_right_on_one_half():
    scores = []
    for seed in range(60):
        cohort = cohort_of_rows(n_patients=40, images_each=1, n_columns=40, effect=0.0, seed=seed)
        noise = [LogisticLearner(cohort.X[:, j : j + 2], cohort.y, 2) for j in range(0, 40, 2)]
        found = Materials(cohort, noise, Settings(n_resamples=4, seed=seed)).grouped
        scores.append(found.correct.mean())
    # Chosen by classifiers that have learnt from what they score, they would be right on more.
    assert abs(np.mean(scores) - 0.5) < 3 * np.std(scores) / np.sqrt(60)


def test_validations_do_not_depend_on_which_is_asked_for_first():
    cohort = cohort_of_rows()
    first, second = (Materials(cohort, settings=Settings(n_resamples=2)) for _ in range(2))

    a = first.grouped.proba, first.shuffled.proba
    b = second.shuffled.proba, second.grouped.proba

    np.testing.assert_array_equal(a[0], b[1])
    np.testing.assert_array_equal(a[1], b[0])


def test_without_patients_both_validations_are_one():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 3)), np.arange(40) % 2
    materials = materials_of((X[:30], y[:30]), (X[30:], y[30:]), n_resamples=2)

    assert materials.shuffled is materials.grouped


def test_the_representation_does_not_know_the_parts():
    rng = np.random.default_rng(0)
    shapes = rng.standard_normal((5, 12, 12)) * np.array([16, 8, 4, 2, 1])[:, None, None]
    X = np.tensordot(rng.standard_normal((60, 5)), shapes, axes=1)
    y = np.arange(60) % 2
    order = rng.permutation(60)

    given = materials_of((X[:40], y[:40]), (X[40:], y[40:])).rows
    other = materials_of((X[order[:40]], y[order[:40]]), (X[order[40:]], y[order[40:]])).rows

    given, other = given[order, :5], other[:, :5]
    signs = np.sign((given * other).sum(axis=0))
    np.testing.assert_allclose(given * signs, other, atol=1e-4)


def test_what_images_have_in_common_is_no_component():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    few = rng.integers(0, 255, size=(3, 12, 12), dtype=np.uint8)[rng.integers(0, 3, 60)]
    for X, n_columns in ((few, 2), (np.zeros_like(few), 1)):
        rows = materials_of((X[:40], y[:40]), (X[40:], y[40:])).rows
        assert rows.shape == (60, n_columns)
        assert np.isfinite(rows).all()


def test_an_estimator_without_probabilities_is_refused():
    cohort = cohort_of_rows()
    with pytest.raises(ValueError, match=r"'estimator' parameter .* CalibratedClassifierCV"):
        EstimatorLearner(LinearSVC(), cohort, n_jobs=None, seed=0)


def test_a_budget_names_what_it_leaves_out():
    cohort = cohort_of_rows()
    slow = make_pipeline(FunctionTransformer(), LogisticRegression())
    learner = EstimatorLearner(slow, cohort, n_jobs=None, seed=0)
    budget = Budget(max_time=0.0)

    materials = Materials(cohort, [learner], Settings(n_resamples=7), budget)

    assert len(materials.grouped.proba) == len(materials.shuffled.proba) == 1
    (sentence,) = budget.left_out
    assert "0 of 7 repeats of the validation: 10 fits each" in sentence


def test_patients_are_told_to_an_estimator_that_asks_for_them():
    cohort = cohort_of_rows()
    told = []

    class Asking(LogisticRegression):
        def fit(self, X, y, groups=None):
            told.append(groups)
            return super().fit(X, y)

    learner = EstimatorLearner(Asking(), cohort, n_jobs=None, seed=0)
    learner.predict([cohort.train[:30]], [cohort.test])

    np.testing.assert_array_equal(told[0], cohort.groups[cohort.train[:30]])
