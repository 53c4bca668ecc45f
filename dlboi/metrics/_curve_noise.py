"""Fluctuation of loss curves from epoch to epoch."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import validate_params


@validate_params({"losses": ["array-like"]}, prefer_skip_nested_validation=True)
def curve_noise(losses: ArrayLike) -> np.ndarray:
    """Fluctuation of loss curves from epoch to epoch, with the trend taken out.

    Parameters
    ----------
    losses : array-like of shape (n_seeds, n_epochs)
        One curve a seed, of at least three epochs.

    Returns
    -------
    noise : ndarray of shape (n_seeds,)
        Standard deviation of the fluctuation of each curve, in the unit of the losses.

    Raises
    ------
    ValueError
        Where `losses` is not 2-D, has fewer than three epochs or holds NaN or infinity.

    See Also
    --------
    loss_slope : Mean slope of loss curves.

    Notes
    -----
    An epoch is compared with the mean of its two neighbours, so that a straight trend gives 0 and a
    smooth one nearly 0. For independent fluctuations with standard deviation s the variance of
    this difference is 1.5 s²; noise is √(mean of the squared differences / 1.5) [1]_. Fluctuations
    that last over several epochs count less.

    References
    ----------
    .. [1] Gasser, T., Sroka, L., and Jennen-Steinmetz, C. (1986). Residual variance and residual
       pattern in nonlinear regression. Biometrika 73, 625-633.

    Examples
    --------
    >>> from dlboi.metrics import curve_noise
    >>> curve_noise([[0.5, 0.4, 0.3, 0.2], [0.5, 0.3, 0.4, 0.2]]).round(3).tolist()
    [0.0, 0.122]
    """
    losses = check_curves(losses, n_epochs=3, caller="curve_noise")
    bends = losses[:, 1:-1] - (losses[:, :-2] + losses[:, 2:]) / 2
    return np.sqrt(np.mean(bends**2, axis=1) / 1.5)


def check_curves(losses, *, n_epochs, caller):
    """Return loss curves as floats of shape (n_seeds, n_epochs), or say what is wrong with them.

    Parameters
    ----------
    losses : array-like of shape (n_seeds, n_epochs)
        The curves.

    n_epochs : int
        Least number of epochs.

    caller : str
        Name of the public function, for the messages.

    Returns
    -------
    losses : ndarray of shape (n_seeds, n_epochs)
    """
    wanted = f"The 'losses' parameter of {caller} must"
    losses = np.asarray(losses, dtype=float)
    if losses.ndim != 2 or losses.shape[0] < 1 or losses.shape[1] < n_epochs:
        raise ValueError(
            f"{wanted} have shape (n_seeds, n_epochs), with at least {n_epochs} epochs. Got shape"
            f" {losses.shape} instead."
        )
    if not np.isfinite(losses).all():
        raise ValueError(
            f"{wanted} hold finite numbers. Got {losses[~np.isfinite(losses)][0]} in it instead:"
            " leave out the runs or epochs that have none."
        )
    return losses
