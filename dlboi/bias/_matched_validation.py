"""Shuffled validation against validation by patient, with folds that are alike otherwise."""

import numpy as np

from dlboi.bias._materials import Materials
from dlboi.bias._patient_folds import class_strata, patient_folds
from dlboi.bias._pool import best_in_pool


def shuffling_gains(materials: Materials) -> np.ndarray:
    """Return how much more often shuffled validation is right, for each repeat and image.

    Folds by patient are less even than folds by image: in their numbers of images and in the
    shares of the classes, which costs accuracy where patients are few and has nothing to do with
    leakage. So the shuffled folds are those by patient, permuted among the images of each class:
    they have the same numbers of images of each class, and are by patient no more.

    Parameters
    ----------
    materials : Materials
        What is studied; patients are known.

    Returns
    -------
    gains : ndarray of shape (n_repeats, n_train)
        -1, 0 or 1.
    """
    cohort, settings = materials.cohort, materials.settings
    learner = best_in_pool(materials)
    n_repeats = materials.budget.allow(
        "repeats of the validation, by patient and shuffled",
        settings.n_resamples,
        2 * settings.n_folds,
        learner,
        share=0.2,
    )
    rng = np.random.default_rng(materials.seed_of("matched validation"))
    y = cohort.y[cohort.train]
    units = np.unique(cohort.units[cohort.train], return_inverse=True)[1]
    strata, sizes = class_strata(y, units), np.bincount(units)
    folds = []
    for _ in range(max(1, n_repeats)):
        by_patient = patient_folds(strata, sizes, settings.n_folds, rng)[units]
        folds += [by_patient, _permute_within_classes(by_patient, y, rng)]
    correct = _correct(learner, cohort.train, cohort.y, folds, settings.n_folds)
    return correct[1::2].astype(float) - correct[::2]


def _permute_within_classes(folds, y, rng):
    permuted = folds.copy()
    for code in np.unique(y):
        permuted[y == code] = rng.permutation(folds[y == code])
    return permuted


def _correct(learner, images, y, folds, n_folds):
    """Return whether each image is classified correctly out of fold, (n_divisions, n_images)."""
    masks = [division == k for division in folds for k in range(n_folds)]
    predicted = learner.predict([images[~mask] for mask in masks], [images[mask] for mask in masks])
    correct = np.zeros((len(folds), len(images)), dtype=bool)
    for number, (mask, proba) in enumerate(zip(masks, predicted, strict=True)):
        correct[number // n_folds, mask] = proba.argmax(axis=1) == y[images[mask]]
    return correct
