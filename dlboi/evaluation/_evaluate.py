"""Score a fitted classifier on a test set."""

from collections.abc import Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import _num_samples, check_is_fitted

from dlboi._validation import group_codes
from dlboi.classifiers._base import ImageClassifier
from dlboi.evaluation._evaluation import Evaluation
from dlboi.evaluation._patient_means import patient_means
from dlboi.evaluation._predicted_scores import class_scores, one_hot, predicted_scores
from dlboi.evaluation._scored_sets import record_scoring, set_digest
from dlboi.plotting._labels import label_names, labels_of
from dlboi.training._estimator_settings import short_settings


def evaluate(
    estimator,
    X: ArrayLike | Sequence,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    aggregate: str | None = None,
    confidence_level: float = 0.95,
    target_names: Sequence[str] | None = None,
) -> Evaluation:
    """Score a fitted classifier on a test set, with intervals, and count that it was scored.

    Parameters
    ----------
    estimator : classifier
        Fitted, with `classes_` and `predict`, of dlboi or any other of scikit-learn's kind. Without
        `predict_proba`, the scores that need probabilities are NaN.

    X : array-like
        Images or paths of files, as the classifier takes them.

    y : array-like of shape (n_samples,)
        True labels, of those that the classifier was fitted on.

    groups : array-like of shape (n_samples,), default=None
        The patient (or slide) of each image: the intervals are then for new patients. None takes
        the images to be independent.

    aggregate : {"mean"}, default=None
        ``"mean"`` averages the probabilities of the images of each patient, or the predictions if
        there are none, and scores patients. None scores images.

    confidence_level : float, default=0.95
        Probability, between 0 and 1, with which each interval is to hold the true score.

    target_names : sequence of str of length n_classes, default=None
        Names to show for the sorted labels of the classifier, such as ``target_names`` of a Bunch.

    Returns
    -------
    evaluation : Evaluation
        Prints its accuracy; writes tables, a figure and a page.

    Raises
    ------
    ValueError
        The classifier does not know a label of `y`, the arguments differ in length, probabilities
        are not finite, or a patient whose images are to be averaged has images of several classes.

    sklearn.exceptions.NotFittedError
        The classifier is not fitted.

    See Also
    --------
    compare : Several classifiers on the same divisions.
    times_scored : How often a test set was scored.
    dlboi.metrics.score_intervals : The intervals.

    Notes
    -----
    With two classes the second, ``classes[1]``, is the positive one. Scores of labels (accuracy,
    balanced accuracy, sensitivity, specificity, and those of each class) are of what the classifier
    predicts, also where it has a threshold of its own; with ``aggregate="mean"``, of the class with
    the largest mean probability, the first of equals.

    Each call counts as a scoring of the set (:func:`times_scored`), and every report of the result
    says how many there have been.

    Examples
    --------
    >>> from dlboi import GAPClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.evaluation import evaluate
    >>> train = make_chest_phantoms(120, image_size=32, random_state=0)
    >>> test = make_chest_phantoms(80, image_size=32, random_state=1)
    >>> clf = GAPClassifier(max_epochs=2, random_state=0).fit(train.data, train.target)
    >>> result = evaluate(
    ...     clf, test.data, test.target, groups=test.groups, target_names=test.target_names
    ... )
    >>> list(result.scores)[:4]
    ['accuracy', 'balanced_accuracy', 'sensitivity', 'specificity']
    >>> low, high = result.scores["accuracy"][1:]
    >>> 0 < low < high < 1
    True
    """
    classes, order = _sorted_classes(estimator)
    y_true = labels_of(range(_num_samples(X)), y, "y", "evaluate")
    _refuse_unknown(y_true, classes)
    names = list(label_names(y_true, classes, target_names, "evaluate").values())
    _check_choices(aggregate, groups, confidence_level, names)
    group_codes(groups, len(y_true), caller="evaluate")
    groups = None if groups is None else np.asarray(groups)
    n_images, digest = len(y_true), set_digest(X, y_true)
    y_pred, y_proba = _predict(estimator, X, classes, order, n_images)
    if aggregate is not None:
        votes = one_hot(y_pred, classes) if y_proba is None else y_proba
        y_true, votes, groups = patient_means(y_true, votes, groups)
        y_pred, y_proba = classes[votes.argmax(axis=1)], None if y_proba is None else votes
    options = {"groups": groups, "confidence_level": confidence_level}
    return Evaluation(
        scores=predicted_scores(y_true, y_pred, y_proba, classes, **options),
        per_class=class_scores(y_true, y_pred, classes, **options),
        y_true=y_true,
        y_pred=y_pred,
        y_proba=y_proba,
        classes=classes,
        target_names=names,
        groups=groups,
        n_images=n_images,
        aggregate=aggregate,
        confidence_level=confidence_level,
        scorings=record_scoring(digest),
        settings={"classifier": short_settings(estimator), "test set (hash)": digest},
    )


