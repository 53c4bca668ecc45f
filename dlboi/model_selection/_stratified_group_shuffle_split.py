"""Random divisions that are stratified, and keep the images of a patient together."""

from collections.abc import Iterator
from numbers import Integral

import numpy as np
from sklearn.model_selection import BaseShuffleSplit
from sklearn.utils._param_validation import Interval, validate_parameter_constraints
from sklearn.utils.validation import _num_samples

from dlboi._validation import draw_seed
from dlboi.model_selection._choose_part import choose_part
from dlboi.model_selection._class_codes import class_codes
from dlboi.model_selection._patient_table import patient_table
from dlboi.model_selection._shares import SIZE_CONSTRAINTS, share

#: Shares that add up to 1 up to this leave nothing over.
_ROUNDING = 1e-9


class StratifiedGroupShuffleSplit(BaseShuffleSplit):
    """Stratified random divisions of whole patients, of any size.

    Each division draws patients for the test part so that its numbers of images are as near as
    possible to the wanted share of each class. No patient is on both sides.

    scikit-learn's ``StratifiedShuffleSplit`` tears patients apart, its ``GroupShuffleSplit``
    ignores the classes and counts patients, not images, and its ``StratifiedGroupKFold`` is tied
    to sizes of 1/k.

    Parameters
    ----------
    n_splits : int, default=10
        Number of divisions.
    test_size : float or int, default=None
        Size of the test part: a share of the images of each class, between 0 and 1, or a number of
        images. None takes what `train_size` leaves, or 0.1 if that is None too.
    train_size : float or int, default=None
        Size of the training part, likewise. None takes what `test_size` leaves.
    random_state : int, RandomState instance or None, default=None
        Decides the divisions. An int gives the same divisions at each call of `split`.

    See Also
    --------
    dlboi.model_selection.group_train_val_test_split : Divides arrays once, into three parts.
    dlboi.training.validation_split : The division that the classifiers make in ``fit``.

    Notes
    -----
    Patients are visited in a random order, and one joins (or leaves) the part if that makes the
    sum over the classes of (got - wanted)² / wanted smaller, until no single move does. Then, where
    a class has no patient in one of the parts, the one moves who disturbs the sum least: each part
    has images of each class. Where each patient has images of one class only, the numbers of a
    class are off by half the images of its largest patient at most, unless a patient was moved so.

    All patients are about as likely to be drawn, except among few (tens): there, those with few
    images fill the gaps and are drawn more often.

    Like other random divisions, the test parts overlap: intervals that take their scores for
    independent are too narrow (:func:`~dlboi.metrics.corrected_resampled_interval` is for that).

    `groups` are requested by default where scikit-learn's metadata routing is on.

    References
    ----------
    .. [1] Sechidis, K., Tsoumakas, G. & Vlahavas, I. (2011). On the stratification of multi-label
       data. ECML PKDD 2011, 145-158. The same aim for images with several labels.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.model_selection import StratifiedGroupShuffleSplit
    >>> y = np.repeat(["normal", "pneumonia"], [20, 60])
    >>> patients = np.arange(80) // 4
    >>> splitter = StratifiedGroupShuffleSplit(n_splits=3, test_size=0.2, random_state=0)
    >>> for train, test in splitter.split(y, y, groups=patients):
    ...     shared = set(patients[train]) & set(patients[test])
    ...     print(np.unique(y[test], return_counts=True)[1], shared)
    [ 4 12] set()
    [ 4 12] set()
    [ 4 12] set()
    """

    # Read by scikit-learn's metadata routing.
    __metadata_request__split = {"groups": True}  # noqa: RUF012 - read by its metaclass

    _parameter_constraints: dict = {  # noqa: RUF012 - scikit-learn's way to declare them
        "n_splits": [Interval(Integral, 1, None, closed="left")],
        "test_size": [*SIZE_CONSTRAINTS, None],
        "train_size": [*SIZE_CONSTRAINTS, None],
        "random_state": ["random_state"],
    }

    def __init__(self, n_splits=10, *, test_size=None, train_size=None, random_state=None):
        super().__init__(
            n_splits, test_size=test_size, train_size=train_size, random_state=random_state
        )

    def split(self, X, y=None, groups=None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Generate indices of the training and of the test images.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Images, rows or paths, of which only the number counts.
        y : array-like of shape (n_samples,)
            Class of each image.
        groups : array-like of shape (n_samples,)
            Patient (or slide, or case) of each image.

        Yields
        ------
        train : ndarray of int
            Sorted indices of the training images.
        test : ndarray of int
            Sorted indices of the test images.

        Raises
        ------
        ValueError
            A parameter is out of its range, `y` or `groups` is missing, or the patients do not
            suffice: two for each class are needed, and sizes that whole patients can have.
        """
        name = type(self).__name__
        parameters = {key: getattr(self, key) for key in self._parameter_constraints}
        validate_parameter_constraints(self._parameter_constraints, parameters, caller_name=name)
        table = self._count(y, groups, _num_samples(X), name)
        test_share, train_share = self._shares(len(table.codes), name)
        rng = np.random.default_rng(draw_seed(self.random_state))
        for _ in range(self.n_splits):
            test, train = self._choose(table, test_share, train_share, rng)
            yield table.images_of(train), table.images_of(test)

    def _count(self, y, groups, n_samples, caller):
        if groups is None:
            raise ValueError(
                f"The 'groups' parameter of {caller} must hold the patient of each image. Got None "
                "instead: pass groups on, or use StratifiedShuffleSplit where patients are not "
                "known."
            )
        way_out = "use GroupShuffleSplit where there are no classes."
        classes, codes = class_codes(y, n_samples, name="y", caller=caller, way_out=way_out)
        table = patient_table(codes, classes, groups, caller=caller, name="y")
        table.refuse_too_few(2)
        return table

    def _shares(self, n_samples, caller):
        """Return the shares of the test and of the training part, None for all that is left."""
        test, train = (
            None if size is None else share(size, n_samples, name=name, caller=caller)
            for name, size in (("test_size", self.test_size), ("train_size", self.train_size))
        )
        if train is None:
            return (0.1 if test is None else test), None
        if test is None:
            return 1 - train, None
        if test + train > 1 + _ROUNDING:
            raise ValueError(
                f"The 'test_size' and 'train_size' parameters of {caller} must not ask for more "
                f"than all {n_samples} images. Got {self.test_size} and {self.train_size} instead: "
                "lower one of them."
            )
        return test, (train if test + train < 1 - _ROUNDING else None)

    def _choose(self, table, test_share, train_share, rng):
        totals = table.counts.sum(axis=0)
        size = "train_size" if self.test_size is None and self.train_size else "test_size"
        test = choose_part(table, test_share * totals, rng, name="test", size=size)
        if train_share is None:
            return test, ~test
        wanted = train_share * totals
        training = {"among": ~test, "n_rest": 0, "name": "training", "size": "train_size"}
        return test, choose_part(table, wanted, rng, **training)
