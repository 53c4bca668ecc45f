"""How often a test set was scored on this machine: the more often, the less it tests."""

import hashlib
import threading
import warnings
from collections import Counter
from typing import NamedTuple

import joblib
import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import _num_samples

from dlboi.evaluation._image_digest import image_digest
from dlboi.evaluation._scoring_counts import add_count, counts_folder, known_counts, user_name
from dlboi.exceptions import DlboiWarning
from dlboi.plotting._labels import labels_of

_guard = threading.Lock()
_unwritten: Counter = Counter()  # scorings that could not be written to the file


class Scorings(NamedTuple):
    """How often a set was scored.

    Attributes
    ----------
    n_times : int
        By all users of the file.
    users : dict of str to int
        By each of them.
    problem : str
        Why scorings may be missing: the file was damaged, or could not be written. Empty if not.
    """

    n_times: int
    users: dict
    problem: str

    @property
    def sentences(self) -> str:
        """What a report says of it."""
        times = "once" if self.n_times == 1 else f"{self.n_times} times"
        who = ""
        if len(self.users) > 1:
            who = " (" + ", ".join(f"{name} {n}" for name, n in sorted(self.users.items())) + ")"
        unsure = ""
        if self.problem:
            unsure = f" Older scorings may be missing: {self.problem}."
        return (
            f"This set has now been scored {times} on this machine{who}; a choice made after "
            f"looking at it is no longer tested by it.{unsure}"
        )


def times_scored(X: ArrayLike, y: ArrayLike) -> int:
    """Say how often a test set was scored on this machine, without scoring it.

    Parameters
    ----------
    X : array-like
        Images or paths of files.

    y : array-like of shape (n_samples,)
        Labels.

    Returns
    -------
    n_times : int
        How often :func:`evaluate` was given the set.

    Raises
    ------
    ValueError
        Where there is no image, or `y` has not one label an image.

    See Also
    --------
    evaluate : Scores a set, and counts it.

    Notes
    -----
    A set is known by the bytes of its images, or of its files where paths are given, and by its
    labels, in any order. The same images at another size, as another type or with other labels are
    another set to it, and so is a part of the set. The count is kept in the file
    ``scored_sets/counts.json`` of the folder that the environment variable ``DLBOI_CACHE`` names,
    else in dlboi's part of the user's cache. It holds hashes, names of users and numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.evaluation import times_scored
    >>> times_scored(np.arange(12).reshape(2, 6), ["no one", "has seen"])
    0
    """
    digest = set_digest(X, labels_of(range(_num_samples(X)), y, "y", "times_scored"))
    with _guard:
        return sum(known_counts(digest).values()) + _unwritten[digest]


def set_digest(X, y) -> str:
    """Return a hash of images and labels in any order: of the bytes of files where X names them."""
    labels = np.asarray(y).tolist()
    pairs = sorted(
        image + repr(label).encode() for image, label in zip(_digests(X), labels, strict=True)
    )
    return hashlib.sha256(b"\n".join(pairs)).hexdigest()[:32]


def record_scoring(digest: str, n: int = 1) -> Scorings:
    """Count that a set was scored.

    Parameters
    ----------
    digest : str
        What :func:`set_digest` returns.
    n : int, default=1
        How often.

    Returns
    -------
    Scorings

    Warns
    -----
    DlboiWarning
        The file was damaged, and the count begins anew, or it cannot be written, and the count
        holds for this process.
    """
    with _guard:
        _unwritten[digest] += n
        try:
            users, problem = add_count(counts_folder(), digest, _unwritten[digest])
            del _unwritten[digest]
        except (OSError, NotImplementedError) as error:  # the latter: a disk without locks
            users, name = known_counts(digest), user_name()
            users[name] = users.get(name, 0) + _unwritten[digest]
            problem = (
                f"the record cannot be written ({error}), and this process counts for itself; name "
                "a folder that can be written with the environment variable DLBOI_CACHE"
            )
    if problem:
        text = f"How often test sets were scored is not sure: {problem}."
        warnings.warn(text, DlboiWarning, stacklevel=3)
    return Scorings(sum(users.values()), users, problem)


def _digests(X):
    if not hasattr(X, "__len__") or hasattr(X, "tocsr"):  # sparse matrices: as a whole
        return [joblib.hash(X).encode()] * X.shape[0]
    if not isinstance(X, (list, tuple)):
        X = np.asarray(X)
    return [image_digest(image) for image in X]
