"""Slope of loss curves over the epochs."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.metrics._curve_noise import check_curves
from dlboi.metrics._mean_interval import MeanInterval
from dlboi.metrics._t_interval import t_interval


@validate_params(
    {
        "losses": ["array-like"],
        "epochs": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def loss_slope(
    losses: ArrayLike, *, epochs: ArrayLike | None = None, confidence_level: float = 0.95
) -> MeanInterval:
    """Mean slope of loss curves, with its confidence interval over the seeds.

    A validation loss that rises while the training loss falls is overfitting: the slope says by how
    much the loss changes an epoch.

    Parameters
    ----------
    losses : array-like of shape (n_seeds, n_epochs)
        One curve a seed, over the epochs that the slope is asked for.

    epochs : array-like of shape (n_epochs,), default=None
        The epoch of each column. None takes 1, 2, ….

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which the interval is to hold the mean slope of the
        curves of all seeds.

    Returns
    -------
    slope : MeanInterval
        Named tuple of the floats `estimate` (change of the loss an epoch), `low`, `high` and
        `p_value`, that of a slope of zero. All but the estimate are NaN with one seed, and where
        the slopes of all seeds are equal but for rounding.

    Raises
    ------
    ValueError
        Where `losses` is not 2-D, has fewer than two epochs or holds NaN or infinity, or `epochs`
        does not name the epoch of each column or names only one.

    See Also
    --------
    curve_noise : Fluctuation of loss curves from epoch to epoch.

    Notes
    -----
    A line is fitted to each curve by least squares, and Student's t interval is that of the slopes.
    The losses of one run are autocorrelated, so that the standard error of one regression over the
    epochs would be far too small; seeds are independent of each other. The interval is for new
    seeds, with these images.

    Examples
    --------
    >>> from dlboi.metrics import loss_slope
    >>> losses = [[0.50, 0.52, 0.55, 0.56], [0.48, 0.49, 0.53, 0.54], [0.51, 0.52, 0.52, 0.55]]
    >>> [round(value, 3) for value in loss_slope(losses)]
    [0.018, 0.005, 0.032, 0.029]
    """
    losses = check_curves(losses, n_epochs=2, caller="loss_slope")
    n_seeds, n_epochs = losses.shape
    epochs = np.arange(1.0, n_epochs + 1) if epochs is None else np.asarray(epochs, dtype=float)
    if epochs.shape != (n_epochs,) or not np.isfinite(epochs).all() or np.ptp(epochs) == 0:
        raise ValueError(
            f"The 'epochs' parameter of loss_slope must name the epoch of each of the {n_epochs}"
            f" columns of 'losses', at least two different ones. Got {epochs.tolist()} instead."
        )
    centred = epochs - epochs.mean()
    weights = centred / np.sum(centred**2)
    slopes = (losses - losses[:, :1]) @ weights
    rounding = 4 * np.finfo(float).eps * np.abs(losses).max() * np.abs(weights).sum()
    if np.ptp(slopes) <= rounding:  # one seed, or curves that differ by a constant
        return t_interval(slopes.mean(), np.nan, 0, confidence_level)
    standard_error = slopes.std(ddof=1) / np.sqrt(n_seeds)
    return t_interval(slopes.mean(), standard_error, n_seeds - 1, confidence_level)
