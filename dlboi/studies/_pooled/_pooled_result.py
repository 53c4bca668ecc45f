"""What a study of pooled images found."""

from dataclasses import dataclass
from functools import cached_property

from dlboi.exceptions import ModelFileError
from dlboi.reporting import Page, Table
from dlboi.studies._pooled._accuracies import division_table
from dlboi.studies._pooled._divisions import AS_GIVEN
from dlboi.studies._pooled._pooled_page import pooled_page, pooled_table
from dlboi.studies._result._study_result import StudyResult


@dataclass(frozen=True, eq=False, repr=False)
class PooledShuffleResult(StudyResult):
    """Divisions of pooled images and how one classifier fares; see :func:`pooled_shuffle_study`.

    Its levels are the divisions ``"as given"``, ``"pooled, by image"`` and, where patients are
    known, ``"pooled, by patient"``. It is a :class:`StudyResult` without paired differences of
    levels, as these score different images.

    Attributes
    ----------
    names, reference, metric, classes, runs
        As in :class:`StudyResult`; the reference is the given division.
    arrays : list of dict of str to ndarray
        One entry a run, as in :class:`StudyResult`. Histories hold loss and accuracy of the test
        images by origin, ``test_from_train`` and ``test_from_test``, and ``test_accuracy`` of all.
    truth, patients : dict of str to ndarray
        Class and patient of each image of the pool, the given training images first.
    settings, findings
        As in :class:`StudyResult`.
    tables : dict of str to dict of str to ndarray
        The differences between divisions and between origins, with intervals.

    See Also
    --------
    dlboi.model_selection.PooledShuffleSplit : Divides the pool.

    Examples
    --------
    >>> from dlboi import GAPClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import pooled_shuffle_study
    >>> train = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> test = make_chest_phantoms(20, image_size=32, shift=1.0, random_state=1)
    >>> result = pooled_shuffle_study(
    ...     train, test, estimator=GAPClassifier(max_epochs=2), n_repeats=2, verbose=0
    ... )
    >>> result
    <PooledShuffleResult: as given, pooled, by image, pooled, by patient; 6 runs>
    >>> result.table["share_known"][[0, 2]].tolist()
    [0.0, 0.0]
    """

    def __repr__(self):
        return super().__repr__().replace("StudyResult", type(self).__name__, 1)

    @cached_property
    def table(self) -> dict:
        """One row a division.

        ``level``, ``n_runs``; mean accuracy at the epoch that was kept, and the bounds ``..._low``
        and ``..._high`` of its 95 % interval, of ``train``, ``validation``, ``test``, and of the
        test images by origin, ``test_from_train`` and ``test_from_test``; ``share_from_test``, the
        share of the test images that were given as test images, and ``share_known``, that of the
        test images with an image of their patient in training.
        """
        return division_table(self)

    def plot(self, ax=None):
        """Draw the test accuracy of each division by origin of the images, with intervals.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            None makes a figure.

        Returns
        -------
        OriginAccuracyDisplay
        """
        from dlboi.studies._pooled._pooled_figures import draw_origins

        return draw_origins(self, ax)

    def plot_curves(self, axes=None):
        """Draw the accuracy of all sets against the epoch, a panel for each division.

        Parameters
        ----------
        axes : sequence of matplotlib.axes.Axes, default=None
            One for each division. None makes a figure.

        Returns
        -------
        StudyCurvesDisplay

        Raises
        ------
        ValueError
            There is no history: the estimator is not dlboi's.
        """
        from dlboi.studies._pooled._pooled_figures import draw_pooled_curves

        return draw_pooled_curves(self, axes)

    def summary(self) -> Table:
        """Return the table as people read it, with intervals in brackets.

        Returns
        -------
        Table
        """
        return pooled_table(self)

    def to_page(self, title: str = "Training and test images, pooled and shuffled") -> Page:
        """Return a page: what came out, by division and origin, and what it does not say.

        Parameters
        ----------
        title : str, default="Training and test images, pooled and shuffled"
            Its title.

        Returns
        -------
        Page
            ``page.save("pooled.html")`` writes it.
        """
        return pooled_page(self, title)

    @classmethod
    def load(cls, path) -> "PooledShuffleResult":
        """Read a result that `save` has written. Nothing in the file is executed.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        PooledShuffleResult

        Raises
        ------
        MissingPathError
            There is no such file.
        ModelFileError
            The file is damaged, or is of another study.
        """
        result = super().load(path)
        if AS_GIVEN not in result.names:
            raise ModelFileError(
                f"{path} is a study of other levels, {result.names}. Read it with StudyResult.load."
            )
        return result
