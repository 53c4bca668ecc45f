import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlboi.metrics import ProportionInterval, proportion_interval


def simulate_coverage(n_groups, correlation, accuracy, n_sets, seed=0):
    """Share of simulated sets whose interval holds the accuracy they were drawn with."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(n_sets):
        groups = np.repeat(np.arange(n_groups), rng.integers(1, 9, n_groups))
        spread = 1 / correlation - 1
        by_group = rng.beta(accuracy * spread, (1 - accuracy) * spread, n_groups)
        correct = rng.random(groups.size) < by_group[groups]
        _, low, high = proportion_interval(correct, groups=groups)
        hits += low <= accuracy <= high
    return hits / n_sets


def test_without_groups_it_is_wilsons_interval():
    wanted = stats.binomtest(83, 100).proportion_ci(method="wilson")
    found = proportion_interval(np.arange(100) < 83)
    assert isinstance(found, ProportionInterval)
    assert tuple(found) == pytest.approx((0.83, wanted.low, wanted.high))


@pytest.mark.parametrize("level", [0.8, 0.99])
def test_confidence_level_is_that_of_wilsons_interval(level):
    wanted = stats.binomtest(7, 10).proportion_ci(method="wilson", confidence_level=level)
    found = proportion_interval([1] * 7 + [0] * 3, confidence_level=level)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


@pytest.mark.parametrize("n_groups", [10, 20, 40, 400])
@pytest.mark.parametrize(("correlation", "accuracy"), [(0.1, 0.85), (0.4, 0.85), (0.4, 0.97)])
def test_interval_over_patients_covers_95_percent(n_groups, correlation, accuracy):
    n_sets = 1000 if n_groups < 400 else 500
    coverage = simulate_coverage(n_groups, correlation, accuracy, n_sets)
    # Three standard errors of the binomial; it may cover more, not less.
    assert coverage >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / n_sets)
    if n_groups == 400:
        assert coverage <= 0.95 + 3 * np.sqrt(0.95 * 0.05 / n_sets)


def test_one_image_a_patient_is_wilson_with_t():
    correct = np.arange(30) < 24
    quantile = stats.t.ppf(0.975, 29)
    level = 1 - 2 * stats.norm.sf(quantile)
    wanted = stats.binomtest(24, 30).proportion_ci(method="wilson", confidence_level=level)
    found = proportion_interval(correct, groups=np.arange(30))
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_copies_of_images_add_nothing():
    correct = np.arange(40) < 31
    once = proportion_interval(correct, groups=np.arange(40))
    copied = proportion_interval(np.repeat(correct, 6), groups=np.repeat(np.arange(40), 6))
    assert tuple(copied) == pytest.approx(tuple(once), abs=0.01)


@pytest.mark.parametrize("value", [0, 1])
def test_unanimous_answers_count_patients_not_images(value):
    images = proportion_interval([value] * 60)
    patients = proportion_interval([value] * 60, groups=np.repeat(np.arange(10), 6))
    assert patients.estimate == value
    assert patients.high - patients.low > 4 * (images.high - images.low)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40),
    st.floats(0.01, 0.999),
)
def test_properties(rows, level):
    correct, groups = (np.array(column) for column in zip(*rows, strict=True))
    if np.unique(groups).size < 2:
        groups[0] = 6
    found = proportion_interval(correct, groups=groups, confidence_level=level)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    flipped = proportion_interval(~correct, groups=groups, confidence_level=level)
    assert (1 - flipped.high, 1 - flipped.low) == pytest.approx((found.low, found.high))
    names = np.array([f"patient {group}" for group in groups])
    assert proportion_interval(correct, groups=names, confidence_level=level) == found
    shuffled = np.random.default_rng(0).permutation(correct.size)
    assert proportion_interval(
        correct[shuffled], groups=groups[shuffled], confidence_level=level
    ) == pytest.approx(tuple(found))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"correct": []}, "'correct' parameter"),
        ({"correct": [[1, 0]]}, "'correct' parameter"),
        ({"correct": [0.5, 1]}, "'correct' parameter.* Got np.float64"),
        ({"correct": [np.nan, 1]}, "'correct' parameter"),
        ({"correct": "yes"}, "'correct' parameter"),
        ({"correct": [1, 0], "groups": [1]}, r"'groups' parameter.*\(2,\)"),
        ({"correct": [1, 0], "groups": ["a", None]}, "'groups' parameter.*index 1"),
        ({"correct": [1, 0], "groups": [np.nan, 1]}, "'groups' parameter.*index 0"),
        ({"correct": [1, 0], "groups": ["a", np.nan]}, "'groups' parameter.*index 1"),
        ({"correct": [1, 0], "groups": pd.Series([1, pd.NA])}, "'groups' parameter.*index 1"),
        ({"correct": [1, 0], "groups": np.array(["a", 1], object)}, "all text or all numbers"),
        ({"correct": [1, 0], "groups": ["a", "a"]}, "at least two groups"),
        ({"correct": [1, 0], "confidence_level": 95}, "'confidence_level' parameter"),
    ],
)
def test_bad_input_names_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        proportion_interval(**arguments)
