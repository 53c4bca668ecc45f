"""Many logistic regressions on parts of the same rows, all at once."""

import numpy as np

from dlboi.bias._quasi_newton import QuasiNewtonSteps

_MAX_STEPS = 50
_MAX_CHEAP_STEPS = 60
# Nats that the loss of all rows together may be above its least. The size of a step would not do:
# the intercept of a class without a training row falls for ever, and changes nothing.
_TOLERANCE = 1e-8
# Numbers that one block of fits may hold for each of its arrays: stays near the cache.
_BLOCK = 200_000
# Logit of what has no doubt.
_CERTAIN = 25.0
# Keeps the Hessian regular where nothing else does: intercepts can all rise together.
_INTERCEPT_PENALTY = 1e-8


def logistic_fits(
    rows: np.ndarray, codes: np.ndarray, n_classes: int, training: np.ndarray
) -> np.ndarray:
    """Fit an L2-penalised logistic regression (C = 1) on each of several parts of the rows.

    The optimum is that of scikit-learn's LogisticRegression. Parts of the same rows have similar
    optima and similar Hessians, so that all start at the optimum of all rows and take quasi-Newton
    steps from the Hessian of all rows, which cost two small matrix products for all parts at once.
    The few that do not get there take steps with a Hessian of their own, Newton's method.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        Standardised features.
    codes : ndarray of int of shape (n_rows,)
        Classes.
    n_classes : int
        Number of classes.
    training : ndarray of bool of shape (n_fits, n_rows)
        Which rows each fit learns from.

    Returns
    -------
    coefficients : ndarray of shape (n_fits, n_classes, n_features + 1)
        One row a class, the intercept last; classes sum to zero but for the intercepts' shift.

    Notes
    -----
    With two classes a single logit is fitted and penalised, as in scikit-learn; each class is given
    half of it.
    """
    design = np.column_stack([rows, np.ones(len(rows))])
    n_free = 1 if n_classes == 2 else n_classes
    is_class = (codes == np.arange(n_classes)[:, None]).astype(float)[-n_free:]
    problem = _Problem(design, is_class)
    whole = np.zeros((1, n_free, design.shape[1]))
    all_rows = np.ones((1, len(rows)))
    whole, _ = problem.descend(whole, all_rows, problem.newton_steps(all_rows), _MAX_STEPS)
    inverses, which = problem.inverse_hessians(whole, training.sum(axis=1))
    size = max(1, _BLOCK // (len(rows) * n_free))
    fits = []
    for start in range(0, len(training), size):
        part = slice(start, start + size)
        used = training[part].astype(float)
        weights = problem.without_absent_classes(np.repeat(whole, len(used), axis=0), used)
        cheap = QuasiNewtonSteps(inverses, which[part])
        weights, left = problem.descend(weights, used, cheap, _MAX_CHEAP_STEPS)
        if len(left):
            steps = problem.newton_steps(used[left])
            weights[left], _ = problem.descend(weights[left], used[left], steps, _MAX_STEPS)
        fits.append(weights)
    free = np.concatenate(fits) if fits else np.empty((0, n_free, design.shape[1]))
    return np.concatenate([-free / 2, free / 2], axis=1) if n_classes == 2 else free


class _Problem:
    """Losses, gradients and Hessians of many fits on the same rows."""

    def __init__(self, design, is_class):
        self.design, self.is_class = design, is_class
        self.n_free, self.n_columns = len(is_class), design.shape[1]
        self.penalty = np.r_[np.ones(self.n_columns - 1), _INTERCEPT_PENALTY]
        self.flat_penalty = np.tile(self.penalty, self.n_free)

    def without_absent_classes(self, weights, used):
        """Start where classes of which a fit knows no row have no probability to lose."""
        n_rows = used @ self.is_class.T
        weights[..., -1][n_rows == 0] = -_CERTAIN
        if self.n_free == 1:
            weights[..., -1][n_rows == used.sum(axis=1, keepdims=True)] = _CERTAIN
        return weights

    def descend(self, weights, used, steps_of, max_steps):
        """Take steps until they gain little; one that raises the loss is halved.

        `steps_of` takes the indices of the fits, their weights and gradients, a row a fit.
        Returns the weights and the indices of the fits that did not converge.
        """
        losses = np.full(len(weights), np.inf)
        steps = np.zeros_like(weights)
        gains = np.full(len(weights), np.inf)  # what a step takes off the loss, about
        left = np.arange(len(weights))
        for _ in range(max_steps):
            trial = weights[left] - steps[left]
            probability, loss = self._loss(trial, used[left])
            worse = loss > losses[left] + 1e-9 * np.abs(losses[left])
            steps[left[worse]] /= 2
            kept, probability = left[~worse], probability[~worse]
            weights[kept], losses[kept] = trial[~worse], loss[~worse]
            error = (probability - self.is_class) * used[kept][:, None]
            gradient = error @ self.design + self.penalty * weights[kept]
            shape = (len(kept), self.flat_penalty.size)
            flat = weights[kept].reshape(shape), gradient.reshape(shape)
            steps[kept] = steps_of(kept, *flat).reshape(gradient.shape)
            gains[kept] = (gradient * steps[kept]).sum(axis=(1, 2)) / 2
            left = left[gains[left] > _TOLERANCE]
            if not len(left):
                break
        return weights, left

    def newton_steps(self, used):
        """Return what gives steps with the Hessian of each fit."""

        def steps(fits, weights, gradient):
            weights = weights.reshape(len(fits), self.n_free, self.n_columns)
            hessian = self._curvature(self._loss(weights, used[fits])[0], used[fits])
            diagonal = np.arange(hessian.shape[1])
            hessian[:, diagonal, diagonal] += self.flat_penalty
            return np.linalg.solve(hessian, gradient[..., None])[..., 0]

        return steps

    def inverse_hessians(self, weights, n_used):
        """Return inverse Hessians at `weights`, and which is for a fit on so many of the rows."""
        used = np.ones((1, len(self.design)))
        curvature = self._curvature(self._loss(weights, used)[0], used)[0]
        # Two digits of the share are enough for a direction, and few are different.
        shares = np.maximum(np.round(n_used / len(self.design), 2), 0.01)
        shares, which = np.unique(shares, return_inverse=True)
        penalty = np.diag(self.flat_penalty)
        return np.linalg.inv(shares[:, None, None] * curvature + penalty), which

    def _loss(self, weights, used):
        """Return probabilities of the free classes, a row a fit and class, and losses."""
        logits = weights @ self.design.T
        if self.n_free == 1:
            decay = np.exp(-np.abs(logits))
            probability = np.where(logits > 0, 1.0, decay) / (1 + decay)
            loss = (np.log1p(decay) + np.maximum(logits, 0) - self.is_class * logits)[:, 0]
        else:
            logits -= logits.max(axis=1, keepdims=True)
            probability = np.exp(logits)
            total = probability.sum(axis=1, keepdims=True)
            probability /= total
            loss = np.log(total[:, 0]) - (self.is_class * logits).sum(axis=1)
        penalty = (self.penalty * weights**2).sum(axis=(1, 2)) / 2
        return probability, (loss * used).sum(axis=1) + penalty

    def _curvature(self, probability, used):
        n_fits = len(probability)
        shape = (n_fits, self.n_free, self.n_columns, self.n_free, self.n_columns)
        hessian = np.empty(shape)
        for fit in range(n_fits):
            for a in range(self.n_free):
                for b in range(a, self.n_free):
                    curvature = probability[fit, a] * ((a == b) - probability[fit, b]) * used[fit]
                    block = (self.design.T * curvature) @ self.design
                    hessian[fit, a, :, b] = hessian[fit, b, :, a] = block
        return hessian.reshape(n_fits, self.flat_penalty.size, self.flat_penalty.size)
