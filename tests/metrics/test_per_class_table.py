import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from dlboi.metrics import per_class_table, proportion_interval

COLUMNS = ["class", "support", "recall", "recall_low", "recall_high", "precision", "f1"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(*[st.sampled_from(["debris", "stroma", "tumor"])] * 2), min_size=1))
def test_agrees_with_scikit_learn(pairs):
    y_true, y_pred = zip(*pairs, strict=True)
    table = per_class_table(y_true, y_pred)
    assert list(table) == COLUMNS
    assert table["class"].tolist() == sorted({*y_true, *y_pred})
    precision, recall, f1, support = precision_recall_fscore_support(
        y_true, y_pred, zero_division=np.nan
    )
    np.testing.assert_allclose(table["precision"], precision)
    np.testing.assert_allclose(table["recall"], recall)
    np.testing.assert_allclose(table["f1"], f1)
    np.testing.assert_array_equal(table["support"], support)


def test_interval_of_the_recall_is_wilsons():
    y_true = np.repeat([0, 1], [30, 20])
    y_pred = np.where(np.arange(50) < 33, 0, 1)
    table = per_class_table(y_true, y_pred, confidence_level=0.9)
    for row, label in enumerate([0, 1]):
        of_class = y_true == label
        wanted = proportion_interval(y_pred[of_class] == label, confidence_level=0.9)
        found = [table[name][row] for name in ("recall", "recall_low", "recall_high")]
        assert found == pytest.approx(wanted)


def test_classes_give_the_order_and_rows_without_images():
    table = per_class_table(["b", "a"], ["b", "a"], classes=["b", "c", "a"])
    assert table["class"].tolist() == ["b", "c", "a"]
    assert table["support"].tolist() == [1, 0, 1]
    for name in COLUMNS[2:]:
        assert np.isnan(table[name]).tolist() == [False, True, False]


def test_numbers_of_one_class_do_not_depend_on_the_labels_type():
    strings = per_class_table(["0", "1", "1"], ["0", "0", "1"])
    numbers = per_class_table([0, 1, 1], [0, 0, 1])
    for name in COLUMNS[1:]:
        np.testing.assert_array_equal(strings[name], numbers[name])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y_true": [], "y_pred": []}, "at least 1"),
        ({"y_true": [0, 1], "y_pred": [0]}, "same length"),
        ({"y_true": [[0, 1]], "y_pred": [[0, 1]]}, "1-D"),
        ({"y_true": [0, 1], "y_pred": [0, 2], "classes": [0, 1]}, r"without \[2\]"),
        ({"y_true": [0, 1], "y_pred": [0, 1], "confidence_level": 0}, "'confidence_level'"),
    ],
)
def test_bad_input_names_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        per_class_table(**arguments)
