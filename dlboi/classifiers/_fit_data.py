"""What a fit works on, checked and divided: training, validation and monitor sets."""

import itertools
import warnings
from typing import NamedTuple

import numpy as np

from dlboi._validation import group_codes
from dlboi.classifiers._flat_rows import warn_of_colour_rows
from dlboi.classifiers._image_weights import check_weight, class_weights
from dlboi.classifiers._input import check_images, check_labels
from dlboi.classifiers._pixel_range import pixel_max, warn_of_other_range, warn_of_pixel_range
from dlboi.classifiers._scored_set import check_scored_set
from dlboi.exceptions import EmptyValidationWarning, SkippedFilesWarning
from dlboi.training import LabelledImages, validation_split

_RESERVED_NAMES = {"train", "valid", "validation"}

# From the code that warns to the user's call of fit: two functions here, two methods of the
# classifier, and the wrapper in which scikit-learn checks the parameters.
_STACKLEVEL = 6

_NAMES_IN_WARNING = 10


class FitData(NamedTuple):
    """The sets of one fit, and what was learnt from checking them."""

    classes: np.ndarray
    image_shape: tuple[int, int, int]
    pixel_max: float
    training: LabelledImages
    validation: LabelledImages | None
    monitors: dict[str, LabelledImages]
    skipped_files: list[str]


def prepare_fit_data(
    estimator, X, y, *, sample_weight, groups, validation_data, monitor, seed, decoding
) -> FitData:
    """Check the arguments of ``fit`` and divide the images.

    Sets ``n_features_in_`` (and ``feature_names_in_``) of the estimator, and nothing else.

    Parameters
    ----------
    estimator : ImageClassifier
        Its parameters decide the division; its name stands in the messages.
    X, y, sample_weight, groups, validation_data, monitor
        The arguments of ``fit``.
    seed : int
        Decides the validation part.
    decoding : Decoding
        How image files are decoded, and what becomes of those that cannot be.

    Returns
    -------
    FitData
    """
    images = check_images(estimator, X, decoding=decoding)
    y = check_labels(estimator, y, images)
    warn_of_pixel_range(images, stacklevel=_STACKLEVEL - 1)
    warn_of_colour_rows(
        images,
        shape_is_given=estimator.image_shape is not None,
        stacklevel=_STACKLEVEL - 1,
    )
    largest = pixel_max(images)
    weight = None if sample_weight is None else check_weight(sample_weight, len(images))
    if groups is not None:
        groups = group_codes(groups, len(images), caller="fit")
    kept = images.intact()
    if weight is not None:
        kept = kept[weight[kept] > 0]
    classes = _check_classes(estimator, y[kept])
    target = np.searchsorted(classes, y[kept])

    class_weight = class_weights(
        estimator, classes, target, None if weight is None else weight[kept]
    )

    def labelled(images, target, index=None, weight=None):
        """Labelled images; None where all weights are 1, so that nothing is multiplied."""
        if weight is None and estimator.class_weight is None:
            return LabelledImages(images, target, None, index)
        weight = class_weight[target] * (1 if weight is None else weight)
        return LabelledImages(images, target, weight, index)

    def part(rows):
        return labelled(
            images, target[rows], kept[rows], None if weight is None else weight[kept[rows]]
        )

    rows, validation = np.arange(len(kept)), None
    if validation_data is not None:
        _refuse_two_validations(estimator)
        scored = check_scored_set(
            estimator, "'validation_data'", validation_data, classes, images.image_shape, decoding
        )
        warn_of_other_range(scored[0], largest, name="validation_data", stacklevel=_STACKLEVEL - 1)
        validation = labelled(*scored)
    elif estimator.validation_fraction is not None:
        kept_groups = None if groups is None else groups[kept]
        rows, validation_rows = validation_split(
            target, estimator.validation_fraction, groups=kept_groups, seed=seed
        )
        validation = part(validation_rows)
    if validation is None:
        _refuse_choice_without_validation(estimator)
    else:
        _warn_of_absent_class(validation, classes)

    if not isinstance(monitor, (dict, type(None))):
        raise ValueError(
            "The 'monitor' parameter of fit must be a dict of names and pairs (X, y), such as "
            f"{{'test': (X, y)}}. Got {type(monitor)} instead."
        )
    monitors = {}
    for name, data in (monitor or {}).items():
        _check_monitor_name(name)
        scored = check_scored_set(
            estimator, f"'monitor' ({name!r})", data, classes, images.image_shape, decoding
        )
        warn_of_other_range(
            scored[0], largest, name=f"monitor {name!r}", stacklevel=_STACKLEVEL - 1
        )
        monitors[name] = labelled(*scored)
    if decoding.skipped:
        _warn_of_skipped(decoding.skipped)
    training, skipped = part(rows), list(decoding.skipped)
    return FitData(classes, images.image_shape, largest, training, validation, monitors, skipped)


def _check_classes(estimator, y):
    classes = np.unique(y)
    name = type(estimator).__name__
    if len(classes) < 2:
        raise ValueError(
            f"{name} needs images of at least two classes. Got {len(y)} images of one class, "
            f"{classes.tolist()}."
        )
    if estimator.loss == "bce" and len(classes) > 2:
        raise ValueError(
            f"The 'loss' parameter of {name} must be 'ce' or 'auto' for more than two classes. Got "
            f"'bce' and {len(classes)} classes instead."
        )
    return classes


def _check_monitor_name(name):
    if not isinstance(name, str) or not name or name in _RESERVED_NAMES:
        raise ValueError(
            "The 'monitor' parameter of fit must map names to pairs (X, y), and the names "
            f"{sorted(_RESERVED_NAMES)} are taken. Got the name {name!r}."
        )


def _refuse_two_validations(estimator):
    if estimator.validation_fraction is not None:
        raise ValueError(
            "Pass either the 'validation_data' parameter of fit or set 'validation_fraction', not "
            "both."
        )


def _refuse_choice_without_validation(estimator):
    for name, asks in (
        ("early_stopping", estimator.early_stopping),
        ("restore_best", estimator.restore_best in ("val_loss", "val_accuracy")),
    ):
        if asks:
            raise ValueError(
                f"{name}={getattr(estimator, name)!r} of {type(estimator).__name__} needs "
                "validation data: set 'validation_fraction', or pass 'validation_data' to fit."
            )


def _warn_of_absent_class(validation, classes):
    present = np.unique(validation.target.numpy())
    if len(present) < len(classes):
        warnings.warn(
            f"No image of {np.delete(classes, present).tolist()} is in the validation data: the "
            "choice of an epoch leaves them out.",
            EmptyValidationWarning,
            stacklevel=_STACKLEVEL,
        )


def _warn_of_skipped(skipped):
    names = ", ".join(itertools.islice(skipped, _NAMES_IN_WARNING))
    more = ", …" if len(skipped) > _NAMES_IN_WARNING else ""
    count = "1 image file is" if len(skipped) == 1 else f"{len(skipped)} image files are"
    warnings.warn(
        f"{count} left out, as on_bad_file='skip' asks for, and in skipped_files_: {names}{more}. "
        f"{next(iter(skipped.values()))}",
        SkippedFilesWarning,
        stacklevel=_STACKLEVEL,
    )
