import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn import metrics

from dlboi.metrics import evaluation_scores

BINARY = ["accuracy", "balanced_accuracy", "sensitivity", "specificity"]
COMMON = ["roc_auc", "average_precision", "brier_score", "expected_calibration_error"]


def draw(rng, n_images, n_classes, confidence=1.0):
    """Draw labels from the probabilities, which are so calibrated, and sharpen these."""
    logits = 1.5 * rng.normal(size=(n_images, n_classes))
    y_proba = softmax(logits, axis=1)
    y = (rng.random((n_images, 1)) > y_proba.cumsum(axis=1)).sum(axis=1)
    return np.minimum(y, n_classes - 1), softmax(confidence * logits, axis=1)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([2, 3, 6]), st.integers(1, 3))
def test_agrees_with_scikit_learn(seed, n_classes, digits):
    rng = np.random.default_rng(seed)
    y, y_proba = draw(rng, 60, n_classes)
    y[:n_classes] = np.arange(n_classes)
    if n_classes == 2:  # rounded, so that images tie
        y_proba[:, 1] = y_proba[:, 1].round(digits)
        y_proba[:, 0] = 1 - y_proba[:, 1]
    found = evaluation_scores(y, y_proba)
    y_pred = y_proba.argmax(axis=1)
    one_hot = np.eye(n_classes)[y]
    ranked = (y, y_proba[:, 1]) if n_classes == 2 else (one_hot, y_proba)
    wanted = {
        "accuracy": metrics.accuracy_score(y, y_pred),
        "balanced_accuracy": metrics.recall_score(y, y_pred, average="macro"),
        "roc_auc": metrics.roc_auc_score(*ranked),
        "average_precision": metrics.average_precision_score(*ranked),
        "brier_score": np.mean(np.sum((one_hot - y_proba) ** 2, axis=1)) / (1 + (n_classes == 2)),
    }
    if n_classes == 2:
        wanted["sensitivity"] = metrics.recall_score(y, y_pred)
        wanted["specificity"] = metrics.recall_score(y, y_pred, pos_label=0)
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


def test_keys_are_in_order():
    y, y_proba = draw(np.random.default_rng(0), 50, 2)
    assert list(evaluation_scores(y, y_proba)) == BINARY + COMMON
    y, y_proba = draw(np.random.default_rng(0), 50, 3)
    assert list(evaluation_scores(y, y_proba)) == BINARY[:2] + COMMON


def test_what_needs_an_absent_class_is_nan():
    found = evaluation_scores(["b", "b"], [[0.1, 0.9], [0.7, 0.3]], classes=["a", "b"])
    undefined = {name for name, score in found.items() if np.isnan(score)}
    assert undefined == {"balanced_accuracy", "specificity", "roc_auc", "average_precision"}
    assert found["accuracy"] == found["sensitivity"] == 0.5


def test_second_class_is_the_positive_one():
    found = evaluation_scores(["a", "a", "b"], [[0.2, 0.8], [0.9, 0.1], [0.3, 0.7]])
    assert (found["sensitivity"], found["specificity"]) == (1.0, 0.5)


@pytest.mark.parametrize("n_images", [100, 400])
def test_calibration_error_is_nearer_the_truth_than_the_plain_one(n_images):
    rng = np.random.default_rng(0)
    for confidence in (1.0, 2.0):
        y, y_proba = draw(rng, 200_000, 3, confidence)
        truth = evaluation_scores(y, y_proba)["expected_calibration_error"]
        found, plain = [], []
        for _ in range(200):
            y, y_proba = draw(rng, n_images, 3, confidence)
            found.append(evaluation_scores(y, y_proba)["expected_calibration_error"])
            top = y_proba.max(axis=1)
            gaps = ((y_proba.argmax(axis=1) == y) - top)[np.argsort(top)]
            plain.append(np.abs(gaps.reshape(10, -1).sum(axis=1)).sum() / n_images)
        assert abs(np.mean(found) - truth) < abs(np.mean(plain) - truth)
    assert np.mean(found) == pytest.approx(truth, abs=0.015)


def test_calibration_error_of_few_images_is_that_of_one_bin():
    y_proba = [[0.9, 0.1]] * 5
    found = evaluation_scores([0, 0, 0, 0, 1], y_proba, classes=[0, 1])
    assert 0 <= found["expected_calibration_error"] <= 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y_true": [], "y_proba": np.zeros((0, 2))}, "at least 1"),
        ({"y_true": [0, 1], "y_proba": [[0.5, 0.5]]}, "one entry and one row"),
        ({"y_true": [0, 1], "y_proba": [0.5, 0.5]}, "one column for each of the 2 classes"),
        ({"y_true": [0, 0], "y_proba": [[0.5, 0.5]] * 2}, "name the labels of all columns"),
        ({"y_true": [0, 1], "y_proba": [[1.5, -0.5]] * 2}, "predict_proba"),
        ({"y_true": [0, 1], "y_proba": [[np.nan, 1]] * 2}, "predict_proba"),
        ({"y_true": [0, 1], "y_proba": [[0.5, 0.6]] * 2}, "sum to 1"),
        ({"y_true": [0, 1], "y_proba": [[0.5, 0.5]] * 2, "classes": [1, 0]}, "sorted"),
        ({"y_true": [0, 2], "y_proba": [[0.5, 0.5]] * 2, "classes": [0, 1]}, "every label"),
    ],
)
def test_bad_input_names_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        evaluation_scores(**arguments)
