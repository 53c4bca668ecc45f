"""scikit-learn's own checks, with default parameters; of pretrained networks, with a small one."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import dlboi
from dlboi import (
    ANNClassifier,
    CNNClassifier,
    GAPClassifier,
    PretrainedClassifier,
    PretrainedFeatures,
)

SMALL = {"weights": None, "input_size": 32, "memory": None}
FINE_TUNED = PretrainedClassifier("squeezenet1_1", max_epochs=20, **SMALL)
FROZEN = PretrainedClassifier(
    "squeezenet1_0", freeze_backbone=True, max_epochs=50, lr=2e-3, **SMALL
)
FEATURES = PretrainedFeatures("squeezenet1_1", **SMALL)
ESTIMATORS = [
    ANNClassifier(),
    CNNClassifier(),
    GAPClassifier(),
    FINE_TUNED,
    FROZEN,
    FEATURES,
]


def expected_failures(estimator):
    if estimator is not FINE_TUNED:
        return {}
    reason = "dropout in the middle of SqueezeNet draws anew for an image that is repeated"
    return {"check_sample_weight_equivalence_on_dense_data": reason}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
@pytest.mark.filterwarnings("ignore:.*has a random backbone")
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_the_checks_have_not_vanished(estimator):
    at_least = 40 if estimator is FEATURES else 55
    assert len(list(estimator_checks_generator(estimator))) >= at_least


def test_every_exported_estimator_is_checked():
    exported = {value for value in vars(dlboi).values() if hasattr(value, "get_params")}
    assert exported == {type(estimator) for estimator in ESTIMATORS}
