"""The study of training and test images that are pooled, shuffled and divided anew."""

import warnings
from collections.abc import Mapping
from dataclasses import fields, replace
from numbers import Integral, Real

from sklearn.utils._param_validation import HasMethods, Interval, validate_params

from dlboi._validation import draw_seed
from dlboi.bias._cohort import cohort_of
from dlboi.classifiers import CNNClassifier
from dlboi.exceptions import DlboiWarning
from dlboi.studies._pooled._differences import CAPTION, difference_table, differences
from dlboi.studies._pooled._divisions import AS_GIVEN, division_plans, pool_of
from dlboi.studies._pooled._origins import FROM_TEST, FROM_TRAIN
from dlboi.studies._pooled._pooled_findings import NO_PATIENTS, pooled_findings
from dlboi.studies._pooled._pooled_result import PooledShuffleResult
from dlboi.studies._pooled._test_curves import with_test_curves
from dlboi.studies._recipes import NETWORK_RECIPE
from dlboi.studies._runner._checks import check_seed
from dlboi.studies._runner._collect import collect
from dlboi.studies._runner._overlap import check_overlap
from dlboi.studies._runner._runs import run_all
from dlboi.studies._runner._study import Study
from dlboi.studies._variants import variants

_NAME = "pooled_shuffle_study"


