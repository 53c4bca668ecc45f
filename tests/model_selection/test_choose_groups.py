"""Patients are chosen as if they were visited one by one, only faster."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.training._group_choice import choose_groups, group_counts


def one_by_one(counts, wanted, rng):
    """Choose as `choose_groups` says that it does."""
    counts = counts / np.sqrt(wanted)
    missing = np.sqrt(wanted)
    chosen = np.zeros(len(counts), dtype=bool)
    has_moved = True
    while has_moved:
        has_moved = False
        for group in rng.permutation(len(counts)):
            left = missing + (counts[group] if chosen[group] else -counts[group])
            if left @ left < missing @ missing * (1 - 1e-9):
                chosen[group] = not chosen[group]
                missing = left
                has_moved = True
    return chosen


@settings(deadline=None, max_examples=60)
@given(
    n_patients=st.integers(1, 400),
    n_classes=st.integers(1, 6),
    most=st.integers(1, 9),
    one_class=st.booleans(),
    fraction=st.floats(0.02, 0.98),
    seed=st.integers(0, 2**31 - 1),
)
def test_the_same_as_one_by_one(n_patients, n_classes, most, one_class, fraction, seed):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_patients), rng.integers(1, most + 1, n_patients))
    y = rng.integers(n_classes, size=n_patients)[groups]
    if not one_class:
        y = rng.integers(n_classes, size=len(groups))
    counts = group_counts(groups, np.unique(y, return_inverse=True)[1])
    wanted = fraction * counts.sum(axis=0)
    expected = one_by_one(counts, wanted, np.random.default_rng(seed))
    np.testing.assert_array_equal(
        choose_groups(counts, wanted, np.random.default_rng(seed)), expected
    )


def test_thousands_of_patients():
    counts = np.random.default_rng(0).integers(0, 4, (2000, 3)).astype(float)
    wanted = 0.3 * counts.sum(axis=0)
    chosen = choose_groups(counts, wanted, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen, one_by_one(counts, wanted, np.random.default_rng(0)))
    assert np.abs(counts[chosen].sum(axis=0) - wanted).max() < 4


def test_none_is_taken_of_a_class_of_which_none_is_wanted():
    counts = np.kron(np.eye(2), np.ones((10, 1)))
    chosen = choose_groups(counts, np.array([4.0, 0.0]), np.random.default_rng(0))
    np.testing.assert_array_equal(counts[chosen].sum(axis=0), [4, 0])


def test_counts():
    counts = group_counts(np.array([0, 2, 2, 0]), np.array([1, 0, 0, 1]))
    np.testing.assert_array_equal(counts, [[0, 2], [0, 0], [2, 0]])
