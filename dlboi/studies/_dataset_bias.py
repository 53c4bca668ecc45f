"""Why a classifier does worse on the test set."""

from collections.abc import Mapping
from numbers import Integral, Real

from sklearn.utils._param_validation import Interval, validate_params

from dlboi.bias._step_parameters import STEP_CONSTRAINTS
from dlboi.studies._bias._bias_report import BiasReport
from dlboi.studies._bias._run_bias import run_bias


@validate_params(
    {
        **STEP_CONSTRAINTS,
        "candidates": [Mapping, None],
        "reported": [Interval(Real, 0, 1, closed="both"), None],
        "n_permutations": [Interval(Integral, 0, None, closed="left")],
        "margin": [Interval(Real, 0, 1, closed="left")],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def dataset_bias_study(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    candidates: Mapping | None = None,
    reported: float | None = None,
    n_resamples: int = 20,
    n_permutations: int = 999,
    margin: float = 0.02,
    alpha: float = 0.05,
    max_time: float | None = None,
    n_jobs: int | None = None,
    random_state=0,
    verbose: int = 1,
) -> BiasReport:
    """Find out why a classifier does worse on the test set: shift, leakage, selection or chance.

    The study repeats the validation with and without patients kept together, asks the same
    classifiers about the test images, and divides the gap into parts that add up. Each claim gets
    a verdict, SUPPORTED, NOT SUPPORTED or UNDECIDED, with its interval and the smallest effect that
    the images could have shown.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images. `groups` name the patients: without them the
        study runs, and says nothing of leakage.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.
    estimator : classifier, default=None
        With `predict_proba`. None takes logistic regression on principal components of small grey
        images: the study then judges the images rather than a network. Any other is fitted anew
        hundreds of times; how often, and how long that will take, is written before it starts.
    candidates : mapping of str to classifier, default=None
        Estimators among which the best in validation is named, in place of `estimator`.
    reported : float, default=None
        A validation accuracy that was reported, as a fraction: the parts of the gap begin with it.
    n_resamples : int, default=20
        Repeats of each division.
    n_permutations : int, default=999
        Permutations of each test.
    margin : float, default=0.02
        Accuracy that is practically nothing: 0.02 are two points.
    alpha : float, default=0.05
        Probability that one claim or more is wrongly SUPPORTED, at most, over all claims.
    max_time : float, default=None
        Seconds that fits may take; None sets no limit. What is left out is named in the report.
        Without a limit, no more than 99 permutations are done of an estimator that is handed in.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in, by joblib.
    random_state : int, RandomState instance or None, default=0
        Everything random follows from it.
    verbose : int, default=1
        Whether to write to standard error how many fits an estimator needs, and their time.

    Returns
    -------
    report : BiasReport
        Verdicts, tables, figures, and a page.

    Raises
    ------
    ValueError
        Both or neither of `test` and `origin` are given, or of `estimator` and `candidates`; a set
        is empty or its parts differ in length; images of the two sets differ in shape; the test
        images have a class that the training images do not have; patients are named in one set
        only; both sets hold the same images; there are fewer patients than folds (5) in training.

    See Also
    --------
    dlboi.bias.gap_test, dlboi.bias.leakage_study, dlboi.bias.harm : Steps of it.
    compare : Several classifiers on the same divisions.

    Notes
    -----
    The verdicts are those of the table in the user guide. An effect is SUPPORTED where its p-value,
    adjusted for all claims after Holm, is at most `alpha` and its interval lies above `margin`, and
    NOT SUPPORTED where its interval lies below. What the images do not decide is UNDECIDED.

    Patients who share an image (:func:`dlboi.bias.find_duplicates`) count as one. In images of
    less than 64 pixels a side, only nearly equal ones count as the same.

    References
    ----------
    .. [1] Zech, J. R., et al. (2018). Variable generalization performance of a deep learning model
       to detect pneumonia in chest radiographs. PLOS Medicine 15, e1002683.
    .. [2] Rabanser, S., Günnemann, S., and Lipton, Z. C. (2019). Failing loudly: an empirical study
       of methods for detecting dataset shift. NeurIPS 32.
    .. [3] Kapoor, S., and Narayanan, A. (2023). Leakage and the reproducibility crisis in
       machine-learning-based science. Patterns 4, 100804.

    Examples
    --------
    Test images of which one class is degraded:

    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import dataset_bias_study
    >>> train = make_chest_phantoms(360, image_size=32, difficulty=0.2, random_state=0)
    >>> test = make_chest_phantoms(180, image_size=32, difficulty=0.2, shift=1.0, random_state=1)
    >>> report = dataset_bias_study(train, test, n_resamples=4, n_permutations=199)
    >>> report.verdict("chance explains the gap").verdict
    'NOT SUPPORTED'
    >>> report.verdict("conditional shift in class normal").verdict
    'SUPPORTED'
    """
    return run_bias(
        train,
        test,
        origin=origin,
        held_out=held_out,
        estimator=estimator,
        candidates=candidates,
        reported=reported,
        n_resamples=n_resamples,
        n_permutations=n_permutations,
        margin=margin,
        alpha=alpha,
        max_time=max_time,
        n_jobs=n_jobs,
        random_state=random_state,
        verbose=verbose,
    )
