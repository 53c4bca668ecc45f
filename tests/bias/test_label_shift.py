"""What another prevalence costs, and whether it is all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.bias import label_shift
from dlboi.bias._class_rates import class_rates, prevalence_of, recalls_of, reweighted, said_shares
from dlboi.bias._crossfit import Crossfit
from dlboi.bias._label_shift import label_shift_of
from tests.bias.simulated_rows import make_materials, make_rows


def given_predictions(said_train, y_train, said_test, y_test, patients=None, n_classes=2):
    """Materials whose validation and test say what is given."""
    patients = np.arange(len(y_train) + len(y_test)) if patients is None else patients
    rows = np.zeros((len(patients), 1))
    n_train = len(y_train)
    materials = make_materials(
        (rows[:n_train], y_train, patients[:n_train]), (rows[n_train:], y_test, patients[n_train:])
    )
    proba, test_proba = np.eye(n_classes)[[said_train]], np.eye(n_classes)[[said_test]]
    y_train, y_test = np.asarray(y_train), np.asarray(y_test)
    materials.grouped = Crossfit(
        proba, test_proba, y_train, y_test, proba.argmax(axis=2) == y_train
    )
    return materials


def test_accuracy_at_the_prevalence_of_test_by_hand():
    # Recalls 0.6 and 0.9; validation has 10 and 30 images of the classes, test 10 and 10.
    y = np.repeat([0, 1], [10, 30])
    said = np.repeat([0, 1, 1, 0], [6, 4, 27, 3])
    result = label_shift_of(
        given_predictions(said, y, np.repeat([0, 1], [9, 11]), np.repeat([0, 1], 10))
    )
    assert result.validation == pytest.approx(33 / 40)
    assert result.recalls == pytest.approx([0.6, 0.9])
    assert result.reweighted == pytest.approx(0.75)
    assert result.accuracy.estimate == pytest.approx(33 / 40 - 0.75)
    assert result.accuracy.low < 33 / 40 - 0.75 < result.accuracy.high
    # Said to be of class 1: 0.4 π0 + 0.9 π1 = 0.55, so that π1 = 0.3.
    assert result.estimate.prevalence == pytest.approx([0.7, 0.3])
    assert result.estimate.said == pytest.approx([0.45, 0.55])
    assert result.estimate.expected == pytest.approx([0.35, 0.65])
    assert np.all(result.estimate.low < [0.7, 0.3])
    assert np.all(result.estimate.high > [0.7, 0.3])


@given(seed=st.integers(0, 99), n_classes=st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_rates_and_recalls_are_those_of_the_images_that_count(seed, n_classes):
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=40)
    proba = rng.random((3, 40, n_classes))
    weights = rng.integers(2, size=(2, 40)).astype(float)
    weights[:, 0] = 1
    rates = class_rates(weights, y, said_shares(proba))
    correct = (proba.argmax(axis=2) == y).mean(axis=0)
    recalls = recalls_of(weights, y, correct, n_classes=n_classes)
    np.testing.assert_allclose(recalls, np.einsum("ncc->nc", rates))
    for row, kept in zip(recalls, weights.astype(bool), strict=True):
        for code, recall in enumerate(row):
            chosen = kept & (y == code)
            assert np.isnan(recall) != chosen.any()
            if chosen.any():
                assert recall == pytest.approx(correct[chosen].mean())
    own = reweighted(recalls, prevalence_of(weights, y, n_classes))
    np.testing.assert_allclose(own, weights @ correct / weights.sum(axis=1))


def test_a_planted_prevalence_is_found_and_is_all():
    rng = np.random.default_rng(0)
    results = [
        label_shift_of(
            make_materials(
                make_rows(rng, 200, prevalence=0.75, distance=1.5),
                make_rows(rng, 200, prevalence=0.5, distance=1.5, first_patient=1000),
                n_resamples=2,
                seed=seed,
            )
        )
        for seed in range(20)
    ]
    assert np.mean([result.accuracy.low > 0 for result in results]) >= 0.9
    # Of 20 tests at the level 0.05, more than 3 are significant in 1.6 % of the cases.
    assert np.sum([result.estimate.p_value < 0.05 for result in results]) <= 3
    held = [
        np.all((result.estimate.low <= known) & (known <= result.estimate.high))
        for result in results
        for known in [result.prevalence[1]]
    ]
    assert np.sum(held) >= 17


def test_a_displaced_test_set_is_more_than_label_shift():
    rng = np.random.default_rng(1)
    train = make_rows(rng, 200)
    test = make_rows(rng, 100, displacement=1.0, first_patient=1000)
    result = label_shift_of(make_materials(train, test))
    assert abs(result.accuracy.estimate) < 0.02
    assert result.estimate.p_value < 0.001
    assert "Label shift alone is not the story: class 1 is said of" in result.findings[0]
    assert result.findings[0].endswith("(p < 0.0001).")
    assert result.estimate.low[1] > result.prevalence[1, 1]


def test_predictions_that_do_not_depend_on_the_class_tell_no_prevalence():
    y = np.tile([0, 1], 20)
    result = label_shift_of(given_predictions(np.ones(40, int), y, np.ones(20, int), y[:20]))
    assert np.isnan(result.estimate.prevalence).all()
    assert "smallest singular value of the confusion matrix 0)" in result.findings[0]
    assert result.accuracy.estimate == 0


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_class_with_one_patient_has_an_unknown_recall_or_share(part):
    y, patients = np.tile([0, 1], 20), np.arange(40)
    if part == "train":
        patients[y == 1] = 1
    said = np.where(np.arange(40) % 5, y, 1 - y)
    patients = np.append(patients, 100 + np.arange(20))
    if part == "test":
        patients[40:][y[:20] == 1] = 101
    result = label_shift_of(given_predictions(said, y, said[:20], y[:20], patients))
    assert np.isfinite(result.accuracy.estimate)
    # One patient of test may be left out: the prevalence is known without.
    assert np.isnan(result.accuracy.low) == (part == "train")
    assert any("A class has one" in finding for finding in result.findings) == (part == "train")


def test_classes_that_test_lacks_and_patients_in_both_parts():
    rng = np.random.default_rng(0)
    y = rng.integers(6, size=300)
    X = np.eye(6)[y] * 2 + rng.normal(size=(300, 6))
    patients = np.arange(300) // 3
    in_test = (patients > 70) & (y < 4)
    materials = make_materials(
        (X[~in_test], y[~in_test], patients[~in_test]), (X[in_test], y[in_test], patients[in_test])
    )
    assert len(materials.cohort.in_both)
    result = label_shift_of(materials)
    assert result.prevalence[1, 4:].tolist() == [0, 0]
    assert result.reweighted == pytest.approx(result.prevalence[1] @ result.recalls)
    assert result.accuracy.low < result.accuracy.estimate < result.accuracy.high
    assert len(result.tables[0].rows) == 6


def test_step_is_that_of_the_study():
    rng = np.random.default_rng(0)
    train, test = make_rows(rng, 40), make_rows(rng, 20, first_patient=100)
    result = label_shift(train, test, n_resamples=2, random_state=0)
    again = label_shift(train, test, n_resamples=2, random_state=0)
    assert result.accuracy == again.accuracy
    assert [len(table.rows) for table in result.tables] == [2, 3]
    with pytest.raises(ValueError, match="'n_resamples' parameter of label_shift"):
        label_shift(train, test, n_resamples=1)
