"""scikit-learn classifiers for deep learning on biomedical optical images."""

from dlboi._version import __version__

__all__ = ["__version__"]
