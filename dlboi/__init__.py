"""scikit-learn classifiers for deep learning on biomedical optical images."""

from dlboi._version import __version__
from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier, load
from dlboi.training import keep_freed_memory

__all__ = [
    "ANNClassifier",
    "CNNClassifier",
    "GAPClassifier",
    "__version__",
    "keep_freed_memory",
    "load",
]
