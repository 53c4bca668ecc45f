"""Test on the images whether groups are patients."""

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from dlboi._validation import draw_seed, label_codes, plain
from dlboi.bias._group_check import GroupCheck
from dlboi.bias._group_comparisons import across_parts, of_means, same_part, sampled
from dlboi.bias._likeness import Comparison, Likeness, likeness
from dlboi.bias._look_alikes import look_alikes
from dlboi.bias._similarity import similarity_blocks

#: What the parameters say of an image, for messages.
_CONTENT = {"groups": "patient", "y": "class", "parts": "part", "within": "place"}

_NOTHING = Likeness(np.nan, np.nan, np.nan, np.nan, 0)


@validate_params(
    {
        "X": ["array-like"],
        "groups": ["array-like"],
        "y": ["array-like", None],
        "parts": ["array-like", None],
        "within": ["array-like", None],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def check_groups(
    X: ArrayLike,
    groups: ArrayLike,
    *,
    y: ArrayLike | None = None,
    parts: ArrayLike | None = None,
    within: ArrayLike | None = None,
    n_permutations: int = 999,
    random_state: int | np.random.RandomState | None = 0,
) -> GroupCheck:
    """Test on the images whether groups are patients.

    Images of one patient are more alike than images of different ones, class by class. A key that
    joins different patients shows less of that than it should and gives false alarms of leakage; a
    key that divides a patient hides leakage.

    Parameters
    ----------
    X : array-like of shape (n_images, ...)
        Images, paths of files, or rows of features.

    groups : array-like of shape (n_images,)
        The id to be tested: patient, case, animal.

    y : array-like of shape (n_images,), default=None
        Class of each image. Without it, that a patient's images are of one class would pass for
        likeness.

    parts : array-like of shape (n_images,), default=None
        Part of each image, such as "train" and "test". Images are compared within parts; ids that
        occur in several are tested across them.

    within : array-like of shape (n_images,), default=None
        Nested ids, such as slides within patients, or a finer key to hold against `groups`.

    n_permutations : int, default=999
        Permutations of each test.

    random_state : int, RandomState instance or None, default=0
        Decides the permutations, and which images are compared where there are very many.

    Returns
    -------
    check : GroupCheck
        `verdict`, `alike` and further probabilities with intervals, ids that are odd, `sentences`
        and `tables`; printing it shows the sentences.

    Raises
    ------
    ValueError
        Where `groups`, `y`, `parts` or `within` do not have one entry an image, or an entry is
        missing.

    See Also
    --------
    dlboi.datasets.infer_groups : Proposes groups from file names.
    inventory : Counts images, classes and patients.

    Notes
    -----
    The similarity of two images is the mean of three correlations: of their thumbnails of 32×32
    pixels, of up to 50 whitened principal components of these, and of
    :func:`image_statistics`, each centred by its mean over the class and part. For each image, the
    share of images of other ids that are less similar to it than one of its own id is the area
    under a ROC curve; it is averaged over the images of an id and over ids. The interval is
    Student's t over ids, the p-value that of ids permuted within class and part [1]_. Ids across
    parts, and nested ids of one id, are compared by the mean similarity of their images, and
    permuted as wholes. Of a class and part at most 1500 images are compared, of an id there at most
    20.

    That images of one id are alike does not prove that the id is a patient: those of one session or
    scanner are, too. That nothing is found with few ids means little; the interval says how little.

    References
    ----------
    .. [1] Phipson, B., and Smyth, G. K. (2010). Permutation p-values should never be zero.
       Statistical Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    >>> from dlboi.bias import check_groups
    >>> from dlboi.datasets import make_chest_phantoms
    >>> images = make_chest_phantoms(120, n_patients=30, image_size=32, random_state=0)
    >>> check = check_groups(images.data, images.groups, y=images.target)
    >>> check.verdict, check.alike.n_ids
    ('supported', 30)
    """
    X = np.asarray(X)
    groups = np.asarray(groups)
    ids = _codes(groups, "groups", len(X))
    y = _codes(y, "y", len(X))
    parts = _codes(parts, "parts", len(X))
    nested = None if within is None else _codes(within, "within", len(X))
    rng = np.random.default_rng(draw_seed(random_state))
    strata = y * (parts.max() + 1) + parts
    index = sampled(strata, ids, rng)
    blocks = similarity_blocks(X[index], seed=int(rng.integers(2**31)))
    comparisons = same_part(blocks, strata[index], ids[index])
    alike, by_id = likeness(comparisons, n_permutations, rng)
    across, _ = likeness(
        across_parts(blocks, y[index], parts[index], ids[index]), n_permutations, rng
    )
    alike_within, between, spanning = _NOTHING, _NOTHING, []
    if nested is not None:
        pairs, pair_codes = np.unique(np.column_stack([ids, nested]), axis=0, return_inverse=True)
        pair_codes = pair_codes.ravel()
        spanning = _spanning(nested, ids, np.asarray(within))
        fine = same_part(blocks, strata[index], pair_codes[index])
        alike_within, _ = likeness(fine, n_permutations, rng)
        means = of_means(comparisons, [found.row_ids for found in fine], pairs[:, 0])
        between, _ = likeness(means, n_permutations, rng)
    names, first, sizes = np.unique(ids, return_index=True, return_counts=True)
    names = groups[first]
    order = sorted(by_id, key=by_id.get)
    return GroupCheck(
        n_images=len(X),
        n_groups=len(names),
        n_repeated=int(np.count_nonzero(sizes > 1)),
        alike=alike,
        across=across,
        alike_within=alike_within,
        between=between,
        spanning_classes=_spanning(ids, y, groups),
        spanning_parts=_spanning(ids, parts, groups),
        spanning_groups=spanning,
        unlike=plain(names[[code for code in order if by_id[code] < 0.5]]),
        look_alikes=[
            (*plain(names[list(pair)]), found)
            for pair, found in look_alikes(_of_repeated(comparisons, len(names)))
        ],
        by_id={
            "id": plain(names[order]),
            "images": sizes[order].tolist(),
            "likeness": [by_id[code] for code in order],
        },
    )


def _codes(labels, name, n_images):
    if labels is None:
        return np.zeros(n_images, dtype=np.int64)
    way_out = "name an image that is like no other by a label of its own, or leave it out."
    about = {"name": name, "caller": "check_groups", "content": _CONTENT[name]}
    return label_codes(labels, n_images, way_out=way_out, **about)[1]


def _spanning(ids, places, names):
    """Names of the ids that occur in several places."""
    pairs = np.unique(np.column_stack([ids, places]), axis=0)
    codes, n_places = np.unique(pairs[:, 0], return_counts=True)
    first = np.unique(ids, return_index=True)[1]
    return plain(names[first][codes[n_places > 1]])


def _of_repeated(comparisons, n_ids):
    """Compare the ids that have two images or more."""
    found = []
    for comparison in comparisons:
        kept = np.flatnonzero(np.bincount(comparison.row_ids)[comparison.row_ids] > 1)
        ids = comparison.row_ids[kept]
        chosen = Comparison(comparison.similarity[np.ix_(kept, kept)], ids, ids, is_square=True)
        found += of_means([chosen], [ids], np.arange(n_ids))
    return found
