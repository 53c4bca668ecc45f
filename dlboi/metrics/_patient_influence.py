"""How much a statistic varies with the patients of one image set."""

import numpy as np

# More patients than these are left out in blocks, which bounds the time and the memory.
_N_BLOCKS = 400


def left_out_weights(codes):
    """Return the weights of the images with each patient, or block of patients, left out.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Patients 0, 1, ….

    Returns
    -------
    weights : ndarray of float of shape (n_blocks, n_samples)
        0 for the images that are left out, 1 for the others.
    """
    # Blocks at random: every 400th patient of a sorted list may be of a class of its own.
    blocks = np.random.default_rng(0).permutation(codes.max() + 1)[codes] % _N_BLOCKS
    return (blocks != np.arange(blocks.max() + 1)[:, None]).astype(float)


def variance_and_df(left_out, estimate, codes):
    """Return the variance of a statistic over patients, and its degrees of freedom.

    Parameters
    ----------
    left_out : ndarray of float of shape (n_blocks,)
        The statistic with each patient, or block of patients, of the set left out.

    estimate : float
        The statistic, a difference of scores between 0 and 1.

    codes : ndarray of int of shape (n_samples,)
        Patients 0, 1, …, at least two.

    Returns
    -------
    variance : float
        Larger than 0, as the Notes of patient_jackknife_interval describe it.

    df : float
        At least 1.
    """
    n_blocks = left_out.size
    squares = (n_blocks - 1) / n_blocks * (left_out - estimate) ** 2
    shares = np.bincount(codes) / codes.size
    unseen = np.mean(shares**2) / (2 + _number_that_matter(squares))
    squares = np.append(squares, unseen)
    return squares.sum(), min(n_blocks - 1, 2 * _number_that_matter(squares))


def _number_that_matter(squares):
    """Return k where k of the patients have the same influence and the others none."""
    largest = squares.max()
    if largest == 0:
        return 0.0
    relative = squares / largest  # as fourth powers of small numbers are 0
    return relative.sum() ** 2 / np.sum(relative**2)
