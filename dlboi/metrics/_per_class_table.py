"""Recall, precision, F1 and support of each class."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.multiclass import unique_labels

from dlboi.metrics._wilson import wilson_bounds


@validate_params(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "classes": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def per_class_table(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> dict[str, np.ndarray]:
    """Recall, precision, F1 and support of each class.

    With two classes the recalls are the sensitivity and the specificity.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_pred : array-like of shape (n_samples,)
        Predicted labels.

    classes : array-like of shape (n_classes,), default=None
        All labels, in the order of the table's rows. None takes the sorted labels that occur.

    confidence_level : float, default=0.95
        Confidence level, between 0 and 1, of the intervals of the recall.

    Returns
    -------
    table : dict of str to ndarray of shape (n_classes,)
        `class`, `support` (number of images of the class), `recall`, `recall_low` and
        `recall_high` (Wilson's interval), `precision`, `f1`. A value that is 0/0, such as the
        precision of a class that is never predicted, is NaN.

    Raises
    ------
    ValueError
        Where `y_true` and `y_pred` are empty, of different lengths, or hold a label that is not
        in `classes`.

    See Also
    --------
    proportion_interval : An interval that takes the images of one patient together.

    Notes
    -----
    The intervals take the images to be independent. With several images of one patient they are
    too narrow: use :func:`proportion_interval` with `groups` on the images of one class.

    Examples
    --------
    >>> from dlboi.metrics import per_class_table
    >>> table = per_class_table(["ill", "ill", "well", "well"], ["ill", "well", "well", "well"])
    >>> for name, column in table.items():
    ...     print(name, column.round(3).tolist() if column.dtype.kind == "f" else column.tolist())
    class ['ill', 'well']
    support [2, 2]
    recall [0.5, 1.0]
    recall_low [0.095, 0.342]
    recall_high [0.905, 1.0]
    precision [1.0, 0.667]
    f1 [0.667, 0.8]
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.ndim != 1 or y_true.size == 0 or y_true.shape != y_pred.shape:
        raise ValueError(
            "The 'y_true' and 'y_pred' parameters of per_class_table must be 1-D arrays of the"
            f" same length, at least 1. Got shapes {y_true.shape} and {y_pred.shape} instead."
        )
    found = unique_labels(y_true, y_pred)
    classes = found if classes is None else np.asarray(classes)
    unknown = np.setdiff1d(found, classes)
    if unknown.size:
        raise ValueError(
            "The 'classes' parameter of per_class_table must hold every label of 'y_true' and"
            f" 'y_pred'. Got {classes.tolist()} instead, without {unknown.tolist()}."
        )

    is_true, is_predicted = y_true == classes[:, None], y_pred == classes[:, None]
    support, predicted = is_true.sum(axis=1), is_predicted.sum(axis=1)
    hits = (is_true & is_predicted).sum(axis=1)
    # A class without images gives 0/0, which is to be NaN without a warning.
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = hits / support, hits / predicted
        low, high = wilson_bounds(recall, support, stats.norm.ppf((1 + confidence_level) / 2))
        f1 = 2 * hits / (support + predicted)
    return {
        "class": classes,
        "support": support,
        "recall": recall,
        "recall_low": low,
        "recall_high": high,
        "precision": precision,
        "f1": f1,
    }
