"""The result of the functions that estimate a mean."""

from typing import NamedTuple


class MeanInterval(NamedTuple):
    """A mean, its confidence interval and the p-value of a mean of zero.

    Parameters
    ----------
    estimate : float
        Observed mean.

    low : float
        Lower bound; NaN where the values do not tell how sure the mean is.

    high : float
        Upper bound; NaN where `low` is.

    p_value : float
        Two-sided p-value of the hypothesis that the mean is zero; NaN where `low` is.

    See Also
    --------
    corrected_resampled_interval : Mean over splits of the same images.
    crossed_interval : Mean over the images of one test set and the runs of a fit.
    loss_slope : Mean slope of loss curves.

    Examples
    --------
    >>> from dlboi.metrics import corrected_resampled_interval
    >>> corrected_resampled_interval([0.02, 0.03, 0.01], n_train=80, n_test=20).estimate
    0.02
    """

    estimate: float
    low: float
    high: float
    p_value: float
