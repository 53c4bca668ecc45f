"""The study of dataset bias, step by step."""

import numpy as np

from dlboi.bias._budget import Budget
from dlboi.bias._cohort import Cohort
from dlboi.bias._inventory import inventory_of
from dlboi.bias._learner import EstimatorLearner
from dlboi.bias._materials import Materials, materials_of
from dlboi.evaluation._image_digest import image_digest
from dlboi.studies._bias._bias_report import BiasReport
from dlboi.studies._bias._bias_settings import bias_settings
from dlboi.studies._bias._fit_count import announce_fits
from dlboi.studies._bias._joined_patients import joined_patients
from dlboi.studies._bias._mean_images import mean_images
from dlboi.studies._bias._pair_images import pair_images
from dlboi.studies._bias._search_duplicates import search_duplicates
from dlboi.studies._bias._steps import Steps
from dlboi.studies._bias._verdicts import verdicts_of
from dlboi.studies._bias._whose import whose_verdicts


def run_bias(
    train, test, *, estimator, candidates, reported, random_state, verbose, **options
) -> BiasReport:
    """Do what :func:`dlboi.studies.dataset_bias_study` describes.

    Parameters
    ----------
    train, test, estimator, candidates, reported, random_state, verbose
        As there.
    **options
        The other parameters.

    Returns
    -------
    BiasReport
    """
    if estimator is not None and candidates:
        raise ValueError(
            "Only one of the parameters 'estimator' and 'candidates' of dataset_bias_study may be "
            "given. Got both instead: make the estimator one of the candidates."
        )
    materials = materials_of(
        train,
        test,
        estimator=estimator,
        candidates=candidates,
        random_state=random_state,
        **options,
    )
    cohort = materials.cohort
    _refuse_few_patients(cohort, materials.settings.n_folds)
    _refuse_same_images(cohort)
    estimators = list((candidates or {}).values()) or ([] if estimator is None else [estimator])
    steps = Steps()
    steps.attempt("inventory", inventory_of, materials)
    steps.attempt("duplicates", search_duplicates, materials)
    joined = joined_patients(cohort, steps.get("duplicates"))
    materials = _for_fits(materials, joined, estimators)
    announce_fits(materials, verbose=bool(verbose))
    steps.do_all(materials, reported)
    whose, whose_in_full = whose_verdicts(materials, candidates)
    return BiasReport(
        verdicts=verdicts_of(steps, cohort.class_names, materials.settings),
        steps=steps,
        part_names=cohort.part_names,
        whose=whose,
        whose_in_full=whose_in_full,
        duplicate_images=pair_images(cohort, steps.get("duplicates")),
        mean_images=mean_images(materials, steps.get("covariate_shift")),
        settings=bias_settings(materials, classifier=whose_in_full, reported=reported),
        left_out=list(materials.budget.left_out),
    )


def _for_fits(materials, cohort, estimators):
    """Materials for a cohort whose patients may have been joined; the time begins to count."""
    settings, budget = materials.settings, Budget(materials.budget.max_time)
    learners = [
        EstimatorLearner(each, cohort, n_jobs=settings.n_jobs, seed=settings.seed)
        for each in estimators
    ]
    return Materials(cohort, learners, settings, budget)


def _refuse_few_patients(cohort: Cohort, n_folds):
    n_units = len(np.unique(cohort.units[cohort.train]))
    if n_units < n_folds:
        what = "images" if cohort.groups is None else "patients"
        raise ValueError(
            f"The 'train' parameter of dataset_bias_study must hold at least {n_folds} {what}, one "
            f"for each fold of the validation. Got {n_units} instead."
        )


def _refuse_same_images(cohort: Cohort):
    train, test = (
        {image_digest(image) for image in cohort.X[part]} for part in (cohort.train, cohort.test)
    )
    if train == test:
        raise ValueError(
            "The 'train' and 'test' parameters of dataset_bias_study must hold different images. "
            f"Got the same {len(test)} images in both instead: a test set that was learnt from "
            "tests nothing."
        )
