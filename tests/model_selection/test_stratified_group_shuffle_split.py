"""Divisions are partitions of whole patients, near the wanted share of each class."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.model_selection import StratifiedGroupShuffleSplit
from dlboi.training import validation_split

quick = settings(deadline=None, max_examples=50)
seeds = st.integers(0, 2**31 - 1)


@st.composite
def cohorts(draw, one_class_a_patient=False):
    """Return classes and patients, every class with three patients at least."""
    n_classes = draw(st.integers(1, 4))
    n_patients = draw(st.integers(4 * n_classes, 40))
    sizes = draw(st.lists(st.integers(1, 6), min_size=n_patients, max_size=n_patients))
    groups = np.repeat(np.arange(n_patients), sizes)
    rng = np.random.default_rng(draw(seeds))
    y = (np.arange(n_patients) % n_classes)[groups]
    if not one_class_a_patient:
        others = rng.random(len(y)) < 0.4
        others[np.flatnonzero(np.diff(groups, prepend=-1))] = False  # the first stays
        y[others] = rng.integers(n_classes, size=others.sum())
    order = rng.permutation(len(y))
    return y[order], groups[order]


def splits(y, groups, **parameters):
    return list(StratifiedGroupShuffleSplit(**parameters).split(np.empty((len(y), 2)), y, groups))


@quick
@given(data=cohorts(), test_size=st.floats(0.2, 0.8), seed=seeds)
def test_partition_of_whole_patients_with_all_classes(data, test_size, seed):
    y, groups = data
    for train, test in splits(y, groups, n_splits=3, test_size=test_size, random_state=seed):
        np.testing.assert_array_equal(np.sort(np.r_[train, test]), np.arange(len(y)))
        assert np.all(np.diff(train) > 0)
        assert np.all(np.diff(test) > 0)
        assert not set(groups[train]) & set(groups[test])
        assert set(y[train]) == set(y[test]) == set(y)


@quick
@given(data=cohorts(one_class_a_patient=True), test_size=st.sampled_from([0.3, 0.5]), seed=seeds)
def test_shares_of_classes_are_within_the_largest_patient(data, test_size, seed):
    y, groups = data
    for _, test in splits(y, groups, n_splits=3, test_size=test_size, random_state=seed):
        for label in np.unique(y):
            largest = np.bincount(groups[y == label]).max()
            got, wanted = (y[test] == label).sum(), test_size * (y == label).sum()
            assert abs(got - wanted) <= largest


@quick
@given(data=cohorts(), share=st.floats(0.2, 0.45), seed=seeds)
def test_both_sizes_may_leave_patients_out(data, share, seed):
    y, groups = data
    parameters = {"test_size": share, "train_size": share, "random_state": seed}
    for train, test in splits(y, groups, n_splits=2, **parameters):
        assert len(train) + len(test) <= len(y)
        assert not set(groups[train]) & set(groups[test])
        assert set(y[train]) == set(y[test]) == set(y)


@quick
@given(data=cohorts(), seed=seeds)
def test_names_of_classes_and_patients_do_not_matter(data, seed):
    y, groups = data
    expected = splits(y, groups, n_splits=2, test_size=0.3, random_state=seed)
    names = np.array(["a", "b", "c", "d"])
    for other_y, other_groups in [
        (names[y], [f"p{group:03d}" for group in groups]),
        (y.astype(float), groups * 3 - 7),
        (pd.Series(names[y], dtype="category"), pd.Series(groups)),
        (list(names[y].astype(object)), [(f"{group:03d}") for group in groups]),
    ]:
        got = splits(other_y, other_groups, n_splits=2, test_size=0.3, random_state=seed)
        for pair, expected_pair in zip(got, expected, strict=True):
            for part, expected_part in zip(pair, expected_pair, strict=True):
                np.testing.assert_array_equal(part, expected_part)


@pytest.fixture
def cohort():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(100), rng.integers(1, 6, 100))
    return (np.arange(100) % 3 // 2)[groups], groups


@pytest.mark.parametrize(
    "sizes",
    [
        {"test_size": 0.2},
        {"train_size": 0.8},
        {"test_size": 0.2, "train_size": 0.8},
        {"test_size": 61},
        {"test_size": 61, "train_size": 246},
    ],
)
def test_ways_to_say_a_size(cohort, sizes):
    y, groups = cohort
    assert len(y) == 307
    ((train, test),) = splits(y, groups, n_splits=1, random_state=0, **sizes)
    assert len(train) + len(test) == 307
    assert abs(len(test) - 61) <= 3


def test_a_tenth_is_tested_on_by_default(cohort):
    y, groups = cohort
    ((_, test),) = splits(y, groups, n_splits=1, random_state=0)
    assert abs(len(test) - 31) <= 3


def test_random_state(cohort):
    def tests(random_state):
        parts = splits(*cohort, n_splits=4, test_size=0.2, random_state=random_state)
        return {tuple(test) for _, test in parts}

    assert tests(0) == tests(0) == tests(np.random.RandomState(0))
    assert len(tests(0) | tests(1)) == 8
    state = np.random.RandomState(0)
    assert tests(state) != tests(state)
    assert len(tests(None)) == 4


def test_as_near_as_the_validation_part_of_the_classifiers(cohort):
    y, groups = cohort

    def distance(part):
        wanted = 0.2 * np.bincount(y)
        return ((np.bincount(y[part]) - wanted) ** 2 / wanted).sum()

    ours = [distance(test) for _, test in splits(y, groups, test_size=0.2, random_state=0)]
    theirs = [distance(validation_split(y, 0.2, groups=groups, seed=s)[1]) for s in range(10)]
    assert max(ours) == pytest.approx(max(theirs), abs=0.05)


def test_every_patient_has_about_the_same_chance():
    y, groups = np.repeat([0, 1], 40), np.repeat(np.arange(40), 2)
    times = np.zeros(40)
    for _, test in splits(y, groups, n_splits=400, test_size=0.25, random_state=0):
        times[np.unique(groups[test])] += 1
    # 400 draws of 1 in 4: 100, with a standard deviation of 9.
    assert np.abs(times - 100).max() < 36


@pytest.mark.parametrize("test_size", [0.1, 0.9])
def test_a_class_of_two_patients_is_on_both_sides(test_size):
    """No single move takes a patient of 4 where 0.8 are wanted, but each part needs the class."""
    groups = np.repeat(np.arange(42), np.r_[np.full(40, 3), 4, 4])
    y = (groups >= 40).astype(int)
    for train, test in splits(y, groups, test_size=test_size, random_state=0):
        assert y[train].sum() == y[test].sum() == 4
        assert abs((y[test] == 0).sum() - test_size * 120) <= 3


def test_classes_that_cannot_be_on_both_sides_are_refused():
    """No division of three has two classes on both sides if each has another two of them."""
    groups, y = np.repeat(np.arange(4), 2), np.array([0, 1, 0, 2, 1, 1, 2, 2])
    for train, test in splits(y, groups, n_splits=50, test_size=0.5, random_state=0):
        assert set(y[train]) == set(y[test]) == {0, 1, 2}
    groups, y = np.repeat(np.arange(3), 2), np.array([0, 1, 1, 2, 2, 0])
    with pytest.raises(
        ValueError, match=r"'test_size'.* both in and beside .*leave that class out"
    ):
        splits(y, groups, test_size=0.5, random_state=0)