@validate_params(
    {
        "train": "no_validation",  # checked with its content
        "test": "no_validation",
        "origin": ["array-like", None],
        "held_out": "no_validation",
        "estimator": [HasMethods(["fit", "predict"]), None],
        "parameters": [Mapping, None],
        "validation": [Interval(Real, 0, 1, closed="neither")],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "memory": "no_validation",
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def pooled_shuffle_study(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    parameters: Mapping | None = None,
    validation: float = 0.2,
    n_repeats: int = 5,
    n_jobs: int | None = None,
    random_state=0,
    memory=None,
    verbose: int = 1,
) -> PooledShuffleResult:
    """Fit one classifier on the given division, and on shuffled divisions of all images.

    Whoever pools training and test images, shuffles them and sees the test accuracy rise may
    conclude that something was wrong with the test images. This study does the same, and shows
    what the new mean hides: the accuracy by origin of the images, and what images of one patient
    on both sides add.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images. `groups` name the patients: without them there
        is no division by patient, and the study says so.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.
    estimator : classifier, default=None
        Clones of it are fitted; `random_state`, where it is None, is the seed of the repeat. None
        takes the network under Notes. Only classifiers of dlboi have learning curves.
    parameters : mapping of str to object, default=None
        Parameters of it.
    validation : float, default=0.2
        Share of the training images of each division that validates, drawn for each repeat,
        stratified. By image where the pool is divided by image, else by patient.
    n_repeats : int, default=5
        Repeats, each with divisions and a seed of its own. One has no interval of differences.
    n_jobs : int, default=None
        Fits at once, by joblib.
    random_state : int, RandomState instance or None, default=0
        Decides divisions and seeds. The first repeats are the same whatever `n_repeats` is.
    memory : path-like, default=None
        Folder of a journal: a study that was interrupted goes on from there, as in
        :func:`compare`.
    verbose : int, default=1
        1 writes the number of fits, an estimate of the time, and a progress bar to standard error.

    Returns
    -------
    result : PooledShuffleResult
        Table, differences, learning curves, findings, figures and a page.

    Raises
    ------
    ValueError
        Both or neither of `test` and `origin` are given; a set is empty or its parts differ in
        length; images of the two sets differ in shape; the test images have a class that the
        training images do not have; patients are named in one set only; both sets hold the same
        images; a class has one patient only.
    JournalError
        `memory` is the journal of other images or settings, or in use.

    Warns
    -----
    DlboiWarning
        Patients are not known; or patients or images are in both given parts; or runs have failed.

    See Also
    --------
    dlboi.model_selection.PooledShuffleSplit : The divisions.
    compare : Several classifiers on the same divisions.

    Notes
    -----
    Three divisions, each with as many training, validation and test images as the given one (about
    as many, where patients are kept together): the given one; all images pooled and shuffled by
    image; pooled and shuffled by patient. With m training and n test images, n / (m + n) of the
    new test images are old test images: however they fare, they hardly move the mean. Pooling is
    no cure for a test set on which a classifier does worse [1]_.

    The test images are scored after each epoch, those from each part of the given division by
    themselves. They choose nothing; the epoch is chosen as the classifier says.

    Intervals on the given test images are for new patients and new seeds
    (:func:`~dlboi.metrics.crossed_interval`). Those of divisions that are drawn anew are Nadeau and
    Bengio's (:func:`~dlboi.metrics.corrected_resampled_interval`). Divisions by image share
    patients beyond the images that they share: there, each image counts as many times as its
    patient has images, which is right where the images of a patient agree and else too wide. The
    change on old test images is that of the same images, run by run. Differences of independent
    estimates follow Zou and Donner [2]_. Intervals are not adjusted for their number.

    The default is a CNN: Adam, learning rate 1e-3 and a tenth of it every 10 epochs, batches of 32
    images, 50 epochs.

    References
    ----------
    .. [1] Zech, J. R. et al. (2018). Variable generalization performance of a deep learning model
       to detect pneumonia in chest radiographs. PLOS Medicine 15, e1002683.
    .. [2] Zou, G. Y., and Donner, A. (2008). Construction of confidence limits about effect
       measures: a general approach. Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    Test images of one class come from another device, and are a fourth of the pool:

    >>> from dlboi import ANNClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import pooled_shuffle_study
    >>> train = make_chest_phantoms(150, image_size=16, difficulty=0, random_state=0)
    >>> test = make_chest_phantoms(50, image_size=16, difficulty=0, shift=1.0, random_state=1)
    >>> network = ANNClassifier(max_epochs=5, lr=1e-2)
    >>> result = pooled_shuffle_study(train, test, estimator=network, n_repeats=2, verbose=0)
    >>> result.names
    ['as given', 'pooled, by image', 'pooled, by patient']
    >>> result.table["share_from_test"].round(2).tolist()[:2]
    [1.0, 0.28]
    """
    check_seed(_NAME, memory, random_state)
    cohort = cohort_of(train, test, origin=origin, held_out=held_out)
    pool = pool_of(cohort)
    given = {"train": pool.take(cohort.train), "test": pool.take(cohort.test)}
    _refuse_same_images(given)
    check_overlap(given)
    if pool.groups is None:
        warnings.warn(NO_PATIENTS, DlboiWarning, stacklevel=3)
    seed = draw_seed(random_state)
    plans = division_plans(
        pool, cohort.in_test, validation=validation, n_repeats=n_repeats, seed=seed
    )
    kind = {"estimator": estimator, "kind": CNNClassifier, "recipe": NETWORK_RECIPE}
    levels = variants(_NAME, {name: {} for name in plans}, parameters=parameters, **kind)
    # The divisions are of the pool; the given test set is there for its scorings to be counted.
    sets = {"data": pool, "test": given["test"]}
    study = Study(levels, sets, plans, {FROM_TRAIN: ~cohort.in_test, FROM_TEST: cohort.in_test})
    facts = {
        "training part": cohort.part_names[0],
        "test part": cohort.part_names[1],
        "test": f"{len(given['test'])} images, {given['test'].digest}",
        "validation": repr(float(validation)),
        "random_state": str(random_state) if isinstance(random_state, Integral) else f"seed {seed}",
    }
    outcomes = run_all(study, facts, memory, n_jobs=n_jobs, verbose=verbose)
    return _concluded(collect(study, outcomes, facts, reference=AS_GIVEN, metric="accuracy"))


def _refuse_same_images(given):
    train, test = given["train"], given["test"]
    if set(train.image_digests) == set(test.image_digests):
        raise ValueError(
            f"The 'train' and 'test' parameters of {_NAME} must hold different images. Got the "
            f"same {len(test)} images in both instead: a test set that was learnt from tests "
            "nothing."
        )


def _concluded(study_result):
    """Return the result of the study: with curves of all test images, and what they say."""
    parts = {field.name: getattr(study_result, field.name) for field in fields(study_result)}
    result = PooledShuffleResult(**{**parts, "arrays": with_test_curves(study_result)})
    found = differences(result)
    tables = {CAPTION: difference_table(result, found)}
    return replace(result, findings=pooled_findings(result, found), tables=tables)
