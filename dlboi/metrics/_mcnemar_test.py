"""McNemar's exact test."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.utils._param_validation import validate_params


@validate_params(
    {"correct_a": ["array-like"], "correct_b": ["array-like"]},
    prefer_skip_nested_validation=True,
)
def mcnemar_test(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """McNemar's exact test of two classifiers on the same images.

    Parameters
    ----------
    correct_a : array-like of shape (n_samples,)
        One entry an image: 1 or True where the first classifier is right, else 0 or False.

    correct_b : array-like of shape (n_samples,)
        The same of the second classifier.

    Returns
    -------
    p_value : float
        Two-sided p-value of the hypothesis that both are right equally often; 1 where they are
        right and wrong on the same images.

    Raises
    ------
    ValueError
        Where the two are not 1-D, not of the same length, empty, or hold anything but 0 and 1.

    See Also
    --------
    crossed_interval : For several images of a patient, or several runs of each classifier.

    Notes
    -----
    Only the images on which one is right and the other wrong count. Under the hypothesis each of
    them is equally likely to favour either, a binomial distribution [1]_. The images are taken to
    be independent, and the classifiers to be these two fits: another seed may give another answer.

    References
    ----------
    .. [1] McNemar, Q. (1947). Note on the sampling error of the difference between correlated
       proportions or percentages. Psychometrika 12, 153-157.

    Examples
    --------
    >>> from dlboi.metrics import mcnemar_test
    >>> mcnemar_test([1, 1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 1])
    0.21875
    """
    correct_a, correct_b = np.asarray(correct_a), np.asarray(correct_b)
    if correct_a.ndim != 1 or correct_a.size == 0 or correct_a.shape != correct_b.shape:
        raise ValueError(
            "The 'correct_a' and 'correct_b' parameters of mcnemar_test must be 1-D arrays of the"
            f" same length, at least 1. Got shapes {correct_a.shape} and {correct_b.shape} instead."
        )
    for name, correct in (("correct_a", correct_a), ("correct_b", correct_b)):
        odd = correct[~np.isin(correct, (0, 1))]
        if odd.size:
            raise ValueError(
                f"The {name!r} parameter of mcnemar_test must hold 0 and 1 only. Got"
                f" {odd[0]!r} in it instead."
            )
    n_a = np.count_nonzero(correct_a > correct_b)
    n_b = np.count_nonzero(correct_b > correct_a)
    return float(stats.binomtest(n_a, n_a + n_b).pvalue) if n_a + n_b else 1.0
