"""One run of a study: fit one classifier on one division and measure it."""

import time
from collections.abc import Mapping

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from dlboi.classifiers._base import ImageClassifier
from dlboi.evaluation._study_data import StudyData

#: What a run records besides its place in the study, and NaN where it does not apply.
MEASURES = (
    "n_parameters",
    "n_epochs",
    "best_epoch",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_balanced_accuracy",
    "test_accuracy",
    "test_balanced_accuracy",
    "train_seconds",
    "validation_seconds",
    "predict_seconds",
    "train_ms_per_image",
    "predict_ms_per_image",
)


def run(
    estimator,
    training: StudyData,
    validation: StudyData | None,
    test: StudyData | None,
    *,
    classes: np.ndarray,
    monitored: Mapping[str, StudyData],
) -> tuple[dict, dict]:
    """Fit a classifier and measure it.

    Parameters
    ----------
    estimator : classifier
        Fitted here. One of dlboi's is handed the validation images, and chooses its epoch on them.
    training, validation, test : StudyData or None
        The parts.
    classes : ndarray
        All labels, sorted.
    monitored : mapping of str to StudyData
        Images that a classifier of dlboi records each epoch, by name; they choose nothing.

    Returns
    -------
    measures : dict of float
        One entry for each of `MEASURES`.
    arrays : dict of ndarray
        ``history/<key>`` by epoch, and for each part that is scored ``<part>_predicted``, codes of
        `classes`, and ``<part>_proba``, if the classifier gives probabilities.
    """
    start = time.perf_counter()
    estimator.fit(
        training.images,
        training.target,
        **_fit_parameters(estimator, training, validation, monitored),
    )
    seconds = time.perf_counter() - start
    history = getattr(estimator, "history_", {})
    arrays = {f"history/{name}": np.asarray(values) for name, values in history.items()}
    measures = dict.fromkeys(MEASURES, np.nan) | _of_the_fit(estimator, history, seconds, training)
    for name, part in (("validation", validation), ("test", test)):
        if part is not None:
            start = time.perf_counter()
            predicted, proba = _predict(estimator, part.images, classes)
            seconds = time.perf_counter() - start
            measures |= _scores(name, part, predicted, classes)
            measures["predict_seconds"] = seconds
            measures["predict_ms_per_image"] = 1000 * seconds / len(part)
            arrays[f"{name}_predicted"] = predicted
            if proba is not None:
                arrays[f"{name}_proba"] = proba
    return measures, arrays


def _fit_parameters(estimator, training, validation, monitored):
    """Return what `fit` is handed besides images and classes, if it takes it."""
    parameters = {}
    if validation is not None:
        parameters["validation_data"] = (validation.images, validation.target)
    elif training.groups is not None and isinstance(estimator, ImageClassifier):
        parameters["groups"] = training.groups
    if monitored:
        parameters["monitor"] = {
            name: (part.images, part.target) for name, part in monitored.items()
        }
    return {name: v for name, v in parameters.items() if has_fit_parameter(estimator, name)}


def _of_the_fit(estimator, history, seconds, training):
    """Return what is known of a fit without any more images."""
    measures = {"train_seconds": seconds, "train_ms_per_image": 1000 * seconds / len(training)}
    measures["n_parameters"] = getattr(estimator, "n_parameters_", np.nan)
    if not history:
        return measures
    n_epochs, best = len(history["epoch"]), estimator.best_epoch_ - 1
    scoring = sum(
        float(np.sum(values))
        for name, values in history.items()
        if name.endswith("_seconds") and name != "train_seconds"
    )
    measures |= {
        "n_epochs": n_epochs,
        "best_epoch": estimator.best_epoch_,
        "train_seconds": seconds - scoring,
        "train_ms_per_image": 1000 * (seconds - scoring) / len(training) / n_epochs,
        "validation_seconds": scoring,
    }
    for name in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
        if name in history:
            measures[name] = history[name][best]
    return measures


def _predict(estimator, images, classes):
    proba = None
    if hasattr(estimator, "predict_proba"):
        known = np.searchsorted(classes, estimator.classes_)
        given = estimator.predict_proba(images)
        proba = np.zeros((len(given), len(classes)))
        proba[:, known] = given
    # The most probable class of a network is what it predicts: one pass is enough.
    if isinstance(estimator, ImageClassifier):
        return proba.argmax(axis=1), proba
    return np.searchsorted(classes, estimator.predict(images)), proba


def _scores(name, part, predicted, classes):
    truth = np.searchsorted(classes, part.target)
    return {
        f"{name}_accuracy": float(np.mean(predicted == truth)),
        f"{name}_balanced_accuracy": float(
            np.mean([np.mean(predicted[truth == code] == code) for code in np.unique(truth)])
        ),
    }
