"""The study of the kinds of networks: accuracy, size, seconds."""

import pytest

from dlboi.datasets import make_chest_phantoms
from dlboi.studies import architecture_study

FEW = {"max_epochs": 3}


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(60, image_size=32, random_state=0)


@pytest.fixture(scope="module")
def result(phantoms):
    return architecture_study(phantoms, parameters=FEW, n_repeats=2, test=0.3, verbose=0)


def test_sizes_are_named_from_small_to_large(result):
    said = [sentence for sentence in result.findings if sentence.startswith("Parameters")]
    assert said == ["Parameters: GAP 18,849, ANN 34,945, CNN 35,265."]


def test_seconds_are_those_of_all_epochs(result):
    seconds = list(result.tables.values())[1]
    assert seconds["quantity"].tolist()[::3] == ["training, all epochs", "validation, all epochs"]
    for name, mean in zip(result.names, seconds["mean"][:3], strict=True):
        logged = [history["train_seconds"].sum() for history in result.histories[name]]
        assert mean > sum(logged) / len(logged) > 0


def test_each_network_is_held_against_the_first(result):
    others = [s for s in result.findings if "difference" in s and "against" in s]
    assert [sentence.split(":")[0] for sentence in others] == ["CNN", "GAP"]


def test_the_recipe_decays_weights(result):
    assert all("weight_decay=0.01" in result.settings[name] for name in result.names)


@pytest.mark.parametrize("networks", ["ANN", ("ANN", "RNN")])
def test_unknown_networks_are_refused(phantoms, networks):
    with pytest.raises(ValueError, match="must hold names of"):
        architecture_study(phantoms, networks=networks, verbose=0)


def test_a_parameter_that_one_network_lacks_is_refused(phantoms):
    with pytest.raises(ValueError, match="parameters of GAPClassifier"):
        architecture_study(phantoms, parameters={"hidden_layer_sizes": (8,)}, verbose=0)
