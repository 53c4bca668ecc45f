"""The study of pooled size: cells, heads, and cells that only repeat."""

import pytest

from dlboi import PretrainedClassifier
from dlboi.datasets import make_tissue_phantoms
from dlboi.exceptions import FeatureMapWarning
from dlboi.studies import pool_size_study

QUICK = {"backbone": "squeezenet1_1", "weights": None, "max_epochs": 2}


@pytest.fixture(scope="module")
def phantoms():
    return make_tissue_phantoms(48, image_size=64, random_state=0)


def _study(data, sizes, **options):
    settings = {"parameters": QUICK, "test": 0.25, "n_repeats": 2, "verbose": 0}
    return pool_size_study(data, sizes=sizes, **{**settings, **options})


def test_map_and_head_are_those_of_the_networks(phantoms):
    result = _study(phantoms, (1, 2))
    (table,) = result.tables.values()
    n_parameters = result.table["n_parameters"]
    heads = table["parameters of the head"]
    assert heads.tolist() == [512 * n * n * 6 + 6 for n in (1, 2)]
    assert n_parameters[1] - n_parameters[0] == heads[1] - heads[0]
    clf = PretrainedClassifier(**QUICK).fit(phantoms.data, phantoms.target)
    _, height, width = clf.net_.module_.feature_map_shape
    assert table["cells of the map"].tolist() == [f"{height}×{width}"] * 2
    assert table["cells repeat"].tolist() == ["no", "no"]
    assert not any("repeat" in finding for finding in result.findings)


def test_cells_that_repeat_are_warned_of_and_told(phantoms):
    with pytest.warns(FeatureMapWarning, match="only repeat"):
        result = _study(phantoms, (1, 8))
    (table,) = result.tables.values()
    assert table["cells repeat"].tolist() == ["no", "yes"]
    (finding,) = (finding for finding in result.findings if "repeat" in finding)
    assert "At 8×8 cells only repeat" in finding


def test_the_defaults_are_those_of_the_experiment(phantoms, monkeypatch):
    seen = {}

    def stop(levels, *args, **options):
        seen.update(levels)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies._pool_size.compare", stop)
    with pytest.raises(KeyboardInterrupt):
        pool_size_study(phantoms)
    assert [level.pool_output_size for level in seen.values()] == [1, 2, 4, 8]
    for level in seen.values():
        assert (level.backbone, level.dropout, level.weights) == ("resnet34", 0.5, "DEFAULT")
        assert (level.lr, level.max_epochs, level.schedule) == (1e-3, 100, "cosine")


def test_a_size_among_the_parameters_is_refused(phantoms):
    with pytest.raises(ValueError, match="the levels set it"):
        _study(phantoms, (1, 2), parameters={**QUICK, "pool_output_size": 2})
