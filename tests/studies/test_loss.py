"""The study of BCE and CE: they start as the same function."""

import numpy as np
import pytest

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms, make_tissue_phantoms
from dlboi.metrics import curve_noise
from dlboi.studies import loss_study
from dlboi.studies._equal_start import EqualStart

FEW = {"max_epochs": 6, "lr": 1e-3, "hidden_layer_sizes": (8, 8)}


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(60, image_size=32, random_state=0)


@pytest.fixture(scope="module")
def result(phantoms):
    return loss_study(
        phantoms, parameters=FEW, n_repeats=3, validation=0.3, random_state=1, verbose=0
    )


def _fitted(phantoms, **parameters):
    # A rate that rounds to no step at all shows the weights of the start.
    clf = ANNClassifier(max_epochs=1, lr=1e-30, callbacks=[EqualStart()], **parameters)
    return clf.fit(phantoms.data, phantoms.target)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("network", [{}, {"batch_norm": True, "dropout": 0.3}])
def test_both_start_as_the_same_function(phantoms, seed, network):
    bce, ce = (_fitted(phantoms, loss=loss, random_state=seed, **network) for loss in ("bce", "ce"))
    plain = ANNClassifier(max_epochs=1, lr=1e-30, loss="ce", random_state=seed, **network)
    plain.fit(phantoms.data, phantoms.target)
    given = bce.predict_proba(phantoms.data)
    if not network:
        np.testing.assert_allclose(ce.predict_proba(phantoms.data), given, atol=1e-6)
    before = [clf.history_["nats_before_training"][0] for clf in (bce, ce)]
    assert before[0] == pytest.approx(before[1], abs=1e-6)
    assert not np.allclose(plain.predict_proba(phantoms.data), given, atol=1e-4)


def test_the_difference_of_the_weight_vectors_is_the_single_one(phantoms):
    bce, ce = (
        dict(_fitted(phantoms, loss=loss, random_state=3).net_.module_.named_parameters())
        for loss in ("bce", "ce")
    )
    for name in ("output.weight", "output.bias"):
        single, two = bce[name].detach().numpy(), ce[name].detach().numpy()
        np.testing.assert_allclose(two[1] - two[0], single[0], atol=1e-7)
    np.testing.assert_array_equal(
        bce["linear1.weight"].detach().numpy(), ce["linear1.weight"].detach().numpy()
    )


def test_the_loss_of_one_logit_is_as_without_the_study(phantoms):
    fits = [
        ANNClassifier(max_epochs=2, random_state=0, callbacks=callbacks).fit(
            phantoms.data, phantoms.target
        )
        for callbacks in (None, [EqualStart()])
    ]
    np.testing.assert_array_equal(*(clf.predict_proba(phantoms.data) for clf in fits))


def test_the_result_says_that_both_start_alike(result):
    start = next(iter(result.tables.values()))
    assert start["mean"][0] == pytest.approx(start["mean"][1], abs=1e-6)
    assert any("both start as the same function" in sentence for sentence in result.findings)


def test_the_fluctuation_is_that_of_the_last_epochs(result):
    curves = list(result.tables.values())[1]
    row = np.flatnonzero(
        (curves["quantity"] == "fluctuation of the validation loss") & (curves["level"] == "CE")
    )
    late = [history["validation_loss"][3:] for history in result.histories["CE"]]
    assert curves["mean"][row] == pytest.approx(curve_noise(late).mean())


def test_findings_hold_no_number_that_is_none(result):
    assert "nan" not in " ".join(result.findings)


def test_more_than_two_classes_are_refused():
    tissue = make_tissue_phantoms(60, image_size=32, random_state=0)
    with pytest.raises(ValueError, match="must hold two classes"):
        loss_study(tissue, verbose=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"losses": "CE"}, "must hold names of"),
        ({"losses": ("BCE", "hinge")}, "must hold names of"),
        ({"parameters": {"loss": "ce"}}, "the levels set it"),
        ({"last": 0.1, "parameters": FEW}, "must leave at least 3 of the 6 epochs"),
    ],
)
def test_what_cannot_be_studied_is_refused(phantoms, arguments, message):
    with pytest.raises(ValueError, match=message):
        loss_study(phantoms, verbose=0, **arguments)
