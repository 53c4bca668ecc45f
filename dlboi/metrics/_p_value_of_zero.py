"""The p-value that belongs to an interval without a formula for it."""

import numpy as np
from scipy import optimize

# Below it, squares of t quantiles with one degree of freedom would not fit into a float.
_SMALLEST = 1e-60


def p_value_of_zero(half_width, distance):
    """Return the p at which the interval of the level 1 - p ends at 0.

    Parameters
    ----------
    half_width : callable
        Takes p, returns the half width, towards 0, of the interval with the level 1 - p.

    distance : float
        Distance of the estimate from 0, at least 0.

    Returns
    -------
    p : float
        From 0 to 1; 0 where it is below 1e-60.
    """

    def excess(log_p):
        return half_width(np.exp(log_p)) - distance

    if distance == 0 or excess(0.0) >= 0:
        return 1.0
    smallest = np.log(_SMALLEST)
    if excess(smallest) <= 0:
        return 0.0
    return float(np.exp(optimize.brentq(excess, smallest, 0.0)))
