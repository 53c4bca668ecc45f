"""Thresholds from probabilities that are calibrated on few images."""

import numpy as np

_SLOPE_PENALTY, _OFFSET_PENALTY = 20.0, 1.0  # as of so many images, about
_MAX_STEPS = 60
_TOLERANCE = 1e-7


def calibrated_offsets(logs: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return what to add to log-probabilities so that the most probable class is the largest.

    Probabilities are calibrated by bias-corrected temperature scaling [1]_: log-probabilities are
    multiplied by a slope and an offset of each class is added, which maximise the likelihood. With
    two classes this is Platt's logistic regression on the log odds, and the threshold is where
    both are as probable as each other. The logarithm of the slope and the offsets are drawn towards
    zero, that is to the probabilities as they are, as few images say little of them.

    The threshold with the most correct answers hangs on the few images next to it. This one looks
    at all, so that it varies less with the images on which it is chosen.

    Parameters
    ----------
    logs : ndarray of shape (n_runs, n_images, n_classes)
        Logarithms of probabilities.
    y : ndarray of int of shape (n_images,)
        Classes.
    weights : ndarray of shape (n_runs, n_images)
        What each image counts in each run.

    Returns
    -------
    offsets : ndarray of shape (n_runs, n_classes)

    References
    ----------
    .. [1] Alexandari, A., Kundaje, A., and Shrikumar, A. (2020). Maximum likelihood with
       bias-corrected calibration is hard-to-beat at label shift adaptation. International
       Conference on Machine Learning, 222-232.
    """
    n_runs, _, n_classes = logs.shape
    # The classes come first, for numpy adds up along a short last axis slowly.
    logs = np.moveaxis(logs - logs.mean(axis=2, keepdims=True), 2, 0).copy()
    is_class = (y == np.arange(n_classes)[:, None]).astype(float)[:, None]
    penalty = np.append(_SLOPE_PENALTY, np.full(n_classes, _OFFSET_PENALTY))
    found = np.zeros((n_runs, 1 + n_classes))  # logarithm of the slope, then offsets
    step, loss = np.zeros_like(found), np.full(n_runs, np.inf)
    for _ in range(_MAX_STEPS):
        trial = found - step
        trial_loss, gradient, information = _likelihood(trial, logs, is_class, weights)
        trial_loss += (penalty * trial**2).sum(axis=1) / 2
        gradient += penalty * trial
        information += np.diag(penalty)
        newton = np.linalg.solve(information, gradient[..., None])[..., 0]
        is_better = trial_loss <= loss + 1e-9
        found = np.where(is_better[:, None], trial, found)
        loss = np.where(is_better, trial_loss, loss)
        step = np.where(is_better[:, None], newton, step / 2)
        if np.abs(step).max() < _TOLERANCE:
            break
    return found[:, 1:] / np.exp(found[:, :1])


def _likelihood(parameters, logs, is_class, weights):
    """Negative logarithm of the likelihood, its gradient and Fisher's information, a row a run.

    `logs` has the shape (n_classes, n_runs, n_images), `is_class` (n_classes, 1, n_images).
    """
    scaled = np.exp(parameters[:, :1]) * logs
    logits = scaled + parameters[:, 1:].T[..., None]
    logits -= logits.max(axis=0)
    proba = np.exp(logits)
    total = proba.sum(axis=0)
    proba /= total
    loss = (weights * (np.log(total) - (is_class * logits).sum(axis=0))).sum(axis=1)
    error = weights * (proba - is_class)
    gradient = np.column_stack([np.einsum("crn,crn->r", error, scaled), error.sum(axis=2).T])
    weighted = weights * proba
    deviation = scaled - (proba * scaled).sum(axis=0)
    weighted_deviation = weighted * deviation
    information = np.zeros((*gradient.shape, gradient.shape[1]))
    information[:, 0, 0] = np.einsum("crn,crn->r", weighted_deviation, deviation)
    information[:, 0, 1:] = information[:, 1:, 0] = weighted_deviation.sum(axis=2).T
    information[:, 1:, 1:] = -np.einsum("crn,drn->rcd", weighted, proba)
    classes = np.arange(1, gradient.shape[1])
    information[:, classes, classes] += weighted.sum(axis=2).T
    return loss, gradient, information
