"""Compare several networks on one division of the images."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.utils import Bunch

from dlboi._validation import draw_seed
from dlboi.classifiers import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.metrics import proportion_interval
from dlboi.reporting import Table
from dlboi.studies._networks._cohort import Cohort, divide_cohort
from dlboi.studies._networks._comparison_page import comparison_page
from dlboi.studies._networks._comparison_tables import comparison_table
from dlboi.studies._networks._folder import check_folder, write_folder
from dlboi.studies._networks._overlap import warn_of_overlap
from dlboi.studies._time_estimate import estimate_seconds


@dataclass(frozen=True)
class NetworkComparison:
    """Classifiers fitted on the same images, and how they fared.

    Attributes
    ----------
    cohort : Cohort
        The training, validation and test images.
    classifiers : dict of str to ImageClassifier
        The classifiers, fitted to the names of the classes.
    results : dict of ndarray of shape (n_classifiers,)
        One entry a classifier of ``network``, ``n_parameters``, ``best_epoch``,
        ``train_accuracy``, and of ``validation`` and ``test`` accuracy with the bounds of their
        95 % intervals, ``..._low`` and ``..._high`` (over patients where these are known), and
        ``seconds`` of training.
    seed : int
        Seed of the division, of the classifiers without a `random_state`, and of the images that
        the page shows.
    settings : dict of str to object
        How the images were divided.
    """

    cohort: Cohort
    classifiers: dict
    results: dict
    seed: int
    settings: dict

    @property
    def best(self) -> str:
        """Name of the classifier with the highest validation accuracy, the first of equals."""
        return str(self.results["network"][np.argmax(self.results["validation_accuracy"])])

    def to_markdown(self) -> str:
        """Return the results as a table in Markdown."""
        return comparison_table(self).to_markdown()

    def save(
        self, folder, *, title: str = "Comparison of networks", settings: Mapping | None = None
    ) -> Path:
        """Write a folder with a page, the table, the figures and the fitted classifiers.

        Parameters
        ----------
        folder : str or path-like
            Folder to write. An earlier comparison there is replaced; any other folder that is
            not empty is refused.
        title : str
            Title of the page.
        settings : mapping of str to object, default=None
            What else the page is to say of how the results came about, such as the folder of the
            images; shown at its end, before the settings of the comparison.

        Returns
        -------
        pathlib.Path
            The page, ``index.html`` in the folder.

        Raises
        ------
        FileExistsError
            The folder holds something else.
        OSError
            The folder cannot be written.
        """
        folder = Path(folder)
        check_folder(folder)
        return write_folder(
            folder,
            page=comparison_page(self, title, settings or {}),
            texts={
                "results.csv": Table(self.results, "").to_csv(),
                "results.md": self.to_markdown(),
            },
            classifiers=self.classifiers,
        )


def compare_networks(
    train: Bunch,
    test: Bunch | None = None,
    *,
    estimators: Mapping | None = None,
    validation_fraction: float = 0.2,
    test_fraction: float = 0.2,
    random_state=0,
    on_estimate=None,
) -> NetworkComparison:
    """Fit several classifiers on one division of the images and compare them.

    The epoch is chosen on the validation images, and so is the best classifier; the test images
    are scored once, at the end.

    Parameters
    ----------
    train : Bunch
        Images, as the loaders of :mod:`dlboi.datasets` return them.
    test : Bunch, default=None
        Test images; None sets `test_fraction` of `train` aside.
    estimators : dict of str to ImageClassifier, default=None
        Classifiers by name; None takes ANN, CNN and GAP with their default parameters.
    validation_fraction : float, default=0.2
        Share of the training images to validate on: stratified, and by patient where ``groups``
        are known.
    test_fraction : float, default=0.2
        Share of the images to test on, where `test` is None.
    random_state : int, RandomState instance or None, default=0
        Decides the division, and every classifier whose own `random_state` is None.
    on_estimate : callable, default=None
        Called before the first fit with an estimate of the seconds that all fits will take.

    Returns
    -------
    NetworkComparison

    Raises
    ------
    ValueError
        There are too few images or patients to divide, or `test` has other classes.

    Warns
    -----
    DlboiWarning
        A patient, or an image byte for byte, is in the test images and in the others.

    Examples
    --------
    >>> from dlboi import ANNClassifier, GAPClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import compare_networks
    >>> phantoms = make_chest_phantoms(80, image_size=32, random_state=0)
    >>> two = {"ANN": ANNClassifier(max_epochs=2), "GAP": GAPClassifier(max_epochs=2)}
    >>> comparison = compare_networks(phantoms, estimators=two)
    >>> comparison.results["network"].tolist()
    ['ANN', 'GAP']
    """
    seed = draw_seed(random_state)
    cohort = divide_cohort(
        train,
        test,
        validation_fraction=validation_fraction,
        test_fraction=test_fraction,
        seed=seed,
    )
    warn_of_overlap(cohort)
    if estimators is None:
        estimators = {"ANN": ANNClassifier(), "CNN": CNNClassifier(), "GAP": GAPClassifier()}
    classifiers = {name: _seeded(estimator, seed) for name, estimator in estimators.items()}
    if on_estimate is not None:
        on_estimate(sum(_estimate(classifier, cohort) for classifier in classifiers.values()))
    for classifier in classifiers.values():
        classifier.fit(
            cohort.training.images,
            cohort.training.target,
            validation_data=(cohort.validation.images, cohort.validation.target),
        )
    rows = [_measure(name, classifier, cohort) for name, classifier in classifiers.items()]
    results = {column: np.array([row[column] for row in rows]) for column in rows[0]}
    settings = {
        "random_state": str(random_state),
        "seed drawn from it": str(seed),
        "validation_fraction": validation_fraction,
        "test_fraction": test_fraction if test is None else "test images of their own",
        "division": "by image" if train.groups is None else "by patient",
    }
    return NetworkComparison(cohort, classifiers, results, seed, settings)


def _seeded(estimator, seed):
    estimator = clone(estimator)
    return estimator.set_params(random_state=seed) if estimator.random_state is None else estimator


def _estimate(classifier, cohort):
    return estimate_seconds(
        classifier,
        cohort.training.images,
        cohort.training.target,
        n_validation=len(cohort.validation.target),
        n_test=len(cohort.test.target),
    )


def _measure(name, classifier, cohort):
    best = classifier.best_epoch_ - 1
    row = {
        "network": name,
        "n_parameters": classifier.n_parameters_,
        "best_epoch": classifier.best_epoch_,
        "train_accuracy": classifier.history_["train_accuracy"][best],
    }
    for part_name in ("validation", "test"):
        part = getattr(cohort, part_name)
        correct = classifier.predict(part.images) == part.target
        accuracy, low, high = proportion_interval(correct, groups=part.groups)
        row |= {
            f"{part_name}_accuracy": accuracy,
            f"{part_name}_low": low,
            f"{part_name}_high": high,
        }
    row["seconds"] = classifier.history_["train_seconds"].sum()
    return row
