"""Three parts of whole patients, in the manner of train_test_split."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from dlboi.model_selection import group_train_val_test_split

quick = settings(deadline=None, max_examples=50)


@quick
@given(
    sizes=st.lists(st.integers(1, 5), min_size=15, max_size=50),
    n_classes=st.integers(1, 3),
    val_size=st.floats(0.15, 0.4),
    test_size=st.floats(0.15, 0.4),
    seed=st.integers(0, 2**31 - 1),
)
def test_partition_of_whole_patients(sizes, n_classes, val_size, test_size, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    y = groups % n_classes
    parts = group_train_val_test_split(
        np.arange(len(y)),
        groups=groups,
        stratify=y,
        val_size=val_size,
        test_size=test_size,
        random_state=seed,
    )
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(len(y)))
    patients = [set(groups[part]) for part in parts]
    assert sum(map(len, patients)) == len(sizes)
    for label in range(n_classes):
        total, largest = (y == label).sum(), max(sizes)
        got = [(y[part] == label).sum() for part in parts]
        assert min(got) > 0
        for number, size in zip(got[1:], (val_size, test_size), strict=True):
            assert abs(number - size * total) <= largest


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({}, (60, 20, 20)),
        ({"val_size": 10, "test_size": 0.3}, (60, 10, 30)),
        ({"val_size": 0.1, "test_size": 5}, (85, 10, 5)),
    ],
)
@pytest.mark.parametrize("stratify", [None, np.arange(100) % 2])
def test_sizes(sizes, expected, stratify):
    parts = group_train_val_test_split(np.arange(100), stratify=stratify, random_state=0, **sizes)
    assert np.abs(np.subtract([len(part) for part in parts], expected)).max() <= 2


def test_kinds_of_arrays_stay():
    rows = np.arange(40).reshape(20, 2)
    arrays = [rows, rows.tolist(), pd.DataFrame(rows, columns=["a", "b"]), sparse.csr_array(rows)]
    parts = group_train_val_test_split(*arrays, groups=np.arange(20) // 2, random_state=0)
    assert len(parts) == 12
    for index, array in enumerate(arrays):
        for part, expected in zip(parts[3 * index : 3 * index + 3], parts[:3], strict=True):
            assert type(part) is type(array)
            part = part.toarray() if sparse.issparse(part) else np.asarray(part)
            np.testing.assert_array_equal(part, expected)


def test_random_state():
    def test_part(random_state):
        return tuple(group_train_val_test_split(np.arange(50), random_state=random_state)[2])

    assert test_part(0) == test_part(0) == test_part(np.random.RandomState(0))
    assert len({test_part(0), test_part(1), test_part(None)}) == 3
