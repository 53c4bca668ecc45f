"""How many test images are of patients who are also in training."""

import numpy as np


def expected_share(units: np.ndarray, n_test: int) -> float:
    """Return the share of test images with a training image of the same patient, by shuffling.

    Parameters
    ----------
    units : ndarray of int of shape (n_images,)
        Patient of each image of the pool.
    n_test : int
        Images that are drawn for the test part, at random.

    Returns
    -------
    share : float
        Its expectation. A test image is alone where all other images of its patient are drawn for
        the test part, too, which has a hypergeometric probability.
    """
    sizes = np.bincount(units)
    others = np.arange(sizes.max())  # other images of a patient
    n_pool = len(units)
    chances = np.maximum(0, n_test - others) / np.maximum(1, n_pool - others)
    alone = np.cumprod(np.append(1.0, chances[1:]))
    return float(np.average(1 - alone[np.maximum(sizes, 1) - 1], weights=sizes))
