"""Shards: immutable files of feature rows, checksummed, written whole or not at all."""

import hashlib
import os
import struct
import uuid
from pathlib import Path
from typing import NamedTuple

import numpy as np

# All numbers are little-endian. The checksum of the header covers the header and the keys, so that
# they can be indexed without reading the rows, whose own checksum stands in the header.
_MAGIC = b"dlboi-features"
_VERSION = 1
_HEADER = struct.Struct("<14sHQQQ16s")
_CHECKSUM_SIZE = 16
_ROW_TYPE = np.dtype("<f4")
_NAME = "features-{}.shard"
_TEMPORARY = ".features-{}.tmp"
#: Rows that nobody asked for are read as well where the gap between two wanted ones is this small.
_GAP_BYTES = 65536


class DamagedShardError(Exception):
    """The file is one of ours, but what is in it cannot be trusted."""


class Shard(NamedTuple):
    """What is known of a shard without its rows."""

    path: Path
    keys: list[str]
    n_features: int
    rows_at: int
    rows_checksum: bytes


def write_shard(folder: Path, keys: list[str], rows: np.ndarray) -> Path:
    """Write rows as a new shard; whoever looks sees all of it or nothing."""
    rows = np.ascontiguousarray(rows, dtype=_ROW_TYPE)
    names = "\n".join(keys).encode()
    header = _HEADER.pack(_MAGIC, _VERSION, *rows.shape, len(names), _checksum(rows))
    unique = uuid.uuid4().hex
    temporary = folder / _TEMPORARY.format(unique)
    path = folder / _NAME.format(unique)
    try:
        with temporary.open("xb") as file:
            file.write(header + _checksum(header, names) + names)
            file.write(rows)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def read_shard(path: Path) -> Shard | None:
    """Read the keys of a shard; None for a file that no dlboi of this version wrote.

    Raises
    ------
    DamagedShardError
        The file is a shard, but truncated or changed.
    OSError
        The file is gone or cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return None
        magic, version, n_rows, n_features, n_names, rows_checksum = _HEADER.unpack(header)
        if magic != _MAGIC or version != _VERSION:
            return None
        rows_at = _HEADER.size + _CHECKSUM_SIZE + n_names
        if size != rows_at + n_rows * n_features * _ROW_TYPE.itemsize:
            raise DamagedShardError(path)
        checksum, names = file.read(_CHECKSUM_SIZE), file.read(n_names)
    if checksum != _checksum(header, names):
        raise DamagedShardError(path)
    keys = names.decode().split("\n")
    if len(keys) != n_rows:
        raise DamagedShardError(path)
    return Shard(path, keys, n_features, rows_at, rows_checksum)


def read_rows(shard: Shard, which: np.ndarray | None = None) -> np.ndarray:
    """Return rows of a shard, in the order of `which`; None: all, with their checksum tested.

    Raises
    ------
    DamagedShardError
        The rows are not those that were written.
    OSError
        The file is gone or cannot be read.
    """
    shape = (len(shard.keys), shard.n_features)
    with shard.path.open("rb") as file:
        if which is None:
            rows = _read(file, shard, 0, shape[0])
            if _checksum(rows) != shard.rows_checksum:
                raise DamagedShardError(shard.path)
            return rows
        distinct, places = np.unique(which, return_inverse=True)
        row_bytes = max(1, shard.n_features * _ROW_TYPE.itemsize)
        breaks = np.flatnonzero(np.diff(distinct) * row_bytes > _GAP_BYTES) + 1
        parts = []
        for run in np.split(distinct, breaks):
            block = _read(file, shard, int(run[0]), int(run[-1]) + 1)
            parts.append(block[run - run[0]])
    return np.concatenate(parts)[places]


def is_shard_name(name: str) -> bool:
    """Whether a file's name is one that `write_shard` gives."""
    return _fits(name, _NAME)


def is_temporary_name(name: str) -> bool:
    """Whether a file's name is one of a shard that was not finished."""
    return _fits(name, _TEMPORARY)


def has_shard_magic(path: Path) -> bool:
    """Whether a file begins as a shard of any version does."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _fits(name, pattern):
    start, end = pattern.split("{}")
    middle = name[len(start) : -len(end)]
    return name == pattern.format(middle) and len(middle) == 32 and middle.isalnum()


def _read(file, shard, start, stop):
    rows = np.empty((stop - start, shard.n_features), dtype=_ROW_TYPE)
    file.seek(shard.rows_at + start * shard.n_features * _ROW_TYPE.itemsize)
    if rows.size and file.readinto(rows.reshape(-1).view(np.uint8)) != rows.nbytes:
        raise DamagedShardError(shard.path)
    return rows


def _checksum(*parts):
    digest = hashlib.blake2b(digest_size=_CHECKSUM_SIZE)
    for part in parts:
        digest.update(part)
    return digest.digest()
