"""Features of images, computed once and kept by content."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from dlboi.exceptions import CacheWarning
from dlboi.training._feature_cache_folder import cache_folder, default_max_bytes
from dlboi.training._feature_cache_memory import process_memory
from dlboi.training._feature_cache_shards import shard_folder


class FeatureCache:
    """Rows of features by key: what is missing is computed once, by one process.

    Parameters
    ----------
    memory : "auto", str, path-like or None, default="auto"
        Where the rows are kept. ``"auto"``: in a folder of the user's cache, or of the one that the
        environment variable ``DLBOI_CACHE`` names. A path: in that folder. None: in this process,
        shared by all that runs in it.
    max_bytes : int or None, default=None
        Size that the rows may take. What was unused longest goes first. None: what the environment
        variable ``DLBOI_CACHE_BYTES`` says, else 2 GiB.

    Attributes
    ----------
    folder : Path or None
        Where the rows are; None where they are in this process only.

    Notes
    -----
    A folder holds shards: files that are written under a temporary name, forced to the disk,
    renamed, and never changed. Each has a checksum of its keys and one of its rows; a shard that
    does not agree with them is computed again. One lock of the folder is held from looking up
    until what was missing is written, so that two processes that need the same row compute it
    once; rows that are there are read without it. A killed process leaves a lock that the system
    takes back and a temporary file that the next writer deletes.

    Where the folder cannot be written, there is a :class:`CacheWarning`, and the rows are kept in
    this process.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.training._feature_cache import FeatureCache
    >>> cache = FeatureCache(memory=None)
    >>> images = np.array([[1.0, 3.0], [5.0, 7.0], [1.0, 3.0]])
    >>> cache.fetch(["0a", "0b", "0a"], lambda indices: images[indices] * 2)
    array([[ 2.,  6.],
           [10., 14.],
           [ 2.,  6.]], dtype=float32)
    """

    def __init__(self, memory="auto", max_bytes: int | None = None):
        self.folder = cache_folder(memory)
        self.max_bytes = default_max_bytes() if max_bytes is None else max_bytes

    def fetch(self, keys: Sequence[str], compute: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the row of each key.

        Parameters
        ----------
        keys : sequence of str
            Hexadecimal hashes of all that a row depends on. Equal keys have equal rows.
        compute : callable
            ``compute(indices)`` returns the rows of ``keys[indices]`` (n_indices, n_features). It
            is called once, with the first occurrences of the distinct keys that are missing, or
            not at all.

        Returns
        -------
        ndarray of shape (n_keys, n_features), float32
            A new array.

        Raises
        ------
        ValueError
            `compute` returned something else than one row an index. Nothing is kept then.
        """
        places: dict[str, int] = {}
        inverse = np.fromiter(
            (places.setdefault(key, len(places)) for key in keys), dtype=np.intp, count=len(keys)
        )
        distinct = list(places)
        first = np.empty(len(distinct), dtype=np.intp)
        first[inverse[::-1]] = np.arange(len(keys))[::-1]  # of equal places the last one stays
        rows = self._rows(distinct, first, compute)
        return rows if len(distinct) == len(keys) else rows[inverse]

    def _rows(self, keys, first, compute):
        result = _Rows(len(keys))
        memory = process_memory()
        store = memory if self.folder is None else shard_folder(self.folder)
        self._look_up(keys, result, store, memory)
        if result.missing.size == 0:
            return result.values
        with store.exclusive() as problem:
            # What was missing may have come while this process waited.
            self._look_up(keys, result, store, memory)
            missing = result.missing
            if missing.size == 0:
                return result.values
            computed = _checked(compute(first[missing]), missing.size)
            if not result.put(missing, computed):
                # Rows of another width were kept under such keys: none of them can be trusted.
                result = _Rows(len(keys))
                missing = result.missing
                result.put(missing, _checked(compute(first), missing.size))
            self._keep([keys[i] for i in missing], result.values[missing], store, problem)
        return result.values

    def _look_up(self, keys, result, *stores):
        for store in dict.fromkeys(stores):
            missing = result.missing
            if missing.size:
                wanted = [keys[i] for i in missing] if missing.size < len(keys) else keys
                store.look_up(
                    wanted, lambda at, rows, missing=missing: result.put(missing[at], rows)
                )

    def _keep(self, keys, rows, store, problem):
        if rows.nbytes > self.max_bytes:
            warnings.warn(
                f"The features of {len(keys)} images take {rows.nbytes / 1e9:.3g} GB, the cache "
                f"{self.folder or 'in memory'} is limited to {self.max_bytes / 1e9:.3g} GB: they "
                "are not kept, and computed again when needed. Raise the limit with the "
                "environment variable DLBOI_CACHE_BYTES.",
                CacheWarning,
                stacklevel=4,
            )
            return
        if problem is None:
            try:
                store.write(keys, rows, self.max_bytes)
                return
            except OSError as error:
                problem = error
        # Before the warning, which a filter may turn into an error.
        process_memory().write(keys, rows, self.max_bytes)
        warnings.warn(
            f"Features of images cannot be kept in {self.folder} ({problem}). They are kept in "
            "this process only. Make room or give the right to write there, or name another "
            "folder with memory=path or the environment variable DLBOI_CACHE.",
            CacheWarning,
            stacklevel=4,
        )


def clear_cache(memory="auto") -> int:
    """Delete cached features of images, from a folder and from this process.

    Parameters
    ----------
    memory : "auto", str, path-like or None, default="auto"
        As the parameter of the classifiers: the folder. None: this process only.

    Returns
    -------
    int
        How many bytes that were.

    Raises
    ------
    OSError
        A file cannot be deleted.

    Notes
    -----
    Only files that dlboi wrote are deleted; the folder, and what else is in it, stays. A program
    that uses the cache at that time goes on, and computes again what it needs.

    Examples
    --------
    >>> from dlboi.training._feature_cache import clear_cache
    >>> n_bytes = clear_cache(memory=None)
    """
    folder = cache_folder(memory)
    n_bytes = process_memory().clear()
    return n_bytes + (shard_folder(folder).clear() if folder is not None else 0)


class _Rows:
    """The rows found so far."""

    def __init__(self, n_rows):
        self.values = np.empty((n_rows, 0), dtype=np.float32)
        self.missing = np.arange(n_rows)

    def put(self, positions, rows):
        """Take rows, unless they are wider or narrower than those that are here."""
        if len(self.missing) == len(self.values):
            self.values = np.empty((len(self.values), rows.shape[1]), dtype=np.float32)
        if rows.shape[1] != self.values.shape[1]:
            return False
        self.values[positions] = rows
        self.missing = np.setdiff1d(self.missing, positions, assume_unique=True)
        return True


def _checked(rows, n_rows):
    rows = np.asarray(rows, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != n_rows:
        raise ValueError(
            f"compute must return one row of features an index, {n_rows} here. Got an array of "
            f"shape {rows.shape} instead."
        )
    return rows
