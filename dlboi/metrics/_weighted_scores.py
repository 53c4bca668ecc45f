"""Scores of a classifier for many weightings of the images at once."""

import numpy as np


def weighted_scores(codes, y_proba, weights):
    """Return all scores for each weighting; NaN where a class has no weight.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Column of `y_proba` of the true class.

    y_proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    weights : ndarray of shape (n_weightings, n_samples)
        Weights of the images, 0 for those that are left out.

    Returns
    -------
    scores : dict of str to ndarray of shape (n_weightings,)
    """
    n_classes = y_proba.shape[1]
    is_class = codes == np.arange(n_classes)[:, None]
    correct = y_proba.argmax(axis=1) == codes
    errors = np.sum((y_proba - is_class.T) ** 2, axis=1) / (2 if n_classes == 2 else 1)
    # A class without weight gives 0/0, which is to be NaN without a warning.
    with np.errstate(invalid="ignore", divide="ignore"):
        support = weights @ is_class.T
        recalls = (weights @ (is_class & correct).T) / support
        scores = {
            "accuracy": weights @ correct / weights.sum(axis=1),
            "balanced_accuracy": recalls.mean(axis=1),
        }
        if n_classes == 2:
            scores |= {"sensitivity": recalls[:, 1], "specificity": recalls[:, 0]}
        ranked = range(1, 2) if n_classes == 2 else range(n_classes)
        areas = [_areas(is_class[column], y_proba[:, column], weights) for column in ranked]
        roc, precision_recall = np.mean(areas, axis=0)
        brier = weights @ errors / weights.sum(axis=1)
    return scores | {"roc_auc": roc, "average_precision": precision_recall, "brier_score": brier}


def _areas(positive, score, weights):
    """Areas under the ROC curve and average precisions, of shape (2, n_weightings)."""
    order = np.argsort(-score, kind="stable")
    score, positive, weights = score[order], positive[order], weights[:, order]
    starts = np.flatnonzero(np.r_[True, np.diff(score) != 0])  # images of one score rank together
    hits = np.add.reduceat(weights * positive, starts, axis=1)
    misses = np.add.reduceat(weights * ~positive, starts, axis=1)
    all_hits, all_misses = np.cumsum(hits, axis=1), np.cumsum(misses, axis=1)
    n_hits, n_misses = all_hits[:, -1], all_misses[:, -1]
    roc = np.sum(misses * (all_hits - hits / 2), axis=1) / (n_hits * n_misses)
    # Leading images without weight give 0/0, but add nothing.
    precision = all_hits / np.where(all_hits + all_misses > 0, all_hits + all_misses, 1)
    return roc, np.where(n_misses > 0, np.sum(hits * precision, axis=1) / n_hits, np.nan)
