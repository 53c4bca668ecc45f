"""How long a fit will take, measured on a few images."""

import time

import numpy as np
from sklearn.base import clone
from sklearn.utils.multiclass import unique_labels


def estimate_seconds(
    estimator, X, y, *, n_validation: int = 0, n_test: int = 0, n_probe: int = 64
) -> float:
    """Estimate the seconds that ``estimator.fit(X, y)`` takes, by fitting a part of it.

    Two short fits on the same few images, one epoch and three, tell what an epoch costs from what
    a fit costs before its first; scoring an image is taken to cost a third of learning from it.

    Parameters
    ----------
    estimator : ImageClassifier
        Not changed: a clone is fitted.
    X, y : array-like
        The training images and their classes.
    n_validation, n_test : int, default=0
        Images that are scored each epoch, and once.
    n_probe : int, default=64
        Images to fit the clones on.

    Returns
    -------
    float
        Seconds. An estimate: the machine may be busier later.
    """
    probe = _some_of_each_class(np.asarray(y), n_probe)
    images, labels = X[probe], np.asarray(y)[probe]
    probing = clone(estimator).set_params(
        validation_fraction=None, early_stopping=False, restore_best=None, verbose=0
    )
    seconds = []
    for n_epochs in (1, 1, 3):
        start = time.perf_counter()
        probing.set_params(max_epochs=n_epochs).fit(images, labels)
        seconds.append(time.perf_counter() - start)
    an_epoch = max(seconds[2] - seconds[1], 0) / 2
    before = max(seconds[1] - an_epoch, 0)
    n_passes = estimator.max_epochs * (len(y) + n_validation / 3) + n_test / 3
    return before + an_epoch * n_passes / len(probe)


def _some_of_each_class(y, n_images):
    n_each = max(n_images // len(unique_labels(y)), 1)
    return np.concatenate([np.flatnonzero(y == label)[:n_each] for label in np.unique(y)])
