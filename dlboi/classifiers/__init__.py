"""The classifiers: scikit-learn estimators that hold a skorch net."""

from dlboi.classifiers._ann import ANNClassifier
from dlboi.classifiers._cnn import CNNClassifier
from dlboi.classifiers._features import PretrainedFeatures
from dlboi.classifiers._gap import GAPClassifier
from dlboi.classifiers._persistence import load
from dlboi.classifiers._pretrained import PretrainedClassifier

__all__ = [
    "ANNClassifier",
    "CNNClassifier",
    "GAPClassifier",
    "PretrainedClassifier",
    "PretrainedFeatures",
    "load",
]
