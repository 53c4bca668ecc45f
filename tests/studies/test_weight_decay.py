"""The study of weight decay: slopes, the penalty beside the loss, sentences."""

import numpy as np
import pytest

from dlboi import CNNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.metrics import loss_slope
from dlboi.studies import StudyResult, weight_decay_study
from dlboi.studies._weight_norm import WeightNorm

FEW = {"max_epochs": 6, "n_filters": (4, 4), "step_size": 3}


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(60, image_size=32, random_state=0)


@pytest.fixture(scope="module")
def result(phantoms):
    return weight_decay_study(
        phantoms,
        weight_decays=(0.0, 0.1),
        last=0.5,
        parameters=FEW,
        n_repeats=3,
        test=0.3,
        verbose=0,
    )


def test_the_penalty_is_half_the_decay_times_the_squares_of_all_weights(phantoms):
    clf = CNNClassifier(**FEW, restore_best=None, random_state=0, callbacks=[WeightNorm()])
    clf.fit(phantoms.data, phantoms.target)
    squares = sum(float((p.detach() ** 2).sum()) for p in clf.net_.module_.parameters())
    assert clf.history_["l2_norm_squared"][-1] == pytest.approx(squares, rel=1e-5)


def test_penalties_stand_beside_the_losses(result):
    weights = list(result.tables.values())[2]
    squares, penalty = weights["mean"][:2], weights["mean"][2:]
    assert penalty == pytest.approx([0, 0.05 * squares[1]])
    assert squares[1] < squares[0]


def test_slopes_are_those_of_the_last_epochs_over_the_repeats(result):
    table = next(iter(result.tables.values()))
    curves = [history["validation_loss"][3:] for history in result.histories["weight_decay = 0.1"]]
    expected = loss_slope(curves)
    assert (table["slope"][3], table["low"][3], table["high"][3]) == pytest.approx(expected[:3])
    assert table["loss"][3] == "validation"
    assert table["first learning rate"] == pytest.approx([1e-4] * 4)


def test_the_levels_start_from_the_same_weights(result):
    first, second = (result.histories[name][0]["l2_norm_squared"][0] for name in result.names)
    assert first == pytest.approx(second, rel=0.2)
    assert first != second


def test_a_decay_that_shrinks_the_weights_gets_a_penalty_and_a_sentence(result):
    said = " ".join(result.findings)
    assert "The penalty of weight_decay = 0.1 is" in said
    assert "The penalty of weight_decay = 0 is" not in said
    assert "over epochs 4 to 6 the training loss" in said


def test_a_learning_rate_that_has_fallen_is_pointed_out(phantoms):
    fallen = weight_decay_study(
        phantoms, parameters={**FEW, "step_size": 2}, last=1 / 3, n_repeats=1, verbose=0
    )
    assert "the learning rate is at most 1e-05, 1/100 of the first" in " ".join(fallen.findings)


def test_one_repeat_has_no_interval_and_no_claim(phantoms):
    result = weight_decay_study(phantoms, parameters=FEW, n_repeats=1, verbose=0)
    said = " ".join(result.findings)
    assert "these runs give no interval" in said
    assert "nan" not in said
    assert np.isnan(next(iter(result.tables.values()))["low"]).all()


def test_without_validation_the_training_loss_is_left(phantoms):
    result = weight_decay_study(
        phantoms, parameters=FEW, n_repeats=1, validation=None, test=0.3, verbose=0
    )
    assert set(next(iter(result.tables.values()))["loss"]) == {"training"}


def test_findings_and_tables_are_saved_and_shown(result, tmp_path):
    result.save(tmp_path / "study.npz")
    again = StudyResult.load(tmp_path / "study.npz")
    assert again.to_markdown() == result.to_markdown()
    assert "Slope of the loss over epochs 4 to 6" in result.to_latex()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parameters": {"weight_decay": 1.0}}, "'weight_decay' instead: the levels set it"),
        ({"parameters": {"n_filter": (4,)}}, "'n_filter' instead: it has no such parameter"),
        ({"last": 0}, "'last' parameter of weight_decay_study must be a share"),
        ({"last": 0.1, "parameters": FEW}, "must leave at least 2 of the 6"),
        ({"weight_decays": (0.1,)}, "at least two"),
    ],
)
def test_what_cannot_be_studied_is_refused(phantoms, arguments, message):
    with pytest.raises(ValueError, match=message):
        weight_decay_study(phantoms, verbose=0, **arguments)


def test_the_settings_of_the_experiment_are_the_defaults(phantoms, monkeypatch):
    class Seen(Exception):
        pass

    def stop(estimators, data, **options):
        raise Seen(estimators, options)

    monkeypatch.setitem(weight_decay_study.__globals__, "compare", stop)
    with pytest.raises(Seen) as caught:
        weight_decay_study(phantoms)
    estimators, options = caught.value.args
    expected = {"max_epochs": 50, "batch_size": 32, "lr": 1e-3, "step_size": 10, "gamma": 0.1}
    for estimator, decay in zip(estimators.values(), (0.0, 0.01), strict=True):
        parameters = estimator.get_params(deep=False)
        wanted = {**expected, "schedule": "step", "optimizer": "adam", "weight_decay": decay}
        assert {name: parameters[name] for name in wanted} == wanted
    assert options == {"n_repeats": 5}
