"""What the differences between the parts cost: thresholds, ranking, and whose images they are."""

import numpy as np
from sklearn.utils._param_validation import validate_params

from dlboi.bias._domain_swap import domain_swap
from dlboi.bias._effect import Effect
from dlboi.bias._harm_result import Harm
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._mean_auc import mean_auc
from dlboi.bias._over_patients import over_patients
from dlboi.bias._step_parameters import STEP_CONSTRAINTS
from dlboi.bias._threshold_effects import displaced_effect, ranking_effect, threshold_effect


@validate_params(STEP_CONSTRAINTS, prefer_skip_nested_validation=True)
def harm(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    n_resamples: int = 20,
    max_time: float | None = None,
    n_jobs: int | None = None,
    random_state=0,
) -> Harm:
    """Measure what thresholds, ranking and the origin of the images cost on test.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.
    estimator : classifier, default=None
        Any classifier with ``predict_proba``. None takes principal components and logistic
        regression, which judge the images rather than a network.
    n_resamples : int, default=20
        Repeats of the validation, and draws of patients for the table of domains.
    max_time : float, default=None
        Seconds that fits may take; None sets no limit.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in.
    random_state : int, RandomState or None, default=0
        Decides folds and draws.

    Returns
    -------
    result : Harm

    Raises
    ------
    ValueError
        Where the images are not what :func:`dlboi.bias.gap_test` takes.

    Notes
    -----
    **Threshold.** For each classifier of the validation by patient, test patients are divided into
    folds; the threshold for a fold is where two classes are equally probable once probabilities are
    calibrated on the others, by a slope and an offset of each class that have the largest
    likelihood. It looks at all images, where that of the highest accuracy hangs on the few next to
    it. The best threshold for the images on which it is scored (the oracle) is given for
    comparison; it is too good. A threshold chosen on few patients still costs some accuracy, of
    which the ranking term is not freed: it errs upward, and the threshold term downward.

    If classes are more or less frequent in test, another threshold is better there for that reason
    alone. Then the threshold term is positive, and the ranking term negative by as much. What is
    left of the threshold term when that is taken off, as measured in validation at the prevalence
    of test, is called displaced: the scores themselves have moved.

    **Table of domains.** In each resample, whole patients are drawn from both parts, so that both
    have about as many images of each class. In a cross-validation, one classifier learns from
    training patients and one from test patients, and both score the held-out patients of both
    parts. Accuracies are those at the prevalence of test, so that a part is not harder for its
    prevalence. Whether test is harder is the accuracy within training less that within test.

    Intervals are over the patients that are scored, given the classifiers. That of the harder part
    is for other training patients, too: it is widened by as much as the difference varies more
    between permuted parts, where everything is learnt anew, than over the patients that are scored
    there. An estimator that is handed in is too slow for that; its interval is not widened.

    Examples
    --------
    >>> from dlboi.bias import harm
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(160, image_size=16, difficulty=0.2, random_state=0)
    >>> test = make_chest_phantoms(80, image_size=16, difficulty=0.9, random_state=1)
    >>> result = harm(train, test, n_resamples=4)
    >>> for name in ("threshold", "ranking", "harder"):
    ...     print(f"{name}: {getattr(result, name).estimate:.2f}")
    threshold: -0.06
    ranking: 0.20
    harder: 0.27
    """
    return harm_of(
        materials_of(
            train,
            test,
            origin=origin,
            held_out=held_out,
            estimator=estimator,
            n_resamples=n_resamples,
            max_time=max_time,
            n_jobs=n_jobs,
            random_state=random_state,
        )
    )


def harm_of(materials: Materials) -> Harm:
    """Return what :func:`harm` does, of materials that other steps share.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.

    Returns
    -------
    Harm
    """
    crossfit = materials.grouped
    scores = materials.thresholds
    known = scores.correct is not None
    swap = domain_swap(materials)
    auc, auc_reason = _lost_auc(materials)
    return Harm(
        part_names=materials.cohort.part_names,
        at_argmax=float(crossfit.test_correct.mean()),
        at_threshold=float(scores.correct.mean()) if known else np.nan,
        at_oracle=float(scores.oracle.mean()) if known else np.nan,
        threshold=threshold_effect(materials, scores.correct) if known else Effect.unknown(),
        displaced=displaced_effect(materials, scores) if known else Effect.unknown(),
        ranking=ranking_effect(materials, scores.correct) if known else Effect.unknown(),
        lost_auc=auc,
        swap=swap,
        reasons=tuple(reason for reason in (scores.reason, auc_reason, swap.reason) if reason),
    )


def _lost_auc(materials):
    """Area under the ROC curve in validation less that on test, and why it is not known."""
    crossfit, cohort = materials.grouped, materials.cohort
    absent = np.setdiff1d(np.arange(cohort.n_classes), crossfit.y_test)
    if absent.size:
        return Effect.unknown(), (
            f"No image of {cohort.part_names[1]} is of class {cohort.class_names[absent[0]]}: the "
            "area under the ROC curve is not known there."
        )
    of_train = mean_auc(crossfit.proba, crossfit.y_train)
    of_test = mean_auc(crossfit.test_proba, crossfit.y_test)
    return over_patients(cohort, lambda train, test: of_train(train) - of_test(test)), ""
