import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from dlboi.metrics import (
    ScoreInterval,
    evaluation_scores,
    proportion_interval,
    score_intervals,
)


def draw(rng, n_patients, n_classes, shift, overconfidence=1.5):
    """Simulated test set: unequal numbers of images, which are correlated within patients."""
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    y = rng.integers(n_classes, size=patients.size)
    if n_classes == 2:
        y = rng.permutation(np.arange(n_patients) % 2)[patients]
    values = np.sqrt(0.3) * rng.normal(size=(n_patients, n_classes))[patients]
    values += np.sqrt(0.7) * rng.normal(size=(patients.size, n_classes))
    values[np.arange(patients.size), y] += shift
    return y, softmax(overconfidence * shift * values, axis=1), patients


def coverage(n_patients, n_classes, shift, n_sets, overconfidence=1.5):
    """Share of simulated sets whose interval holds the truth, among the defined ones, by score."""
    classes = np.arange(n_classes)
    y, y_proba, _ = draw(np.random.default_rng(1), 50_000, n_classes, shift, overconfidence)
    truth = evaluation_scores(y, y_proba, classes=classes)
    rng, held = np.random.default_rng(0), {name: [] for name in truth}
    for _ in range(n_sets):
        y, y_proba, patients = draw(rng, n_patients, n_classes, shift, overconfidence)
        found = score_intervals(y, y_proba, classes=classes, groups=patients)
        for name, (_, low, high) in found.items():
            if not np.isnan(low):
                held[name].append(low <= truth[name] <= high)
    return {name: np.mean(hits) for name, hits in held.items()}


def least_coverage(n_sets, level=0.95):
    """Return the level less three standard errors; an interval may cover more, not less."""
    return level - 3 * np.sqrt(level * (1 - level) / n_sets)


def test_intervals_hold_the_truth():
    for name, share in coverage(20, 2, 1.19, n_sets=200).items():
        assert share >= least_coverage(200), name


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [10, 20, 40, 400])
# Shifts that give accuracies of about 0.8 and 0.95.
@pytest.mark.parametrize(("n_classes", "shift"), [(2, 1.19), (2, 2.33), (6, 2.3), (6, 3.4)])
def test_intervals_hold_the_truth_at_all_sizes(n_patients, n_classes, shift):
    n_sets = 600 if n_patients < 400 else 200
    for name, share in coverage(n_patients, n_classes, shift, n_sets).items():
        # One point of tolerance, as the documented coverages are down to 0.94.
        assert share >= least_coverage(n_sets, 0.94), name


def test_calibrated_classifier_may_have_no_calibration_error():
    share = coverage(40, 2, 1.19, n_sets=100, overconfidence=1.0)
    assert share["expected_calibration_error"] >= least_coverage(100)


@pytest.mark.parametrize("n_classes", [2, 6])
def test_estimates_are_the_scores(n_classes):
    y, y_proba, patients = draw(np.random.default_rng(3), 60, n_classes, 1.5)
    found = score_intervals(y, y_proba, groups=patients)
    assert all(isinstance(interval, ScoreInterval) for interval in found.values())
    scores = evaluation_scores(y, y_proba)
    assert {name: interval.estimate for name, interval in found.items()} == scores
    assert list(found) == list(scores)
    for estimate, low, high in found.values():
        assert 0 <= low <= estimate <= high
        assert low < high


@pytest.mark.parametrize("grouped", [True, False])
def test_proportions_have_the_interval_of_proportions(grouped):
    y, y_proba, patients = draw(np.random.default_rng(3), 60, 2, 1.0)
    groups = patients if grouped else None
    found = score_intervals(y, y_proba, groups=groups, confidence_level=0.9)
    right = y_proba.argmax(axis=1) == y
    for name, chosen in (("accuracy", y >= 0), ("sensitivity", y == 1), ("specificity", y == 0)):
        part = patients[chosen] if grouped else None
        wanted = proportion_interval(right[chosen], groups=part, confidence_level=0.9)
        assert tuple(found[name]) == pytest.approx(tuple(wanted))


