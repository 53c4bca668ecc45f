"""scikit-learn classifiers for deep learning on biomedical optical images."""

from dlboi._version import __version__
from dlboi.classifiers import (
    ANNClassifier,
    CNNClassifier,
    GAPClassifier,
    PretrainedClassifier,
    PretrainedFeatures,
    load,
)
from dlboi.training import clear_cache, keep_freed_memory

__all__ = [
    "ANNClassifier",
    "CNNClassifier",
    "GAPClassifier",
    "PretrainedClassifier",
    "PretrainedFeatures",
    "__version__",
    "clear_cache",
    "keep_freed_memory",
    "load",
]
