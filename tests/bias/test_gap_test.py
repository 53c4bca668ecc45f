"""The gap between validation and test: scores, intervals, and permutations of whole patients."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score, roc_auc_score

from dlboi.bias import gap_test
from dlboi.bias._budget import Budget
from dlboi.bias._cohort import cohort_of
from dlboi.bias._gap_scores import score_gaps
from dlboi.bias._gap_test import gap_of
from dlboi.bias._learner import EstimatorLearner, LogisticLearner
from dlboi.bias._materials import Materials, Settings
from dlboi.bias._mean_auc import mean_auc
from dlboi.bias._permuted_parts import permutation_test


def draw(rng, n_patients, first, *, sizes=None, prevalence=0.5, likeness=1.0, shift=0.0):
    """Rows of patients who have one class each; `shift` moves class 1 towards class 0."""
    sizes = np.full(n_patients, 3) if sizes is None else sizes
    groups = np.repeat(first + np.arange(n_patients), sizes)
    y = np.repeat(np.append([0, 1], rng.random(n_patients - 2) < prevalence).astype(int), sizes)
    X = likeness * rng.standard_normal((n_patients, 4))[groups - first]
    X += rng.standard_normal(X.shape)
    X[:, 0] += (2 - shift) * y
    return X, y, groups


def materials(train, test, learner=None, **settings):
    cohort = cohort_of(train, test)
    learner = learner or LogisticLearner
    return Materials(cohort, [learner(cohort.X, cohort.y, cohort.n_classes)], Settings(**settings))


def draw_null(seed, *, unequal, label_shift, n_permutations):
    """Training and test patients of one population but for the frequency of the classes."""
    rng = np.random.default_rng(seed)
    parts = []
    for n_patients, first, prevalence in ((24, 0, 0.75), (12, 100, 0.4)):
        sizes = np.minimum(rng.geometric(0.3, n_patients), 12) if unequal else None
        prevalence = prevalence if label_shift else 0.5
        parts.append(draw(rng, n_patients, first, sizes=sizes, prevalence=prevalence))
    return materials(*parts, n_permutations=n_permutations, n_folds=3, seed=seed)


# ----------------------------------------------------------------------------------- permutations


def null_p_values(n_sets, **setting):
    return np.array([permutation_test(draw_null(s, **setting)).p_value for s in range(n_sets)])


def test_without_an_effect_of_the_part_p_is_uniform():
    found = null_p_values(60, unequal=True, label_shift=True, n_permutations=19)
    # p takes the values 1/20, 2/20, …, 1 with the same probability, and ties make it larger.
    counts = [np.count_nonzero(found <= level) for level in (0.1, 0.25, 0.5)]
    assert np.all(counts <= stats.binom.isf(0.001, 60, (0.1, 0.25, 0.5)))
    assert counts[2] >= stats.binom.ppf(0.001, 60, 0.4)


@pytest.mark.slow
@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("label_shift", [False, True])
def test_p_is_uniform_in_many_sets(unequal, label_shift):
    found = null_p_values(500, unequal=unequal, label_shift=label_shift, n_permutations=99)
    levels = np.array([0.01, 0.05, 0.1, 0.25, 0.5])
    counts = np.array([np.count_nonzero(found <= level) for level in levels])
    assert np.all(counts <= stats.binom.isf(0.001, 500, levels))
    # Ties of a gap of few images make p larger, but not by much.
    assert np.all(counts[1:] >= stats.binom.ppf(0.001, 500, 0.8 * levels[1:]))


def test_a_harder_test_part_is_found():
    rng = np.random.default_rng(0)
    test = draw(rng, 30, 100, shift=2.0, likeness=0.3)
    found = gap_of(materials(draw(rng, 60, 0, likeness=0.3), test, n_permutations=99))
    assert found.p_value == 0.01
    assert len(found.null_gaps) == 99
    assert found.observed_gap > found.null_gaps.max()
    assert found.gap.low > 0
    assert found.recall_drops["1"].low > 0.2
    assert found.recall_drops["0"].estimate < 0.1


class Watching(LogisticLearner):
    """Remembers what is asked of it."""

    def predict(self, training, scored):
        self.seen = [*getattr(self, "seen", ()), *zip(training, scored, strict=True)]
        return super().predict(training, scored)


def test_patients_are_permuted_whole_within_their_classes_and_keep_their_fold():
    rng = np.random.default_rng(0)
    train, test = draw(rng, 20, 0), draw(rng, 10, 15)  # five patients are in both
    ours = materials(train, test, Watching, n_permutations=20)
    found = permutation_test(ours)
    cohort, learner = ours.cohort, ours.learners[0]
    assert found.n_excluded == len(cohort.in_both) == 5
    assert len(learner.seen) == 21 * 5
    folds = {}
    for number in range(21):
        pairs = learner.seen[5 * number : 5 * number + 5]
        tested = set.intersection(*(set(cohort.units[scored]) for _, scored in pairs))
        learnt = set.union(*(set(cohort.units[training]) for training, _ in pairs))
        assert not tested & learnt
        assert not (tested | learnt) & set(cohort.in_both)
        assert tested | learnt == set(cohort.units) - set(cohort.in_both)
        of_test = np.isin(cohort.units, list(tested))
        for fold, (training, scored) in enumerate(pairs):
            assert not set(cohort.units[training]) & set(cohort.units[scored])
            np.testing.assert_array_equal(np.sort(scored[of_test[scored]]), np.flatnonzero(of_test))
            for unit in set(cohort.units[scored[~of_test[scored]]]):
                assert folds.setdefault(unit, fold) == fold
        of_class = [len(set(cohort.units[of_test & (cohort.y == code)])) for code in (0, 1)]
        if number == 0:
            observed = of_class
            np.testing.assert_array_equal(of_test & cohort.in_test, of_test)
        assert of_class == observed


def test_the_default_learner_and_scikit_learns_agree():
    rng = np.random.default_rng(0)
    ours = materials(draw(rng, 20, 0), draw(rng, 12, 100), n_permutations=20)
    estimator = LogisticRegression(tol=1e-10)
    learner = EstimatorLearner(estimator, ours.cohort, n_jobs=None, seed=0)
    theirs = Materials(ours.cohort, [learner], ours.settings)
    found, expected = permutation_test(ours), permutation_test(theirs)
    assert found.observed == pytest.approx(expected.observed)
    np.testing.assert_allclose(found.null_gaps, expected.null_gaps, atol=1e-12)
    assert found.p_value == expected.p_value


def test_chunks_do_not_matter(monkeypatch):
    found = permutation_test(draw_null(0, unequal=True, label_shift=False, n_permutations=30))
    monkeypatch.setattr("dlboi.bias._permuted_parts._CHUNK", 1000)
    again = permutation_test(draw_null(0, unequal=True, label_shift=False, n_permutations=30))
    np.testing.assert_array_equal(found.null_gaps, again.null_gaps)


@pytest.mark.parametrize(
    ("change", "reason"),
    [("same patients", "all patients have images in both parts"), ("classes", "can change parts")],
)
def test_where_nobody_can_change_parts_there_is_no_p_value(change, reason):
    rng = np.random.default_rng(0)
    X, y, groups = draw(rng, 20, 0)
    test = (X[:30], y[:30], groups[:30])
    if change == "classes":  # test patients have both classes, training patients one
        test = (X[:30], np.arange(30) % 2, groups[:30] + 100)
    else:
        X, y, groups = test
    found = gap_of(materials((X, y, groups), test, n_permutations=20, n_resamples=2))
    assert np.isnan(found.p_value)
    assert np.isnan(found.observed_gap)
    assert found.null_gaps.size == 0
    assert any(reason in note for note in found.notes)
    assert np.isfinite(found.gap).all()


def test_a_costly_estimator_is_permuted_only_as_often_as_is_asked_for_or_as_there_is_time():
    rng = np.random.default_rng(0)
    cohort = cohort_of(draw(rng, 12, 0), draw(rng, 10, 100))
    learner = EstimatorLearner(LogisticRegression(), cohort, n_jobs=None, seed=0)
    many = Materials(cohort, [learner], Settings())
    assert np.isnan(permutation_test(many).p_value)
    assert "max_time" in many.budget.left_out[0]
    few = Materials(cohort, [learner], Settings(n_permutations=9))
    assert len(permutation_test(few).null_gaps) == 9
    learner.seconds_a_fit = 0.1
    limited = Materials(cohort, [learner], Settings(), Budget(max_time=10))
    assert 0 < len(permutation_test(limited).null_gaps) < 20
    none = Materials(cohort, [learner], Settings(), Budget(max_time=0.01))
    assert "no time" in permutation_test(none).reason


def test_several_candidates_are_chosen_once_without_the_parts():
    rng = np.random.default_rng(0)
    cohort = cohort_of(draw(rng, 20, 0), draw(rng, 10, 100))
    bad, good = (LogisticLearner(rows, cohort.y, 2) for rows in (0 * cohort.X, cohort.X))
    both = Materials(cohort, [bad, good], Settings(n_permutations=9))
    alone = Materials(cohort, [good], Settings(n_permutations=9))
    expected = permutation_test(alone)
    np.testing.assert_array_equal(permutation_test(both).null_gaps, expected.null_gaps)


# ----------------------------------------------------------------------------------------- scores


@pytest.mark.parametrize("n_classes", [2, 3])
def test_mean_auc_is_that_of_scikit_learn(n_classes):
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, 60)
    proba = rng.dirichlet(np.ones(n_classes), (4, 60)).round(1)  # with ties
    weights = rng.integers(0, 3, (5, 60)).astype(float)
    columns = [1] if n_classes == 2 else range(n_classes)
    expected = [
        [roc_auc_score(y == c, run[:, c], sample_weight=w) for run in proba for c in columns]
        for w in weights
    ]
    np.testing.assert_allclose(mean_auc(proba, y)(weights), np.mean(expected, axis=1))


def test_mean_auc_in_blocks_and_without_a_class(monkeypatch):
    rng = np.random.default_rng(0)
    y, proba = rng.integers(0, 2, 50), rng.dirichlet([1, 1], (3, 50))
    whole = mean_auc(proba, y)(np.ones((1, 50)))
    monkeypatch.setattr("dlboi.bias._mean_auc._PAIRS", 100)
    np.testing.assert_allclose(mean_auc(proba, y)(np.ones((1, 50))), whole)
    assert np.isnan(mean_auc(proba, y)((y == 1)[None].astype(float))).all()


def test_scores_are_means_over_the_classifiers():
    rng = np.random.default_rng(0)
    ours = materials(draw(rng, 40, 0), draw(rng, 20, 100), n_resamples=4)
    found, crossfit = score_gaps(ours.cohort, ours.grouped), ours.grouped
    predicted = crossfit.test_proba.argmax(axis=2)
    for name, score in (("recall of 1", recall_score), ("accuracy", lambda y, p: np.mean(y == p))):
        expected = np.mean([score(crossfit.y_test, run) for run in predicted])
        assert found[name].test.estimate == pytest.approx(expected)
    areas = [roc_auc_score(crossfit.y_test, run[:, 1]) for run in crossfit.test_proba]
    assert found["area under the ROC curve"].test.estimate == pytest.approx(np.mean(areas))
    recalls = [found[f"recall of {c}"].validation.estimate for c in (0, 1)]
    assert found["balanced accuracy"].validation.estimate == pytest.approx(np.mean(recalls))
    for validation, test, lost in found.values():
        assert lost.estimate == pytest.approx(validation.estimate - test.estimate)
        assert validation.low < validation.estimate < validation.high
        assert lost.low < lost.estimate < lost.high
        assert lost.high - lost.low > max(v.high - v.low for v in (validation, test)) * 0.9


def test_a_class_that_the_test_part_lacks_has_no_recall_drop():
    rng = np.random.default_rng(0)
    X, y, groups = draw(rng, 20, 100)
    only = y == 0
    test = (X[only], y[only], groups[only])
    found = gap_of(materials(draw(rng, 30, 0), test, n_permutations=9, n_resamples=2))
    assert np.isnan(found.recall_drops["1"]).all()
    assert np.isfinite(found.recall_drops["0"]).all()
    assert np.isfinite(found.gap).all()
    table = found.tables[0]
    lost = [row for row in table.rows if row[:2] == ("area under the ROC curve", "lost")]
    assert lost[0][2] == "n/a"


def test_a_note_says_how_far_the_classifiers_differ_on_test():
    rng = np.random.default_rng(0)
    ours = materials(draw(rng, 20, 0), draw(rng, 12, 100), n_permutations=0, n_resamples=2)
    scores = 100 * (ours.grouped.test_proba.argmax(axis=2) == ours.grouped.y_test).mean(axis=1)
    assert scores.min() < scores.max()
    assert (
        "The 10 classifiers of the validation, each without one of 5 parts of the training "
        f"patients, are right on {min(scores):.1f} to {max(scores):.1f} % of the images of test."
    ) in gap_of(ours).notes


def test_without_patients_images_are_units_and_the_notes_say_so():
    rng = np.random.default_rng(0)
    (X, y, _), (X_test, y_test, _) = draw(rng, 30, 0), draw(rng, 15, 100)
    found = gap_test((X, y), (X_test, y_test), n_permutations=9, n_resamples=2)
    assert "No patients are named" in found.notes[0]
    assert found.p_value >= 0.1
    assert found.n_in_both == 0


def test_the_result_depends_on_the_seed_alone():
    rng = np.random.default_rng(0)
    sets = draw(rng, 20, 0), draw(rng, 10, 100)
    first, second, other = (
        gap_test(*sets, n_permutations=19, n_resamples=2, random_state=seed) for seed in (0, 0, 1)
    )
    assert first.gap == second.gap
    np.testing.assert_array_equal(first.null_gaps, second.null_gaps)
    assert not np.array_equal(first.null_gaps, other.null_gaps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_permutations": -1}, "'n_permutations'"),
        ({"n_resamples": 1}, "'n_resamples'"),
        ({"estimator": 3}, "'estimator'"),
        ({"max_time": 0}, "'max_time'"),
        ({"test": None}, "'test'"),
    ],
)
def test_bad_arguments_name_the_parameter(arguments, message):
    rng = np.random.default_rng(0)
    sets = {"train": draw(rng, 6, 0), "test": draw(rng, 6, 100)}
    with pytest.raises(ValueError, match=message):
        gap_test(**sets | arguments)