def test_copies_of_images_add_little():
    y, y_proba, _ = draw(np.random.default_rng(3), 80, 2, 1.0)
    once = score_intervals(y, y_proba)
    patients = np.repeat(np.arange(y.size), 5)
    copied = score_intervals(np.repeat(y, 5), np.repeat(y_proba, 5, axis=0), groups=patients)
    for name in ("balanced_accuracy", "roc_auc", "average_precision", "brier_score"):
        assert tuple(copied[name]) == pytest.approx(tuple(once[name]), abs=0.01)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_flawless_answers_of_few_patients_are_not_certain(n_classes):
    patients = np.repeat(np.arange(4 * n_classes), 10)
    y = patients % n_classes
    found = score_intervals(y, np.eye(n_classes)[y], groups=patients)
    for name, (estimate, low, high) in found.items():
        assert estimate in (0, 1)
        assert high - low > 0.1, name


def test_nearly_flawless_answers_are_as_certain_as_flawless_ones():
    y = np.arange(40) % 2
    y_proba = np.where(np.eye(2)[y] == 1, 0.9, 0.1)
    flawless = score_intervals(y, y_proba)["roc_auc"]
    y_proba[0] = [0.05, 0.95]
    once_wrong = score_intervals(y, y_proba)["roc_auc"]
    assert once_wrong.estimate < flawless.estimate
    assert once_wrong.low == pytest.approx(flawless.low, abs=0.15)


def test_absent_class_has_no_interval():
    found = score_intervals([1, 1, 1], [[0.2, 0.8]] * 3, classes=[0, 1], groups=[1, 2, 3])
    for name in ("balanced_accuracy", "specificity", "roc_auc", "average_precision"):
        assert np.isnan(found[name]).all()
    assert found["accuracy"].low < 1


def test_class_of_one_patient_has_scores_but_no_interval():
    y = np.repeat([0, 0, 0, 1], 5)
    y_proba = np.repeat([[0.8, 0.2], [0.3, 0.7]], [14, 6], axis=0)
    found = score_intervals(y, y_proba, groups=np.repeat(np.arange(4), 5))
    for name in ("balanced_accuracy", "sensitivity", "roc_auc", "average_precision"):
        assert np.isfinite(found[name].estimate)
        assert np.isnan(found[name][1:]).all()
    assert np.isfinite(found["specificity"]).all()


@pytest.mark.parametrize("groups", [None, ["one"]])
def test_one_image(groups):
    found = score_intervals([0], [[0.8, 0.2]], classes=[0, 1], groups=groups)
    assert np.isnan(found["brier_score"][1:]).all()
    assert np.isnan(found["accuracy"].low) == (groups is not None)


def test_one_patient_has_scores_but_no_interval():
    y, y_proba, _ = draw(np.random.default_rng(0), 20, 2, 1.0)
    for estimate, low, high in score_intervals(y, y_proba, groups=np.zeros(y.size)).values():
        assert np.isfinite(estimate)
        assert np.isnan([low, high]).all()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 5), st.sampled_from([0, 0.1, 0.5, 1])),
        min_size=1,
        max_size=25,
    )
)
def test_bounds_are_ordered_and_in_range_or_nan(rows):
    y, groups, share = (np.array(column) for column in zip(*rows, strict=True))
    y_proba = np.column_stack([share, (1 - share) / 2, (1 - share) / 2])
    for name, found in score_intervals(y, y_proba, classes=[0, 1, 2], groups=groups).items():
        if np.isfinite(found).all():
            assert 0 <= found.low <= found.estimate <= found.high
            assert found.high <= (2 if name == "brier_score" else 1)
            assert found.low < found.high
        else:
            assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize("n_patients", [400, 3000])
def test_is_fast(n_patients):
    rng = np.random.default_rng(0)
    y = rng.integers(6, size=n_patients)
    y_proba = softmax(rng.normal(size=(n_patients, 6)), axis=1)
    start = time.perf_counter()
    score_intervals(y, y_proba)
    assert time.perf_counter() - start < 5  # 0.1 s and 1 s on one idle core


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": [1]}, "'groups' parameter of score_intervals"),
        ({"groups": [1, None]}, "index 1"),
        ({"confidence_level": 1.0}, "'confidence_level' parameter"),
        ({"classes": ["b", "a"]}, "'classes' parameter of score_intervals"),
    ],
)
def test_bad_input_names_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        score_intervals(["a", "b"], [[0.5, 0.5]] * 2, **arguments)
