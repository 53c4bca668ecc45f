"""The study of GAP's pooling: the size of the map beside the accuracy."""

import pytest

from dlboi.datasets import make_chest_phantoms
from dlboi.exceptions import DlboiWarning
from dlboi.studies import gap_pooling_study
from dlboi.studies._gap_pooling import _LEVELS, _maps
from dlboi.studies._study_levels import study_levels

LEVELS = {
    "p = 2": {"pool_size": 2},
    "p = 4": {"pool_size": 4},
    "GAP-4": {"pool_size": 2, "output_size": 4},
}


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(60, image_size=64, random_state=0)


def test_maps_of_the_experiment_at_its_image_size():
    from dlboi.classifiers import GAPClassifier

    levels = {name: (GAPClassifier, own) for name, own in _LEVELS.items()}
    estimators = study_levels("study", levels, recipe={}, parameters=None)
    images = make_chest_phantoms(2, image_size=256, random_state=0).data
    maps = _maps(estimators, images)
    assert maps["map"].tolist() == ["32×32", "4×4", "32×32"]
    assert maps["cells a mean"].tolist() == [1024, 16, 4]


def test_maps_and_losses_stand_beside_the_accuracy(phantoms):
    few = {"max_epochs": 2}
    result = gap_pooling_study(phantoms, levels=LEVELS, parameters=few, n_repeats=2, verbose=0)
    maps, losses = result.tables.values()
    assert maps["map"].tolist() == ["8×8", "1×1", "8×8"]
    assert maps["cells a mean"].tolist() == [64, 1, 4]
    assert losses["quantity"].tolist()[::3] == ["training loss", "validation loss"]
    assert result.table["n_parameters"].tolist() == [18849, 18849, 18849 + 15 * 32]
    nothing_learnt = [each for each in result.findings if "has learnt nothing" in each]
    assert len(result.findings) == 2 + 4 + len(nothing_learnt)


def test_a_grid_that_only_repeats_cells_warns(phantoms):
    small = (phantoms.data[:, ::2, ::2], phantoms.target, phantoms.groups)
    with pytest.warns(DlboiWarning, match="only repeat"):
        gap_pooling_study(small, parameters={"max_epochs": 1}, n_repeats=1, verbose=0)


def test_what_a_level_sets_is_not_among_the_parameters(phantoms):
    with pytest.raises(ValueError, match="the levels set it"):
        gap_pooling_study(phantoms, parameters={"pool_size": 3}, verbose=0)
