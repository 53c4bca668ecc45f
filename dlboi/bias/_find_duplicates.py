"""Images that are in a set more than once."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from dlboi._validation import draw_seed, group_codes
from dlboi.bias._duplicates._clusters import Clusters
from dlboi.bias._duplicates._reader import ImageReader
from dlboi.bias._duplicates._run import run_search
from dlboi.bias._duplicates._tables import count_table, pair_table, recall_table
from dlboi.bias._duplicates_result import Duplicates


@validate_params(
    {
        "X": "no_validation",  # checked with its content
        "y": ["array-like", None],
        "groups": ["array-like", None],
        "in_test": ["array-like", None],
        "filenames": ["array-like", None],
        "threshold": [Interval(Real, 0, 1, closed="neither"), StrOptions({"auto"})],
        "n_planted": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    },
    prefer_skip_nested_validation=True,
)
def find_duplicates(
    X,
    *,
    y=None,
    groups=None,
    in_test=None,
    filenames=None,
    threshold: float | str = "auto",
    n_planted: int = 100,
    random_state: int | np.random.RandomState | None = 0,
    n_jobs: int | None = None,
) -> Duplicates:
    """Find images that are in a set more than once, also cropped, flipped or saved anew.

    Parameters
    ----------
    X : array-like
        Images in any layout that the classifiers take, or paths of files, which may differ in
        size.
    y : array-like of shape (n_images,), default=None
        Classes.
    groups : array-like of shape (n_images,), default=None
        Patients (or slides). The threshold is calibrated on pairs of different patients.
    in_test : array-like of bool of shape (n_images,), default=None
        Which images are of the test part.
    filenames : array-like of str of shape (n_images,), default=None
        Names of the images in the tables. None: the paths, or the indices.
    threshold : float or "auto", default="auto"
        Least correlation of the fine detail of near duplicates, between 0 and 1. "auto": see
        Notes.
    n_planted : int, default=100
        Number of images of which changed copies are made to measure the recall; 0 measures none.
    random_state : int, RandomState instance or None, default=0
        Draws the pairs of the calibration, and the images and changes that are planted.
    n_jobs : int, default=None
        Threads that decode files; None is one, -1 one a processor.

    Returns
    -------
    Duplicates

    Raises
    ------
    ValueError
        `X` is no set of images, or holds NaN or infinity; another parameter has not one entry an
        image; `in_test` is not boolean.
    ImageFileError
        A file cannot be decoded; the message names it.
    MissingPathError
        A file is not there.

    Notes
    -----
    1. *Exact* duplicates have equal pixels (SHA-256).
    2. All other images are compared, each with each, by the normalised cross-correlation of grey
       thumbnails of 32×32 pixels, in the eight flips and rotations, whole and without 2 % at each
       side. Candidates are the pairs above the level that two pairs of different patients an image
       reach (three thousand pairs, in small sets), or above what 99.9 % of planted copies of every
       kind reach, if that is lower; but at most five false candidates an image are expected.
    3. Candidates are aligned by scale and shift with Gauss-Newton steps [1]_, at 32, 64 and up to
       128 pixels, and given up where coarse detail (up to 4 pixels, then 2) correlates less than
       0.8. A candidate is a *near* duplicate where fine detail (a difference of Gaussians of 1 and
       2 pixels) correlates at least `threshold`. Mean and contrast do not matter.
    4. The "auto" threshold lies halfway, in Fisher's z, between two levels. The lower one is that
       at which 0.01 false pairs are expected in the whole set: the normal tail of z, from the
       median and the median absolute deviation of 300 candidates of different patients, within 0.7
       and 0.9. The upper one is what 99 % of planted copies reach; where it is lower, or none are
       planted, the first level is the threshold. Without patients the threshold is 0.9. It is 0.99
       for images of fewer than 64 pixels a side, where different patients reach what copies do;
       about half of the crops are then missed.
    5. Copies that measure the recall are of other images than those that set the thresholds.

    Chest X-rays are so alike as thumbnails that no threshold on these, nor on the perceptual hashes
    made of them, tells copies from other patients. Colour is not looked at; rotations by other
    angles, and crops of more than 2 %, are found in part or not at all.

    References
    ----------
    .. [1] Baker, S. and Matthews, I. (2004). Lucas-Kanade 20 years on: a unifying framework.
       International Journal of Computer Vision 56, 221-255.

    Examples
    --------
    >>> from dlboi.bias import find_duplicates
    >>> from dlboi.datasets import make_chest_phantoms
    >>> chest = make_chest_phantoms(60, duplicates=0.05, random_state=0)
    >>> found = find_duplicates(chest.data, y=chest.target, groups=chest.groups, n_planted=20)
    >>> len(found.pairs), set(found.kinds.tolist()), found.cross_patient.all()
    (3, {'near'}, np.True_)
    >>> found.recall["all"]
    1.0
    """
    reader = ImageReader(X, n_jobs)
    n = len(reader)
    known = groups is not None
    codes = group_codes(groups, n, caller="find_duplicates")
    labels = {
        "splits": _checked(in_test, n, "in_test"),
        "classes": _checked(y, n, "y"),
        "patients": codes if known else None,
    }
    names = _checked(filenames, n, "filenames")
    if names is None:
        names = range(n) if reader.paths is None else reader.paths
    search = run_search(
        reader,
        codes if known else None,
        threshold=None if threshold == "auto" else float(threshold),
        n_planted=n_planted,
        rng=np.random.default_rng(draw_seed(random_state)),
    )
    pairs, kinds = search.pairs, search.kinds
    crossings = {
        name: None if label is None else label[pairs[:, 0]] != label[pairs[:, 1]]
        for name, label in labels.items()
    }
    tables = [
        count_table(kinds, crossings),
        pair_table(pairs, kinds, search.similarities, search.symmetries, crossings, names),
    ]
    recall = {}
    if search.found_copies is not None:
        tables.append(recall_table(search.copy_kinds, search.found_copies))
        recall = dict(
            zip(search.copy_kinds, search.found_copies.mean(axis=0).tolist(), strict=True)
        )
        recall["all"] = float(search.found_copies.mean())
    return Duplicates(
        pairs=pairs,
        kinds=kinds,
        similarities=search.similarities,
        symmetries=search.symmetries,
        cross_split=crossings["splits"],
        cross_class=crossings["classes"],
        cross_patient=crossings["patients"],
        threshold=search.threshold,
        calibration=search.calibration,
        candidate_threshold=search.candidate_threshold,
        n_compared=search.n_compared,
        n_candidates=search.n_candidates,
        n_blank=search.n_blank,
        joined_groups=_joined(codes, pairs),
        recall=recall,
        tables=tuple(tables),
        notes=search.notes,
    )


def _checked(labels, n, name):
    if labels is None:
        return None
    if np.shape(labels) != (n,):
        raise ValueError(
            f"The '{name}' parameter of find_duplicates must have one entry for each of the {n} "
            f"images. Got shape {np.shape(labels)} instead."
        )
    labels = np.asarray(labels)
    if name == "in_test" and labels.dtype.kind != "b":
        raise ValueError(
            "The 'in_test' parameter of find_duplicates must be boolean, True for images of the "
            f"test part. Got type {labels.dtype} instead."
        )
    return labels


def _joined(codes, pairs):
    clusters = Clusters(codes.max() + 1)
    for first, second in codes[pairs].tolist():
        clusters.join(first, second)
    return clusters.codes()[codes]
