"""How much less the images of few groups say than as many independent ones."""

import numpy as np

# Weight, in groups, of "all images of a group agree" in the design effect: chosen by simulation, so
# that rare errors in few groups are covered and the interval is not wider than it has to be.
_PRIOR_GROUPS = 2


def design_effect(correct, codes):
    """Return the design effect of a proportion, as the Notes of proportion_interval describe it.

    Parameters
    ----------
    correct : ndarray of float of shape (n_samples,)
        1 where the prediction is right and 0 where it is wrong, or the mean of this over runs.

    codes : ndarray of int of shape (n_samples,)
        Groups 0, 1, …, at least two.

    Returns
    -------
    effect : float
        At least 1.
    """
    n, estimate = correct.size, correct.mean()
    sizes = np.bincount(codes)
    right = np.bincount(codes, weights=correct)
    n_groups = sizes.size

    full_agreement = np.sum(sizes**2) / n
    n_telling = min(np.count_nonzero(right > 0), np.count_nonzero(right < sizes))
    if n_telling == 0:
        return full_agreement
    left_out = (right.sum() - right) / (n - sizes)
    variance = (n_groups - 1) / n_groups * np.sum((left_out - estimate) ** 2)
    observed = variance * (n - 1) / (estimate * (1 - estimate))
    weights = (n_telling, _PRIOR_GROUPS)
    return max(1.0, np.average((observed, full_agreement), weights=weights))
