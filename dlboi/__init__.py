"""scikit-learn classifiers for deep learning on biomedical optical images."""

from dlboi._version import __version__
from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier, load

__all__ = ["ANNClassifier", "CNNClassifier", "GAPClassifier", "__version__", "load"]