def _sorted_classes(estimator):
    """Return the classes of a classifier, sorted, and the order of its columns that sorts them."""
    if not hasattr(estimator, "classes_"):
        check_is_fitted(estimator)
    classes = np.asarray(getattr(estimator, "classes_", []))
    if classes.ndim != 1 or len(classes) < 2 or not hasattr(estimator, "predict"):
        raise ValueError(
            "The 'estimator' parameter of evaluate must be a fitted classifier of two classes or "
            f"more. Got {type(estimator).__name__} with the classes {classes.tolist()} instead."
        )
    order = np.argsort(classes)
    return classes[order], order


def _refuse_unknown(y_true, classes):
    known = classes.tolist()
    unknown = [label for label in y_true.tolist() if label not in known]
    if unknown:
        raise ValueError(
            f"The 'y' parameter of evaluate must hold labels that the classifier knows, {known}. "
            f"Got {len(unknown)} others of {len(y_true)}, {list(dict.fromkeys(unknown))[:5]}, "
            "instead: leave these images out, or load the set with like=training_set to have the "
            "same coding."
        )


def _check_choices(aggregate, groups, confidence_level, names):
    if aggregate not in (None, "mean"):
        raise ValueError(
            "The 'aggregate' parameter of evaluate must be 'mean' or None. Got "
            f"{aggregate!r} instead."
        )
    if aggregate is not None and groups is None:
        raise ValueError(
            "The 'groups' parameter of evaluate must name the patient of each image if their "
            "probabilities are to be averaged. Got None instead."
        )
    if not isinstance(confidence_level, Real) or not 0 < confidence_level < 1:
        raise ValueError(
            "The 'confidence_level' parameter of evaluate must be between 0 and 1, such as 0.95. "
            f"Got {confidence_level!r} instead."
        )
    if len(set(names)) < len(names):
        raise ValueError(
            "The 'target_names' parameter of evaluate must hold a name of its own for each class. "
            f"Got {names} instead."
        )


def _predict(estimator, X, classes, order, n_images):
    """Return predicted labels, and probabilities or None; for a network from one pass."""
    y_proba = None
    if hasattr(estimator, "predict_proba"):
        y_proba = np.asarray(estimator.predict_proba(X), dtype=float)
        if y_proba.shape != (n_images, len(classes)) or not np.isfinite(y_proba).all():
            bad = "finite numbers" if np.isfinite(y_proba).all() else "NaN or infinity in it"
            raise ValueError(
                f"predict_proba of {type(estimator).__name__} must give {len(classes)} finite "
                f"probabilities for each of the {n_images} images. Got an array of shape "
                f"{y_proba.shape} with {bad} instead."
            )
        y_proba = y_proba[:, order]
    if isinstance(estimator, ImageClassifier):
        return classes[y_proba.argmax(axis=1)], y_proba
    return np.asarray(estimator.predict(X)), y_proba
