"""The gap between the reported and the test score, in parts that add up."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.bias._decomposition_result import Decomposition
from dlboi.bias._effect import Effect
from dlboi.bias._label_shift import label_shift_effect
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._over_patients import over_patients
from dlboi.bias._step_parameters import STEP_CONSTRAINTS
from dlboi.bias._threshold_effects import ranking_effect, threshold_effect
from dlboi.bias._validation_chain import validation_chain
from dlboi.metrics import crossed_interval, difference_interval


@validate_params(
    STEP_CONSTRAINTS
    | {"candidates": [Mapping, None], "reported": [Interval(Real, 0, 1, closed="both"), None]},
    prefer_skip_nested_validation=True,
)
def decomposition(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    candidates: Mapping | None = None,
    reported: float | None = None,
    n_resamples: int = 20,
    max_time: float | None = None,
    n_jobs: int | None = None,
    random_state=0,
) -> Decomposition:
    """Divide the gap between validation and test accuracy into parts that add up.

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
    candidates : mapping of str to classifier, default=None
        Estimators among which the best in validation is named, in place of `estimator`.
    reported : float, default=None
        A validation accuracy that was reported, of the user's own network as a rule: the chain
        begins with it. It is taken as exact.
    n_resamples : int, default=20
        Repeats of each validation, each with folds of its own.
    max_time : float, default=None
        Seconds that fits may take; None sets no limit.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in.
    random_state : int, RandomState or None, default=0
        Decides the folds.

    Returns
    -------
    result : Decomposition

    Raises
    ------
    ValueError
        Where the images are not what :func:`dlboi.bias.gap_test` takes.

    Notes
    -----
    Each term is the difference of two measured accuracies, so that the terms add up to the gap:

    - selection: the score of the candidate that is best, less that of candidates chosen on other
      patients, in a validation that divides images whoever the patients are;
    - leakage: that less the validation by patient;
    - label shift: that less the same recalls at the prevalence of test;
    - ranking: that less the test accuracy at a threshold that is chosen on other test patients
      (with more than two classes, additive offsets of the log-probabilities);
    - threshold: that less the test accuracy.

    "Test accuracy" is the mean over the classifiers of the folds, which have learnt from as many
    images as those that are validated. What is not known is merged: without candidates the chain
    has no selection; a reported score without candidates holds selection and leakage, and what
    the network does better than the estimator of the study; without patients, leakage stays in the
    ranking; where a threshold cannot be chosen on other patients, it stays in the ranking, too.

    Selection and leakage are paired, image by image, and have the intervals of
    :func:`~dlboi.metrics.crossed_interval`, allowing for skewness; label shift, ranking and
    threshold those of :func:`~dlboi.metrics.patient_jackknife_interval` over the patients of the
    parts that they look at, and the gap that of :func:`~dlboi.metrics.difference_interval`, or of
    the former where a patient is in both parts. All are for other patients, and for these
    classifiers: what other training images would have taught is not in them.

    A threshold is where probabilities that are calibrated on the other patients, by a slope and an
    offset of each class, are equal; that with the most correct answers hangs on the few images next
    to it. On few patients either is worse than the best there is, so that the threshold term is too
    small and the ranking term too large by as much. The table gives, for simulated validations,
    each term's true value for infinitely many patients, its mean over the simulated sets, the mean
    width of its 95 % interval, and the share of intervals that hold the true value and this mean,
    of 200 sets (60 with 400 patients). There are as many patients in either part.
    ``python -m benchmarks.bias_coverage terms`` prints it:

    ===========  ========  =====  ======  =====  ===========  ==========
    term         patients  truth  mean    width  holds truth  holds mean
    ===========  ========  =====  ======  =====  ===========  ==========
    leakage      10        0.103  0.105   0.464  0.950        0.950
    leakage      20        0.103  0.106   0.219  0.965        0.965
    leakage      40        0.103  0.099   0.127  0.970        0.975
    leakage      400       0.103  0.103   0.038  0.967        0.967
    label shift  10        0.000  -0.007  0.731  1.000        1.000
    label shift  20        0.000  -0.001  0.300  1.000        1.000
    label shift  40        0.000  -0.002  0.151  0.995        0.995
    label shift  400       0.000  0.000   0.034  0.983        0.983
    ranking      10        0.047  0.075   0.917  0.995        0.995
    ranking      20        0.047  0.056   0.489  0.975        0.975
    ranking      40        0.047  0.047   0.310  0.955        0.955
    ranking      400       0.047  0.047   0.091  1.000        1.000
    threshold    10        0.024  0.007   0.530  1.000        1.000
    threshold    20        0.024  0.018   0.287  1.000        1.000
    threshold    40        0.024  0.023   0.168  0.990        0.995
    threshold    400       0.024  0.023   0.047  0.983        1.000
    gap          10        0.174  0.180   0.705  0.990        0.990
    gap          20        0.174  0.178   0.435  0.990        0.985
    gap          40        0.174  0.167   0.284  0.965        0.975
    gap          400       0.174  0.172   0.083  0.950        0.950
    ===========  ========  =====  ======  =====  ===========  ==========

    The order matters where causes interact: what the prevalence costs at the recalls of validation
    is not what it would cost at those of test. And where only the prevalence is another, another
    threshold is better, too: the threshold term is positive, and ranking negative by as much.

    Examples
    --------
    >>> from dlboi.bias import decomposition
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(160, image_size=16, prevalence=0.75, random_state=0)
    >>> test = make_chest_phantoms(80, image_size=16, prevalence=0.5, random_state=1)
    >>> result = decomposition(train, test, n_resamples=4)
    >>> for name, term in result.terms.items():  # points
    ...     print(name, round(100 * term.estimate))
    leakage 1
    label shift 9
    ranking 0
    threshold 5
    >>> round(100 * result.gap.estimate)
    16
    >>> print(result.merged[0])
    There are no candidates and no reported score: selection is no term.
    """
    materials = materials_of(
        train,
        test,
        origin=origin,
        held_out=held_out,
        estimator=estimator,
        candidates=candidates,
        n_resamples=n_resamples,
        max_time=max_time,
        n_jobs=n_jobs,
        random_state=random_state,
    )
    return decomposition_of(materials, reported)


def decomposition_of(materials: Materials, reported: float | None = None) -> Decomposition:
    """Return what :func:`decomposition` does, of materials that other steps share.

    Parameters
    ----------
    materials : Materials
        Cohort and validations.
    reported : float, default=None
        A reported validation accuracy.

    Returns
    -------
    Decomposition
    """
    chain = validation_chain(materials, reported)
    scores, terms, merged = chain.scores, chain.terms, chain.merged
    terms["label shift"] = label_shift_effect(materials)
    scores["re-weighted"] = list(scores.values())[-1] - terms["label shift"].estimate
    test, thresholds = materials.grouped.test_correct, materials.thresholds
    last = ["ranking"] if materials.cohort.groups is not None else ["leakage", "ranking"]
    if thresholds.correct is None:
        terms[_joined([*last, "threshold"])] = ranking_effect(materials, test)
        merged.append(f"Ranking and threshold are not told apart. {thresholds.reason}")
    else:
        terms[_joined(last)] = ranking_effect(materials, thresholds.correct)
        terms["threshold"] = threshold_effect(materials, thresholds.correct)
        scores["at threshold"] = float(thresholds.correct.mean())
    scores["test"] = float(test.mean())
    return Decomposition(scores, terms, _gap(materials, chain.start), tuple(merged))


def _joined(names):
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _gap(materials, start):
    """First less last score: of a number and an image set, or of two."""
    cohort = materials.cohort
    tested = materials.grouped.test_correct.astype(float)
    of_test = cohort.units[cohort.test]
    if np.ndim(start) == 0:
        return Effect.from_interval(crossed_interval(start - tested, groups=of_test))
    validated, tested = start.mean(axis=0), tested.mean(axis=0)
    if len(cohort.in_both):
        return over_patients(
            cohort, lambda first, second: _mean(first, validated) - _mean(second, tested)
        )
    by_patient = cohort.groups is not None
    return Effect.from_interval(
        difference_interval(
            validated,
            tested,
            groups_first=cohort.units[cohort.train] if by_patient else None,
            groups_second=of_test if by_patient else None,
        )
    )


def _mean(weights, values):
    return weights @ values / weights.sum(axis=1)
