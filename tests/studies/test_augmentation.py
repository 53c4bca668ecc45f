"""The study of augmentation: without it, against presets and transforms."""

import numpy as np
import pytest

from dlboi import GAPClassifier
from dlboi.datasets import make_tissue_phantoms
from dlboi.studies import augmentation_study
from dlboi.studies._fit_gap import fit_gap


@pytest.fixture(scope="module")
def phantoms():
    return make_tissue_phantoms(90, image_size=32, random_state=0)


def _study(data, **options):
    settings = {
        "estimator": GAPClassifier(n_filters=(4, 4), max_epochs=2),
        "test": 0.3,
        "n_repeats": 2,
        "verbose": 0,
    }
    return augmentation_study(data, **{**settings, **options})


def _nothing(image):
    return image


def test_an_augmentation_that_changes_nothing_makes_no_difference(phantoms):
    result = _study(phantoms, augmentations={"none": None, "nothing": _nothing})
    assert result.table["difference"][1] == 0
    assert result.table["p_value"][1] == 1
    (gaps,) = result.tables.values()
    assert gaps["gap"][0] == pytest.approx(gaps["gap"][1])
    assert fit_gap(result, "nothing", "none")[0] == pytest.approx(0)


def test_presets_are_levels_and_their_gaps_are_those_of_the_runs(phantoms):
    result = _study(phantoms, augmentations=(None, "histology", "xray"))
    assert result.names == ["no augmentation", "histology", "xray"]
    (gaps,) = result.tables.values()
    for row, name in enumerate(result.names):
        runs = result.done(name)
        gap = result.runs["train_accuracy"][runs] - result.runs["validation_accuracy"][runs]
        assert gaps["gap"][row] == pytest.approx(gap.mean())
    assert result.findings[0].startswith("no augmentation reaches")
    assert sum("gap between training and validation" in text for text in result.findings) == 2


def test_levels_share_images_and_seeds(phantoms):
    result = _study(phantoms)
    first, second = (result.done(name) for name in result.names)
    assert result.runs["seed"][first].tolist() == result.runs["seed"][second].tolist()
    for one, other in zip(first, second, strict=True):
        indices = (result.arrays[run]["test_index"] for run in (one, other))
        assert np.array_equal(*indices)


def test_without_validation_images_there_is_no_gap(phantoms):
    assert _study(phantoms, validation=None).tables == {}


def test_the_defaults_are_those_of_the_experiment(phantoms, monkeypatch):
    seen = {}

    def stop(levels, *args, **options):
        seen.update(levels)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies._augmentation.compare", stop)
    with pytest.raises(KeyboardInterrupt):
        augmentation_study(phantoms)
    assert [level.augment for level in seen.values()] == [None, "histology"]
    for level in seen.values():
        assert (level.backbone, level.weights, level.dropout) == ("resnet34", "DEFAULT", 0)
        assert (level.lr, level.max_epochs, level.schedule) == (1e-3, 100, "cosine")
