"""The study of division: levels that differ in it, on the same test images."""

from dataclasses import replace

import numpy as np
import pytest

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import split_ratio_study
from dlboi.studies._split_ratio import _gain_of_doubling

SHARES = (0.2, 0.5, 0.8)


@pytest.fixture(scope="module")
def data():
    return make_chest_phantoms(100, image_size=16, difficulty=0, random_state=0)


@pytest.fixture(scope="module")
def test_images():
    images = make_chest_phantoms(200, image_size=16, difficulty=0, random_state=1)
    images.groups = np.char.add("other", images.groups.astype(str))
    return images


def _study(data, test, **options):
    network = ANNClassifier(max_epochs=2, lr=1e-2)
    settings = {"shares": SHARES, "estimator": network, "n_repeats": 3, "verbose": 0}
    return split_ratio_study(data, test=test, **{**settings, **options})


@pytest.fixture(scope="module")
def result(data, test_images):
    return _study(data, test_images)


def test_levels_are_named_and_sized_by_their_division(result):
    assert result.names == ["80 % / 20 %", "50 % / 50 %", "20 % / 80 %"]
    (curve,) = result.tables.values()
    assert curve["training images"].tolist() == [80, 50, 20]
    assert curve["validation images"].tolist() == [20, 50, 80]
    assert result.runs["n_train"].tolist() == [80, 50, 20] * 3
    assert (curve["low"] <= curve["accuracy"]).all()


def test_a_level_is_a_classifier_that_divides_by_patient_itself(data, test_images, result):
    run = result.done("50 % / 50 %")[0]
    clf = ANNClassifier(
        max_epochs=2,
        lr=1e-2,
        validation_fraction=0.5,
        random_state=int(result.runs["seed"][run]),
    ).fit(data.data, data.target, groups=data.groups)
    expected = clf.predict(test_images.data) == test_images.target
    assert np.array_equal(result.correct(run, "test"), expected)


def _with_accuracies(result, rates, rng):
    arrays = []
    for run, level in enumerate(result.runs["level"]):
        truth = result.truth_of(run, "test")
        right = rng.random(len(truth)) < rates[result.names.index(level)]
        arrays.append({"test_predicted": np.where(right, truth, 1 - truth)})
    return replace(result, arrays=arrays, patients={})


def test_the_gain_of_doubling_is_the_slope_over_the_logarithm(result):
    rates = [0.9, 0.7, 0.6]
    changed = _with_accuracies(result, rates, np.random.default_rng(0))
    sizes = np.array([80, 50, 20])
    gain = _gain_of_doubling(changed, sizes)
    slope = np.polyfit(np.log2(sizes), changed.table["test"], 1)[0]
    assert gain.estimate == pytest.approx(slope)
    assert gain.low < gain.estimate < gain.high


def test_the_interval_of_the_gain_covers_none_where_there_is_none(result):
    rng = np.random.default_rng(1)
    intervals = [
        _gain_of_doubling(_with_accuracies(result, [0.8] * 3, rng), np.array([80, 50, 20]))
        for _ in range(300)
    ]
    assert np.mean([low <= 0 <= high for _, low, high, _ in intervals]) > 0.92


def test_folds_can_test(data):
    result = _study(data, None, cv=3, n_repeats=1)
    assert len(result.done(result.names[0])) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shares": (0.2, 1.0)}, "The 'shares' parameter of split_ratio_study must hold"),
        ({"validation": 0.2}, "takes no 'validation' parameter"),
    ],
)
def test_what_cannot_be_used_is_refused(data, options, message):
    with pytest.raises(ValueError, match=message):
        _study(data, 0.2, **options)


def test_the_defaults_are_those_of_the_experiment(data, monkeypatch):
    seen = {}

    def stop(levels, *args, **options):
        seen.update(levels)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies._split_ratio.compare", stop)
    with pytest.raises(KeyboardInterrupt):
        split_ratio_study(data)
    assert [level.validation_fraction for level in seen.values()] == [0.2, 0.3, 0.4]
    for level in seen.values():
        assert (level.backbone, level.weights, level.freeze_backbone) == (
            "resnet18",
            "DEFAULT",
            False,
        )
        assert (level.lr, level.max_epochs, level.schedule) == (1e-3, 30, "cosine")
