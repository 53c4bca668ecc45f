"""Patient labels of any kind become codes; missing ones are refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi._validation import group_codes


@settings(deadline=None, max_examples=50)
@given(
    st.one_of(
        st.lists(st.text(max_size=3), min_size=1, max_size=20),
        st.lists(st.integers(-5, 5), min_size=1, max_size=20),
        st.lists(st.floats(allow_nan=False), min_size=1, max_size=20),
    )
)
def test_codes_are_equal_where_and_only_where_the_labels_are(labels):
    codes = group_codes(labels, len(labels), caller="fit")
    assert sorted(set(codes)) == list(range(len(set(labels))))
    for i in range(len(labels)):
        for j in range(i):
            assert (codes[i] == codes[j]) == (labels[i] == labels[j])


@pytest.mark.parametrize(
    "groups",
    [
        ["a", "b", None],
        ["a", "b", float("nan")],
        [1.0, 2.0, np.nan],
        np.array([1.0, 2.0, np.nan]),
        np.array(["a", "b", None], dtype=object),
        np.array(["2020-01-01", "2020-01-01", "NaT"], dtype="datetime64[D]"),
        pd.Series(["a", "b", None]),
        pd.Series(["a", "b", pd.NA]),
        pd.Series(["a", "b", pd.NA], dtype="string"),
        pd.Series([1, 2, pd.NA], dtype="Int64"),
        pd.Series(["a", "b", None], dtype="category"),
    ],
)
def test_a_missing_entry_is_refused(groups):
    with pytest.raises(ValueError, match=r"'groups' .* none at index 2"):
        group_codes(groups, 3, caller="fit")


@pytest.mark.parametrize("groups", [[1, 2], [1, 2, 3, 4], [[1], [2], [3]], 7, "abc"])
def test_another_shape_is_refused(groups):
    with pytest.raises(ValueError, match=r"'groups' .* patient of each image, shape \(3,\)"):
        group_codes(groups, 3, caller="fit")


def test_kinds_without_a_common_order_are_refused():
    with pytest.raises(ValueError, match=r"'groups' .* all text or all numbers"):
        group_codes(np.array(["a", 1, 2], dtype=object), 3, caller="fit")


@pytest.mark.parametrize(
    "groups", [pd.Series(["b", "a", "b"], index=[7, 8, 9]), np.array([True, False, True])]
)
def test_other_containers(groups):
    np.testing.assert_array_equal(group_codes(groups, 3, caller="fit"), [1, 0, 1])
