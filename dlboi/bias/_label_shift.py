"""What it costs that classes are more or less frequent in test."""

import numpy as np
from sklearn.utils._param_validation import validate_params

from dlboi.bias._class_rates import prevalence_of, recalls_of, reweighted
from dlboi.bias._effect import Effect
from dlboi.bias._label_shift_result import LabelShift
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._over_patients import over_patients
from dlboi.bias._shift_estimate import shift_estimate
from dlboi.bias._step_parameters import STEP_CONSTRAINTS


@validate_params(STEP_CONSTRAINTS, prefer_skip_nested_validation=True)
def label_shift(
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
) -> LabelShift:
    """Measure what another prevalence of the classes in test costs.

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
        Repeats of the validation, each with folds of its own.
    max_time : float, default=None
        Seconds that fits may take; None sets no limit.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in.
    random_state : int, RandomState or None, default=0
        Decides the folds.

    Returns
    -------
    result : LabelShift

    Raises
    ------
    ValueError
        Where the images are not what :func:`dlboi.bias.gap_test` takes.

    Notes
    -----
    Label shift alone leaves the recall of each class as it is. Then the accuracy on test is the
    mean of the recalls, each weighted with the share of its class in test. The difference to the
    accuracy in validation is the effect. Both parts are samples, and so is the prevalence of test:
    the interval is over the patients of both, by leaving them out in turn
    (:func:`~dlboi.metrics.patient_jackknife_interval`). It is for other patients from the same
    two sources, not for this very test set.

    Whether label shift is all can be tested [1]_. The confusion matrix of the validation and the
    predictions on test give the prevalence that test would have if its images of each class were
    like those of training. If that is not the known prevalence, they are not. The estimate needs
    the inverse of the confusion matrix: where its smallest singular value is below 0.1, as with
    predictions that hardly depend on the class, it is not made. The test itself compares how often
    each class is said of the test images to what recalls and known prevalence lead to expect,
    which needs no inverse; with more than two classes its p-value is adjusted after Holm.

    References
    ----------
    .. [1] Lipton, Z. C., Wang, Y.-X., and Smola, A. (2018). Detecting and correcting for label
       shift with black box predictors. ICML 2018, 3122-3130.

    Examples
    --------
    >>> from dlboi.bias import label_shift
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(160, image_size=16, prevalence=0.75, random_state=0)
    >>> test = make_chest_phantoms(80, image_size=16, prevalence=0.5, random_state=1)
    >>> result = label_shift(train, test, n_resamples=4)
    >>> result.prevalence.tolist()
    [[0.25, 0.75], [0.5, 0.5]]
    >>> print(f"{result.accuracy.estimate:.2f}")
    0.09
    """
    return label_shift_of(
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


def label_shift_of(materials: Materials) -> LabelShift:
    """Return what :func:`label_shift` does, of materials that other steps share.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.

    Returns
    -------
    LabelShift
    """
    cohort, crossfit = materials.cohort, materials.grouped
    correct, n_classes = crossfit.correct.mean(axis=0), cohort.n_classes
    every_train, every_test = (np.ones((1, len(y))) for y in (crossfit.y_train, crossfit.y_test))
    recalls = recalls_of(every_train, crossfit.y_train, correct, n_classes=n_classes)
    prevalence = np.concatenate(
        [
            prevalence_of(every_train, crossfit.y_train, n_classes),
            prevalence_of(every_test, crossfit.y_test, n_classes),
        ]
    )
    effect = label_shift_effect(materials)
    estimate = shift_estimate(materials)
    return LabelShift(
        class_names=cohort.class_names,
        part_names=cohort.part_names,
        prevalence=prevalence,
        recalls=recalls[0],
        validation=float(correct.mean()),
        reweighted=float(reweighted(recalls, prevalence[1:])[0]),
        accuracy=effect,
        estimate=estimate,
        findings=_findings(cohort, effect, estimate, materials.settings.alpha),
    )


def label_shift_effect(materials: Materials) -> Effect:
    """Return the accuracy in validation less that at the prevalence of test.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.

    Returns
    -------
    Effect
    """
    crossfit, n_classes = materials.grouped, materials.cohort.n_classes
    correct = crossfit.correct.mean(axis=0)

    def statistic(train, test):
        recalls = recalls_of(train, crossfit.y_train, correct, n_classes=n_classes)
        prevalence = prevalence_of(test, crossfit.y_test, n_classes)
        return train @ correct / train.sum(axis=1) - reweighted(recalls, prevalence)

    return over_patients(materials.cohort, statistic)


def _findings(cohort, effect, estimate, alpha):
    what, test = "images" if cohort.groups is None else "patients", cohort.part_names[1]
    findings = [estimate.reason] if estimate.reason else []
    if np.isnan(effect.low):
        findings.append(
            f"A class has one of the {what} of a part: how sure the effect is cannot be told."
        )
    if estimate.p_value <= alpha:
        p = f"p = {estimate.p_value:.2g}" if estimate.p_value >= 1e-4 else "p < 0.0001"
        excess = estimate.said - estimate.expected
        furthest = excess.argmax()  # what is said too often; one is, as the excesses add up to 0
        findings.append(
            f"Label shift alone is not the story: class {cohort.class_names[furthest]} is said of "
            f"{100 * estimate.said[furthest]:.1f} % of the images of {test}; its prevalence leads "
            f"to expect {100 * estimate.expected[furthest]:.1f} % ({p})."
        )
    return tuple(findings)
