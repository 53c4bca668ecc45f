"""scikit-learn's own checks, with default parameters."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import dlboi
from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier

CLASSIFIERS = [ANNClassifier, CNNClassifier, GAPClassifier]


@parametrize_with_checks([classifier() for classifier in CLASSIFIERS])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_the_checks_have_not_vanished(classifier):
    assert len(list(estimator_checks_generator(classifier()))) >= 55


def test_every_exported_classifier_is_checked():
    exported = {getattr(dlboi, name) for name in dlboi.__all__ if name.endswith("Classifier")}
    assert exported == set(CLASSIFIERS)
