"""Whether test images differ from training images of the same class."""

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.bias._class_shift import ShiftImages, class_shift
from dlboi.bias._covariate_shift_result import CovariateShift
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._patient_order import check_order, train_ranks
from dlboi.bias._step_parameters import STEP_CONSTRAINTS

_TAKEN = ("train", "test", "origin", "held_out", "random_state")


@validate_params(
    {
        **{name: STEP_CONSTRAINTS[name] for name in _TAKEN},
        "order": ["array-like", None],
        "n_permutations": [Interval(Integral, 0, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def covariate_shift(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    order: ArrayLike | None = None,
    n_permutations: int = 999,
    random_state=0,
) -> CovariateShift:
    """Ask within each class whether a classifier tells test images from training images.

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
    order : array-like of shape (n_images,), default=None
        What the images of `train` can be sorted by, such as dates. None takes the names of their
        files, numbers in them as numbers, or their place in the data where there are no names. A
        patient comes at his first image.
    n_permutations : int, default=999
        Permutations of the part labels of the patients.
    random_state : int, RandomState or None, default=0
        Decides folds, permutations and blocks.

    Returns
    -------
    result : CovariateShift
        A :class:`ClassShift` for each class.

    Raises
    ------
    ValueError
        Where the images are not what :func:`dlboi.bias.gap_test` takes, or `order` has another
        length than `train`, missing entries, or entries of several kinds.

    See Also
    --------
    dlboi.bias.gap_test : Whether the score on test is lower at all.

    Notes
    -----
    In each class, ridge regression on the principal components of small images learns to tell test
    from train: a classifier two-sample test [1]_. Its area under the ROC curve is that of images
    whose patients it has not seen; each patient counts the same. Patients with images in both
    parts are left out. For the p-value the part labels of the patients are permuted, and
    everything that depends on them is computed anew, p = (1 + #)/(1 + B) [2]_.

    Clinical data drift with time, so that some difference can nearly always be found. Therefore
    the area is compared with that of blocks of the training patients, each against the other
    training patients: random blocks, and blocks of patients who follow each other. There are 4 to
    19 blocks, as many as are as long as the test part. In all of these comparisons, and in that of
    test with train, which is made anew, there are equally many patients on both sides, taken at
    random where there are more; an area is the mean over five such choices. Test is *above* the
    ordered blocks if its area is larger than that of each and larger than their one-sided 95 %
    prediction bound. If test is one more block of the same kind, this happens in about one case of
    twenty. A test part that lies beyond a drift that goes on in one direction is farther from train
    than any block of it, and is above more often.

    Eight patients on each side are needed for an area, and four times as many training patients
    for the blocks.

    Share of 100 simulated sets in which test was above the ordered blocks, by numbers of patients
    in train and in test. Stretches of time that are as long as test are typically as far from
    their mean as `drift` says, in standard deviations of a feature; `trend` goes on in one
    direction from the first to the last training patient, and on to test; `shift` is that of test
    alone. The standard error of a share is 0.02 at 0.05.
    ``python -m benchmarks.covariate_shift blocks`` prints the table:

    ==========  =========  ==========  ===========
    difference  40 and 10  160 and 40  400 and 100
    ==========  =========  ==========  ===========
    none        0.060      0.070       0.040
    drift 1     0.000      0.050       0.080
    drift 3     0.020      0.020       0.000
    trend 1     0.090      0.130       0.210
    trend 3     0.060      0.010       0.000
    shift 1     0.150      0.610       0.950
    shift 1.5   0.360      0.870       1.000
    shift 2     0.620      0.980       1.000
    ==========  =========  ==========  ===========

    References
    ----------
    .. [1] Lopez-Paz, D. and Oquab, M. (2017). Revisiting classifier two-sample tests. ICLR 2017,
       arXiv:1610.06545.
    .. [2] Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero.
       Statistical Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    >>> from dlboi.bias import covariate_shift
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(160, image_size=16, random_state=0)
    >>> test = make_chest_phantoms(80, image_size=16, shift=1.0, random_state=1)
    >>> result = covariate_shift(train, test, n_permutations=99)
    >>> for shift in result.classes:
    ...     print(shift.name, round(shift.auc.estimate, 1), shift.p_value, shift.above_ordered)
    normal 1.0 0.01 True
    pneumonia 0.5 0.62 False
    """
    materials = materials_of(
        train,
        test,
        origin=origin,
        held_out=held_out,
        n_permutations=n_permutations,
        random_state=random_state,
    )
    order = check_order(order, materials.cohort, origin, held_out)
    return covariate_shift_of(materials, order)


def covariate_shift_of(materials: Materials, order: np.ndarray | None = None) -> CovariateShift:
    """Return what :func:`covariate_shift` does, of materials that other steps share.

    Parameters
    ----------
    materials : Materials
        Cohort and representation.
    order : ndarray of shape (n_train,), default=None
        What the training images can be sorted by.

    Returns
    -------
    CovariateShift
    """
    cohort, settings = materials.cohort, materials.settings
    ranks = np.zeros(len(cohort), dtype=int)
    ranks[cohort.train], ordered_by = train_ranks(cohort, order)
    names, statistics, small = [], np.empty((len(cohort), 0)), None
    if cohort.X.dtype.kind not in "biuf" or cohort.X.ndim > 2:
        (names, statistics), small = materials.statistics, materials.thumbnails
    images = ShiftImages(materials.rows, ranks, names, statistics, small)
    rng = np.random.default_rng(materials.seed_of("covariate shift"))
    return CovariateShift(
        classes=tuple(
            class_shift(cohort, code, images, settings.n_permutations, rng)
            for code in range(cohort.n_classes)
        ),
        part_names=cohort.part_names,
        ordered_by=ordered_by,
        alpha=settings.alpha,
    )
