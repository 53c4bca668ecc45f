"""Whether low-level statistics alone tell the classes, and as badly on test as a shortcut does."""

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import validate_params

from dlboi.bias._class_rates import recalls_of
from dlboi.bias._effect import Effect
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._over_patients import over_patients
from dlboi.bias._shortcut_result import NEAR, ShortcutProbe
from dlboi.bias._step_parameters import STEP_CONSTRAINTS
from dlboi.metrics import patient_jackknife_interval

_LARGEST = 4.0  # standard deviations


@validate_params(STEP_CONSTRAINTS, prefer_skip_nested_validation=True)
def shortcut_probe(
    train,
    test=None,
    *,
    origin=None,
    held_out=None,
    estimator=None,
    n_resamples=20,
    max_time=None,
    n_jobs=None,
    random_state=0,
) -> ShortcutProbe:
    """Tell the classes by low-level statistics alone, and compare that with the classifier.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images. `groups` name the patients, `filenames` of a
        Bunch the files.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.
    estimator : classifier, default=None
        What the statistics are compared with. None takes logistic regression on principal
        components of small images.
    n_resamples : int, default=20
        Repeats of the cross-validation inside the training images.
    max_time : float, default=None
        Seconds that fits of the estimator may take; None sets no limit.
    n_jobs : int, default=None
        Fits at once, of an estimator that is handed in, by joblib.
    random_state : int, RandomState instance or None, default=0
        Everything random follows from it.

    Returns
    -------
    result : ShortcutProbe
        Balanced accuracies, their differences, `tables` and `notes`.

    Raises
    ------
    ValueError
        The images are rows of features, which have no pixels. Both or neither of `test` and
        `origin` are given; a set is empty or its parts differ in length; images of the two sets
        differ in shape; the test images have a class that the training images do not have; patients
        are named in one set only.

    See Also
    --------
    image_statistics : The statistics.

    Notes
    -----
    A classifier may tell classes by what has nothing to do with them: the size of the file, the
    brightness of a scanner, a border [1]_. Where :func:`image_statistics` alone, in standard units
    and with logistic regression, come near to the classifier in validation and fall on test, it may
    have learnt that. It is no proof: a disease may make images brighter, too.

    Statistics and classifier are validated on the same folds of patients. Two one-sided tests are
    needed: that statistics stay less than five points of balanced accuracy below the classifier
    (`p_near`), and that they lose some on test (`fall`). Both have to hold, so that the p-value of
    the claim is the larger one. Intervals and p-values are those of
    :func:`~dlboi.metrics.patient_jackknife_interval`.

    References
    ----------
    .. [1] DeGrave, A. J., Janizek, J. D., and Lee, S.-I. (2021). AI for radiographic COVID-19
       detection selects shortcuts over signal. Nature Machine Intelligence 3, 610-619.

    Examples
    --------
    Images of one class are brighter in training, and not on test:

    >>> import numpy as np
    >>> from dlboi.bias import shortcut_probe
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(120) % 2
    >>> X = rng.normal(0.5, 0.1, (120, 16, 16))
    >>> found = shortcut_probe((X + 0.1 * y[:, None, None], y), (X, y))
    >>> found.fall.low > 0.2
    True
    """
    return shortcut_of(
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


def shortcut_of(materials: Materials) -> ShortcutProbe:
    """Tell the classes by statistics alone, as :func:`shortcut_probe` describes it.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    ShortcutProbe
    """
    cohort, model = materials.cohort, materials.grouped
    statistics = materials.statistics
    rows = StandardScaler().fit_transform(statistics.values).clip(-_LARGEST, _LARGEST)
    # The folds are those of the classifier.
    alone = materials.validation_of([LogisticLearner(rows, cohort.y, cohort.n_classes)])
    scores = [_balanced_accuracies(found, cohort.n_classes) for found in (alone, model)]
    (alone_train, alone_test), (model_train, _) = scores
    units = [cohort.units[part] for part in (cohort.train, cohort.test)]
    near = patient_jackknife_interval(
        # Scaled, so that it lies between -1 and 1.
        lambda w: (alone_train(w) - model_train(w) + NEAR) / (1 + NEAR),
        units[:1],
    )
    by_statistics, by_model = (
        tuple(
            Effect.from_interval(patient_jackknife_interval(score, [of_part]))
            for score, of_part in zip(pair, units, strict=True)
        )
        for pair in scores
    )
    return ShortcutProbe(
        by_statistics=by_statistics,
        by_model=by_model,
        short_of=Effect.from_interval(
            patient_jackknife_interval(lambda w: model_train(w) - alone_train(w), units[:1])
        ),
        p_near=Effect.from_interval(near).p_value,
        fall=over_patients(cohort, lambda w, v: alone_train(w) - alone_test(v)),
        names=statistics.names,
        told=np.column_stack(
            [_told(rows[part], cohort.y[part]) for part in (cohort.train, cohort.test)]
        ),
        part_names=cohort.part_names,
        notes=tuple(_notes(cohort, statistics)),
    )


def _balanced_accuracies(found, n_classes):
    """Balanced accuracy as a function of the weights of the images, in validation and on test."""
    sides = ((found.y_train, found.correct), (found.y_test, found.test_correct))

    def score(y, right):
        return lambda weights: recalls_of(weights, y, right, n_classes=n_classes).mean(axis=1)

    return tuple(score(y, correct.mean(axis=0)) for y, correct in sides)


def _told(rows, y):
    """Share of the variance of each column that lies between the classes; 0 of a constant one."""
    total = ((rows - rows.mean(axis=0)) ** 2).sum(axis=0)
    between = np.zeros(rows.shape[1])
    for code in np.unique(y):
        of_class = rows[y == code]
        between += len(of_class) * (of_class.mean(axis=0) - rows.mean(axis=0)) ** 2
    return np.divide(between, total, out=np.zeros_like(total), where=total > 1e-9)


def _notes(cohort, statistics):
    if not any(name.startswith("file_") for name in statistics.names):
        yield (
            "The original files were not read, as they are not known or not all there: their size "
            "and format do not count among the statistics."
        )
    absent = [
        name
        for code, name in enumerate(cohort.class_names)
        if not np.any(cohort.y[cohort.test] == code)
    ]
    if absent:
        yield (
            f"No image of {cohort.part_names[1]} is of class {', '.join(absent)}: balanced "
            "accuracy is not defined there."
        )
    if cohort.groups is None:
        yield "No patients are named: images are taken to be independent."
