"""Steps of many descents at once, with what each has learnt of the curvature."""

import numpy as np

_MEMORY = 6


class QuasiNewtonSteps:
    """Limited-memory BFGS for many fits, each from an inverse Hessian that is nearly its own.

    Parameters
    ----------
    inverses : ndarray of shape (n_inverses, n_weights, n_weights)
        Inverse Hessians to begin with.
    which : ndarray of int of shape (n_fits,)
        The one of each fit.

    References
    ----------
    .. [1] Nocedal, J., and Wright, S. J. (2006). Numerical Optimization, second edition, algorithm
       7.4. Springer.
    """

    def __init__(self, inverses: np.ndarray, which: np.ndarray):
        self.inverses, self.which = inverses, which
        shape = (_MEMORY, len(which), inverses.shape[1])
        # Newest first; pairs that are not there have the scale 0 and so no effect.
        self._moves, self._changes = np.zeros(shape), np.zeros(shape)
        self._scales = np.zeros(shape[:2])
        self._last = np.full((2, *shape[1:]), np.nan)

    def __call__(self, fits: np.ndarray, weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return steps, to be taken off the weights.

        Parameters
        ----------
        fits : ndarray of int of shape (n_some,)
            Which of the fits.
        weights, gradient : ndarray of shape (n_some, n_weights)
            Where they are, and the gradient there.

        Returns
        -------
        ndarray of shape (n_some, n_weights)
        """
        self._remember(fits, weights, gradient)
        moves, changes = self._moves[:, fits], self._changes[:, fits]
        scales = self._scales[:, fits]
        shares = np.empty_like(scales)
        direction = gradient.copy()
        for number in range(_MEMORY):
            shares[number] = scales[number] * np.sum(moves[number] * direction, axis=1)
            direction -= shares[number][:, None] * changes[number]
        for number, inverse in enumerate(self.inverses):
            same = self.which[fits] == number
            direction[same] = direction[same] @ inverse
        for number in reversed(range(_MEMORY)):
            share = scales[number] * np.sum(changes[number] * direction, axis=1)
            direction += (shares[number] - share)[:, None] * moves[number]
        return direction

    def _remember(self, fits, weights, gradient):
        move, change = weights - self._last[0][fits], gradient - self._last[1][fits]
        self._last[:, fits] = weights, gradient
        curvature = np.sum(move * change, axis=1)
        useful = curvature > 0  # False for the NaN of a first step
        fits = fits[useful]
        for kept, new in (
            (self._moves, move[useful]),
            (self._changes, change[useful]),
            (self._scales, 1 / curvature[useful]),
        ):
            kept[1:, fits] = kept[:-1, fits]
            kept[0, fits] = new
