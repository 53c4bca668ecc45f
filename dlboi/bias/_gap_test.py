"""Whether the test score is lower than the validation score, and by how much."""

from numbers import Integral

from sklearn.utils._param_validation import Interval, validate_params

from dlboi.bias._effect import Effect
from dlboi.bias._gap_result import GapTest
from dlboi.bias._gap_scores import ScoreGap, score_gaps
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._permuted_parts import PermutationTest, permutation_test
from dlboi.bias._step_parameters import STEP_CONSTRAINTS
from dlboi.reporting import Table


@validate_params(
    {**STEP_CONSTRAINTS, "n_permutations": [Interval(Integral, 0, None, closed="left")]},
    prefer_skip_nested_validation=True,
)
def gap_test(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    n_resamples=20,
    n_permutations=999,
    max_time=None,
    n_jobs=None,
    random_state=0,
) -> GapTest:
    """Compare validation by patient with the given test images.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images. `groups` name the patients.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.
    estimator : classifier, default=None
        With `predict_proba`. None takes logistic regression on principal components of small grey
        images, which tells of the images rather than of a network.
    n_resamples : int, default=20
        Repeats of the cross-validation inside the training images.
    n_permutations : int, default=999
        Permutations of the parts; each fits the estimator five times.
    max_time : float, default=None
        Seconds that fits may take; None sets no limit. Without one, no more than 99 permutations
        are done of an estimator that is handed in.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in, by joblib.
    random_state : int, RandomState instance or None, default=0
        Everything random follows from it.

    Returns
    -------
    result : GapTest
        Scores, their differences, and the permutations.

    Raises
    ------
    ValueError
        Both or neither of `test` and `origin` are given; a set is empty or its parts differ in
        length; images of the two sets differ in shape; the test images have a class that the
        training images do not have; patients are named in one set only.

    See Also
    --------
    leakage_study : Whether images of one patient in both parts make the difference.
    dlboi.metrics.difference_interval : The interval of the gap.

    Notes
    -----
    Classifiers of a cross-validation by patient, of five folds, are asked about the training
    images that they have not seen and about all test images. They learn from as many images for
    the one as for the other. Scores are means over the classifiers.

    Intervals are over patients. That of the gap takes the two parts to hold different patients;
    where some have images in both, the classifiers know test patients, and the gap is too small.
    Each validated patient is among those that the other classifiers learn from: the intervals of
    the gap and of the lost recalls are widened by as much as these differences vary more between
    permuted parts, where everything is learnt anew, than over the patients that are scored there.

    The gap is that of classifiers that learn from these training patients. That they lose accuracy
    shows that the parts differ, whatever others would lose. Where test images differ much from all
    training images, what a classifier makes of them depends on its training patients, and others
    may lose more or less than the interval says; a note says how far the classifiers differ.

    The p-value is that of permutations of whole patients between the parts, each with new fits:
    (1 + b) / (1 + B), where b of B permutations have a gap as large as the observed one [1]_.
    Patients change places with those who have images of the same classes only, so that a
    difference in the frequency of the classes does not make the p-value small; it tells whether
    the part matters beyond that. It is exact where patients with images of the same classes are
    exchangeable: patients have one fold, whichever part they are in, and are in none of the parts
    where they have images in both. :func:`sklearn.model_selection.permutation_test_score` permutes
    within groups only.

    References
    ----------
    .. [1] Phipson, B., and Smyth, G. K. (2010). Permutation p-values should never be zero.
       Statistical Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    Test images of which one class is degraded:

    >>> from dlboi.bias import gap_test
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(160, image_size=32, difficulty=0.2, random_state=0)
    >>> test = make_chest_phantoms(80, image_size=32, difficulty=0.2, shift=1.0, random_state=1)
    >>> found = gap_test(train, test, n_resamples=3, n_permutations=99)
    >>> found.gap.low > 0
    True
    >>> found.p_value
    0.01
    >>> max(found.recall_drops, key=lambda name: found.recall_drops[name].estimate)
    'normal'
    """
    return gap_of(
        materials_of(
            train,
            test,
            origin=origin,
            held_out=held_out,
            estimator=estimator,
            n_resamples=n_resamples,
            n_permutations=n_permutations,
            max_time=max_time,
            n_jobs=n_jobs,
            random_state=random_state,
        )
    )


def gap_of(materials: Materials) -> GapTest:
    """Compare validation by patient with the test images, as :func:`gap_test` describes it.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    GapTest
    """
    cohort, permuted = materials.cohort, permutation_test(materials)
    scores = score_gaps(cohort, materials.grouped)
    lost = {name: Effect.from_interval(score.lost) for name, score in scores.items()}
    recalls = [f"recall of {name}" for name in cohort.class_names]
    for name, factor in zip(["accuracy", *recalls], permuted.widening, strict=True):
        lost[name] = lost[name].widened(factor)
    return GapTest(
        gap=lost["accuracy"],
        recall_drops=dict(zip(cohort.class_names, map(lost.get, recalls), strict=True)),
        p_value=permuted.p_value,
        observed_gap=permuted.observed,
        null_gaps=permuted.null_gaps,
        n_in_both=len(cohort.in_both),
        tables=(_table(scores, lost, cohort.part_names),),
        notes=tuple(_notes(materials, permuted)),
    )


def _table(scores: dict[str, ScoreGap], lost: dict[str, Effect], part_names) -> Table:
    train, test = part_names
    columns = {"score": [], "of": [], "estimate": [], "95 % low": [], "95 % high": []}
    for name, score in scores.items():
        intervals = score.validation, score.test, lost[name]
        for of, interval in zip(("validation", test, "lost"), intervals, strict=True):
            for column, value in zip(columns.values(), (name, of, *interval[:3]), strict=True):
                column.append(value)
    caption = (
        f"Validation inside {train}, by patient, and the same classifiers on {test}: fractions, "
        "with intervals over patients. Lost is the difference of the two."
    )
    return Table(columns, caption)


def _notes(materials: Materials, permuted: PermutationTest):
    cohort = materials.cohort
    if cohort.groups is None:
        yield (
            "No patients are named: images are taken to be independent, and intervals and p-values "
            "are too small where a patient has several images."
        )
    if permuted.n_excluded:
        yield (
            f"{permuted.n_excluded} patients have images in both parts. The permutations leave "
            "them out; in the scores they count, and make the gap smaller than for new patients."
        )
    if permuted.reason:
        yield f"Parts are not permuted: {permuted.reason}."
    scores = 100 * materials.grouped.test_correct.mean(axis=1)
    yield (
        f"The {len(scores)} classifiers of the validation, each without one of "
        f"{materials.settings.n_folds} parts of the training patients, are right on "
        f"{scores.min():.1f} to {scores.max():.1f} % of the images of {cohort.part_names[1]}."
    )
