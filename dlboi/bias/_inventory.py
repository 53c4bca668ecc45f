"""Count images, classes and patients, and look at the files, before anything is learnt."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils._param_validation import validate_params

from dlboi.bias._check_groups import check_groups
from dlboi.bias._file_facts import FileFacts, file_facts
from dlboi.bias._group_check import GroupCheck
from dlboi.bias._inventory_tables import inventory_notes, inventory_tables
from dlboi.bias._materials import Materials, materials_of
from dlboi.bias._sample_sizes import effective_images, effective_patients, intraclass_correlation
from dlboi.bias._step_parameters import STEP_CONSTRAINTS


@dataclass(frozen=True, eq=False)
class Inventory:
    """What there is: images, classes, patients and files by part; see :func:`inventory`.

    Attributes
    ----------
    part_names : tuple of (str, str)
        Names of the two parts.
    class_names : list of str
        Names of the classes.
    n_images : ndarray of int of shape (2, n_classes)
        Images by part and class.
    n_patients : ndarray of float of shape (2, n_classes)
        Patients with images of a class; NaN where patients are not known.
    total_patients, effective_patients : ndarray of float of shape (2,)
        Patients by part, and Kish's effective number of them.
    largest_patient : ndarray of float of shape (2,)
        Images of the patient with the most.
    correlation : float
        Of images of one patient within a class, from 0 to 1; NaN where it cannot be told.
    effective_images : ndarray of float of shape (2,)
        Independent images that the images of a part are worth.
    shared_patients : list
        Patients with images in both parts.
    n_shared_images : tuple of (int, int)
        Images of these patients by part.
    files : tuple of FileFacts or None
        Facts of the original files by part; None where no file names are known.
    group_check : GroupCheck or None
        Test of the patient key on the images; None where patients are not known.
    """

    part_names: tuple[str, str]
    class_names: list
    n_images: np.ndarray
    n_patients: np.ndarray
    total_patients: np.ndarray
    effective_patients: np.ndarray
    largest_patient: np.ndarray
    correlation: float
    effective_images: np.ndarray
    shared_patients: list
    n_shared_images: tuple[int, int]
    files: tuple[FileFacts, FileFacts] | None
    group_check: GroupCheck | None

    def __str__(self):
        return "\n\n".join([*self.notes, *(table.to_markdown() for table in self.tables)])

    @property
    def tables(self) -> tuple:
        """Tables of the counts, the files and the patient key."""
        return inventory_tables(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the numbers, in sentences."""
        return inventory_notes(self)


@validate_params(
    {name: STEP_CONSTRAINTS[name] for name in ("train", "test", "origin", "held_out")}
    | {"random_state": STEP_CONSTRAINTS["random_state"]},
    prefer_skip_nested_validation=True,
)
def inventory(train, test=None, *, origin=None, held_out=None, random_state=0) -> Inventory:
    """Count images, classes and patients, and look at the files as they were before resizing.

    Parameters
    ----------
    train : Bunch, (X, y) or (X, y, groups)
        Training images; with `origin`, all images. `groups` name the patients; `filenames` of a
        Bunch name the files.
    test : Bunch, (X, y) or (X, y, groups), default=None
        Test images.
    origin : array-like of shape (n_images,), default=None
        Where each image of `train` comes from (site, scanner, year), in place of `test`.
    held_out : object, default=None
        The origin that plays the test part; may be left out where there are two origins, of which
        the last in sorted order is taken.
    random_state : int, RandomState instance or None, default=0
        Decides the permutations of the test of the patient key.

    Returns
    -------
    inventory : Inventory
        Counts, `tables` and `notes`; printing it shows both.

    Raises
    ------
    ValueError
        Both or neither of `test` and `origin` are given; a set is empty or its parts differ in
        length; images of the two sets differ in shape; the test images have a class that the
        training images do not have; patients are named in one set only.

    See Also
    --------
    check_groups : The test of the patient key.

    Notes
    -----
    Of n images of a patient, not all say something new. Kish's effective number of patients is
    (Σ n)² / Σ n² over patients [1]_: less than there are where few have most of the images. The
    effective number of images is the number of images over the design effect 1 + (m − 1) r, where m
    is the number of images over the effective number of patients and r the correlation of images of
    one patient: the mean intraclass correlation, within classes, of the principal components of
    small images. Errors of a classifier may be correlated more or less than that.

    Only the headers of files are read. Files that are missing or no images are counted and named.

    References
    ----------
    .. [1] Kish, L. (1965). Survey Sampling. Wiley, New York.

    Examples
    --------
    >>> from dlboi.bias import inventory
    >>> from dlboi.datasets import make_chest_phantoms
    >>> train = make_chest_phantoms(80, n_patients=20, image_size=32, random_state=0)
    >>> test = make_chest_phantoms(40, n_patients=10, image_size=32, random_state=1)
    >>> found = inventory(train, test)
    >>> found.n_images.sum(axis=1), found.total_patients
    (array([80, 40]), array([20., 10.]))
    >>> found.shared_patients
    []
    """
    return inventory_of(
        materials_of(train, test, origin=origin, held_out=held_out, random_state=random_state)
    )


def inventory_of(materials: Materials) -> Inventory:
    """Count what there is, as :func:`inventory` describes it.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    Inventory
    """
    cohort = materials.cohort
    parts = (cohort.train, cohort.test)
    is_known = cohort.groups is not None
    correlation, check = np.nan, None
    if is_known:
        correlation = intraclass_correlation(materials.rows, cohort.y, cohort.groups)
        check = check_groups(
            cohort.X,
            cohort.group_names[cohort.groups],
            y=cohort.y,
            parts=np.array(cohort.part_names)[cohort.in_test.astype(int)],
            n_permutations=max(1, materials.settings.n_permutations),
            random_state=materials.seed_of("inventory"),
        )
    shared = cohort.in_both if is_known else np.empty(0, dtype=int)
    return Inventory(
        part_names=cohort.part_names,
        class_names=cohort.class_names,
        n_images=np.array(
            [np.bincount(cohort.y[part], minlength=cohort.n_classes) for part in parts]
        ),
        n_patients=np.array(
            [
                [
                    _n_patients(cohort, part[cohort.y[part] == code])
                    for code in range(cohort.n_classes)
                ]
                for part in parts
            ]
        ),
        total_patients=np.array([_n_patients(cohort, part) for part in parts]),
        effective_patients=_by_part(cohort, effective_patients),
        largest_patient=_by_part(cohort, lambda groups: np.bincount(groups).max()),
        correlation=correlation,
        effective_images=_by_part(cohort, lambda groups: effective_images(groups, correlation)),
        shared_patients=cohort.group_names[shared].tolist() if is_known else [],
        n_shared_images=tuple(
            int(np.count_nonzero(np.isin(cohort.units[part], shared))) for part in parts
        ),
        files=None
        if cohort.filenames is None
        else tuple(file_facts(cohort.filenames[part]) for part in parts),
        group_check=check,
    )


def _n_patients(cohort, index):
    return np.nan if cohort.groups is None else float(len(np.unique(cohort.groups[index])))


def _by_part(cohort, function):
    if cohort.groups is None:
        return np.full(2, np.nan)
    return np.array([float(function(cohort.groups[part])) for part in (cohort.train, cohort.test)])
