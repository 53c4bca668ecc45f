"""Random divisions of training and test images as one pool."""

from collections.abc import Iterator
from numbers import Integral

import numpy as np
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils._param_validation import Interval, validate_parameter_constraints
from sklearn.utils.validation import _num_samples

from dlboi._validation import draw_seed, label_codes
from dlboi.model_selection._choose_part import choose_part
from dlboi.model_selection._class_codes import class_codes
from dlboi.model_selection._patient_table import patient_table


class PooledShuffleSplit(BaseCrossValidator):
    """Pool training and test images, and divide them anew into parts of the same sizes.

    A diagnostic for a test set on which a classifier does worse than in validation. It is no cure:
    see the notes before reading anything into its scores.

    Parameters
    ----------
    n_splits : int, default=10
        Number of divisions.
    origin : array-like of shape (n_samples,)
        Part (folder) of the given division that each image of the pool comes from.
    test_origin : object, default="test"
        The value of `origin` that says test. All other images are training images.
    stratify : bool, default=True
        Whether each part keeps its numbers of images of each class, or only its number of images.
    random_state : int, RandomState instance or None, default=None
        Decides the divisions. An int gives the same divisions at each call of `split`.

    See Also
    --------
    dlboi.model_selection.StratifiedGroupShuffleSplit : Divides training images for validation.

    Notes
    -----
    A gap between validation and test that closes when the images are pooled is no evidence against
    the test images, for three reasons.

    - With m training and n test images, only about n / (m + n) of the new test part are old test
      images: one in six of 1000 and 200. However badly they do, they hardly move the mean. Score
      the new test part by `origin`, as in the example.
    - A classifier that has seen old test images in training has been given what was to be tested:
      whether it does well on images of a kind it has not seen.
    - Without `groups`, images of one patient land on both sides, and recognising the patient pays.
      Compare divisions with and without them [1]_, [2]_.

    Report the given division beside the pooled ones, and keep it as the external check.

    Without `groups`, each part has the sizes of the given division exactly. With them, whole
    patients are moved until no single move brings the numbers of images nearer, as in
    :class:`~dlboi.model_selection.StratifiedGroupShuffleSplit`, also patients who have images in
    both parts of the given division. `groups` are used by default where scikit-learn's metadata
    routing is on.

    References
    ----------
    .. [1] Zech, J. R. et al. (2018). Variable generalization performance of a deep learning model
       to detect pneumonia in chest radiographs. PLOS Medicine 15, e1002683.
    .. [2] Tampu, I. E., Eklund, A. & Haj-Hosseini, N. (2022). Inflation of test accuracy due to
       data leakage in deep learning-based classification of OCT images. Scientific Data 9, 580.

    Examples
    --------
    Test images are shifted, and a sixth of the pool. The gap seems to vanish, but has not:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> from dlboi.model_selection import PooledShuffleSplit
    >>> rng = np.random.default_rng(0)
    >>> y, origin = np.tile([0, 1], 300), np.repeat(["train", "test"], [500, 100])
    >>> X = rng.normal(2 * y + (origin == "test"), 0.4)[:, np.newaxis]
    >>> classifier = LogisticRegression().fit(X[:500], y[:500])
    >>> classifier.score(X[500:], y[500:])
    0.73
    >>> splitter = PooledShuffleSplit(n_splits=100, origin=origin, random_state=0)
    >>> scores = cross_val_score(classifier, X, y, cv=splitter)
    >>> round(float(scores.mean()), 2)
    0.95
    >>> correct = {"train": [], "test": []}
    >>> for train, test in splitter.split(X, y):
    ...     is_correct = classifier.fit(X[train], y[train]).predict(X[test]) == y[test]
    ...     for name in correct:
    ...         correct[name].extend(is_correct[origin[test] == name])
    >>> {name: round(float(np.mean(values)), 2) for name, values in correct.items()}
    {'train': 0.98, 'test': 0.8}
    """

    # Read by scikit-learn's metadata routing.
    __metadata_request__split = {"groups": True}  # noqa: RUF012 - read by its metaclass

    _parameter_constraints: dict = {  # noqa: RUF012 - scikit-learn's way to declare them
        "n_splits": [Interval(Integral, 1, None, closed="left")],
        "origin": ["array-like"],
        "test_origin": "no_validation",
        "stratify": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self, n_splits=10, *, origin, test_origin="test", stratify=True, random_state=None
    ):
        self.n_splits = n_splits
        self.origin = origin
        self.test_origin = test_origin
        self.stratify = stratify
        self.random_state = random_state

    def get_n_splits(self, X=None, y=None, groups=None) -> int:
        """Return the number of divisions.

        Parameters
        ----------
        X, y, groups : object, default=None
            Not used, present for API consistency.

        Returns
        -------
        int
        """
        return self.n_splits

    def split(self, X, y=None, groups=None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Generate indices of the new training and of the new test images, over the pool.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Images, rows or paths of the pool, in the order of `origin`.
        y : array-like of shape (n_samples,), default=None
            Class of each image; may be None with ``stratify=False``.
        groups : array-like of shape (n_samples,), default=None
            Patient (or slide, or case) of each image, who is kept together. None ignores patients.

        Yields
        ------
        train : ndarray of int
            Sorted indices of the new training images.
        test : ndarray of int
            Sorted indices of the new test images.

        Raises
        ------
        ValueError
            A parameter is out of its range, `origin` does not fit `X` or `test_origin`, `y` or
            `groups` lack entries, or a class of both parts has one patient only.
        """
        name = type(self).__name__
        parameters = {key: getattr(self, key) for key in self._parameter_constraints}
        validate_parameter_constraints(self._parameter_constraints, parameters, caller_name=name)
        n_samples = _num_samples(X)
        in_test = self._in_test(n_samples, name)
        classes, codes = None, np.zeros(n_samples, dtype=int)
        if self.stratify:
            way_out = "pass stratify=False where there are no classes."
            classes, codes = class_codes(y, n_samples, name="y", caller=name, way_out=way_out)
        holder = "y" if self.stratify else "X"
        table = patient_table(codes, classes, groups, caller=name, name=holder)
        wanted = np.bincount(codes[in_test], minlength=codes.max() + 1)
        in_train = np.isin(np.arange(len(wanted)), codes[~in_test])
        table.refuse_too_few(2, (wanted > 0) & in_train)
        rng = np.random.default_rng(draw_seed(self.random_state))
        for _ in range(self.n_splits):
            test = choose_part(table, wanted, rng, n_rest=in_train, name="test", size="origin")
            yield table.images_of(~test), table.images_of(test)

    def _in_test(self, n_samples, caller):
        """Return whether each image comes from the test part."""
        origins, codes = label_codes(
            self.origin,
            n_samples,
            name="origin",
            caller=caller,
            content="part",
            way_out="pass training and test images as one X, and the part that each comes from.",
        )
        in_test = (origins == self.test_origin)[codes]
        if in_test.all() or not in_test.any():
            raise ValueError(
                f"The 'origin' parameter of {caller} must hold {self.test_origin!r} for some "
                f"images and not for all. Got it for {in_test.sum()} of {n_samples} instead: say "
                "with 'test_origin' what the test part is called."
            )
        return in_test
