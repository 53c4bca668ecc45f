"""bfloat16, and the numbers of parameters of fitted networks."""

import numpy as np
import pytest
import torch

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier

PRECISIONS = {"float32", "bfloat16"}


@pytest.mark.parametrize("precision", ["bfloat16", "auto"])
def test_bfloat16_learns_nearly_the_same(classifier, precision, chest, small, digest):
    exact = small(classifier).fit(chest.data, chest.target)
    clf = small(classifier, precision=precision).fit(chest.data, chest.target)
    np.testing.assert_allclose(clf.history_["train_loss"], exact.history_["train_loss"], rtol=0.02)
    assert {p.dtype for p in clf.net_.module_.parameters()} == {torch.float32}
    assert clf.predict_proba(chest.data).dtype == np.float64
    assert clf.precision_ in ({"bfloat16"} if precision == "bfloat16" else PRECISIONS)
    again = small(classifier, precision=precision, n_threads=2).fit(chest.data, chest.target)
    assert digest(again) == digest(clf)


def test_bfloat16_is_another_computation(classifier, chest, small, digest):
    exact, rounded = (
        small(classifier, precision=precision).fit(chest.data, chest.target)
        for precision in ("float32", "bfloat16")
    )
    assert digest(exact) != digest(rounded)


@pytest.mark.parametrize(
    ("estimator", "n_parameters"),
    [
        (ANNClassifier(), 2_099_329),
        (CNNClassifier(), 1_067_457),
        (GAPClassifier(), 18_849),
        (GAPClassifier(pool_size=4), 18_849),
        (GAPClassifier(output_size=16), 27_009),
    ],
    ids=str,
)
def test_the_networks_of_the_reports(estimator, n_parameters):
    X = np.zeros((4, 256, 256), dtype=np.uint8)
    clf = estimator.set_params(max_epochs=1, random_state=0).fit(X, [0, 1, 0, 1])
    assert clf.n_parameters_ == clf.n_trainable_parameters_ == n_parameters
    assert f"{n_parameters:,} parameters" in str(clf.summary())
    assert clf.summary().input_shape == (1, 256, 256)
