"""The class from low-level statistics alone."""

import numpy as np
import pytest

from dlboi.bias import Statistics, shortcut_probe
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import materials_of
from dlboi.bias._shortcut_probe import shortcut_of

SIDE = 16


def image_set(seed, *, n_patients=60, shape=0.0, brightness=0.0, named=True):
    """Two images of each patient: a bright half, left or right by class, and a brightness."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_patients), 2)
    y = groups % 2
    sign = 2.0 * y - 1
    X = 0.5 + 0.1 * rng.normal(size=(len(y), SIDE, SIDE))
    X += 0.03 * rng.normal(size=n_patients)[groups][:, None, None]
    halves = np.where(np.arange(SIDE) < SIDE // 2, 1, -1)
    X += shape * sign[:, None, None] * halves + brightness * sign[:, None, None]
    data = np.clip(X, 0, 1), y
    return (*data, groups + 1000 * seed) if named else data


def test_a_shortcut_that_is_gone_on_test():
    found = shortcut_probe(image_set(0, brightness=0.05), image_set(1), n_resamples=3)
    assert found.supports
    assert not found.refutes
    assert found.p_value < 0.01
    assert found.fall.estimate == pytest.approx(0.5, abs=0.15)
    assert found.by_statistics[0].estimate > 0.9
    strongest = found.tables[1].columns["statistic"][0]
    assert strongest in ("brightness", "border")
    assert [len(table.rows) for table in found.tables] == [6, len(found.names)]


def test_shape_is_no_shortcut():
    found = shortcut_probe(image_set(0, shape=0.05), image_set(1, shape=0.05), n_resamples=3)
    assert found.refutes
    assert not found.supports
    assert found.p_value > 0.5
    assert found.short_of.low > 0.1


def test_a_shortcut_that_lasts_does_not_fall():
    with_it = (image_set(seed, brightness=0.05) for seed in (0, 1))
    found = shortcut_probe(*with_it, n_resamples=3)
    assert not found.supports
    assert found.fall.high < 0.2
    assert found.p_near < 0.01 < found.fall.p_value


def test_validation_is_that_of_the_classifier():
    """Statistics handed in as the representation give the accuracies of the classifier."""
    materials = materials_of(image_set(0, brightness=0.02), image_set(1), n_resamples=3)
    materials.statistics = Statistics(["a"] * materials.rows.shape[1], materials.rows)
    found = shortcut_of(materials)
    assert found.short_of.estimate == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("part", "text"),
    [(slice(None, None, 1), "No patients are named"), (slice(0, 2), "is of class 1")],
    ids=["no patients", "a class absent from test"],
)
def test_what_is_not_known_is_said(part, text):
    test = tuple(column[part] for column in image_set(1, named=False))
    found = shortcut_probe(image_set(0, brightness=0.05, named=False), test, n_resamples=2)
    assert any(text in note for note in found.notes)
    assert np.isnan(found.fall.low) == (part.stop is not None)
    assert not (found.supports and part.stop is not None)


def test_rows_of_features_have_no_pixels():
    X, y, groups = image_set(0)
    rows = (X.reshape(len(X), -1), y, groups)
    with pytest.raises(ValueError, match="must hold images"):
        shortcut_probe(rows, rows)


@pytest.mark.slow
def test_no_shortcut_is_supported_rarely():
    """Weak statistics, a classifier that is better by about five points, nothing lost on test."""
    n_runs = 200
    supported = [
        found.p_value <= 0.05 and found.supports
        for seed in range(n_runs)
        for found in [
            shortcut_probe(
                image_set(2 * seed, shape=0.01, brightness=0.02, n_patients=30),
                image_set(2 * seed + 1, shape=0.01, brightness=0.02, n_patients=30),
                n_resamples=2,
            )
        ]
    ]
    assert np.mean(supported) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / n_runs)


def test_statistics_and_classifier_are_validated_on_the_same_folds(monkeypatch):
    folds = []
    predict = LogisticLearner.predict

    def watched(self, training, scored):
        folds.append([index.tolist() for index in training])
        return predict(self, training, scored)

    monkeypatch.setattr(LogisticLearner, "predict", watched)
    shortcut_probe(image_set(0), image_set(1), n_resamples=2)
    assert len(folds) == 2
    assert folds[0] == folds[1]
