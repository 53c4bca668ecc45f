"""A folder of shards: which keys it holds, one writer at a time, a limit to its size."""

import contextlib
import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock, Timeout

from dlboi.training._feature_cache_shard import (
    DamagedShardError,
    Shard,
    has_shard_magic,
    is_shard_name,
    is_temporary_name,
    read_rows,
    read_shard,
    write_shard,
)

_LOCK = "features.lock"
_POLL_SECONDS = 0.02
_SHARD_BYTES = 32 * 1024**2  # so that few rows need little testing, and little is lost to damage
_SMALL_BYTES = 1024**2
_MAX_SMALL = 64


class _Stamp(NamedTuple):
    """A file is the one that was read as long as these are the same."""

    inode: int
    mtime_ns: int
    n_bytes: int


class _Entry:
    """A file of the folder; `shard` is None for what is not ours or cannot be trusted."""

    def __init__(self, number, stamp, shard, damaged=False):
        self.number = number
        self.stamp = stamp
        self.shard: Shard | None = shard
        self.damaged = damaged
        self.rows_tested = False


class ShardFolder:
    """What this process knows of a folder of shards.

    Looking up takes no lock of the folder: shards do not change, they come whole and go whole. A
    caller that misses something takes `exclusive`, looks again, computes and writes.
    """

    def __init__(self, path: Path):
        self.path = path
        self._entries: dict[str, _Entry] = {}
        self._names: dict[int, str] = {}
        self._codes: dict[str, int] = {}  # key to number of the shard << 32 | row
        self._next_number = 0
        self._guard = threading.RLock()  # short: the index
        self._work = threading.RLock()  # long: threads of this process, as the file lock is slow
        self._depth = 0

    @contextmanager
    def exclusive(self):
        """Hold off other threads and processes; yields the error if the folder cannot be locked."""
        with self._work:
            lock, problem = None, None
            if self._depth == 0:
                try:
                    self.path.mkdir(parents=True, exist_ok=True)
                    lock = FileLock(self.path / _LOCK)
                    lock.acquire(poll_interval=_POLL_SECONDS)
                except (OSError, NotImplementedError) as error:
                    lock, problem = None, error
            self._depth += 1
            try:
                yield problem
            finally:
                self._depth -= 1
                if lock is not None:
                    lock.release()

    def look_up(self, keys: list[str], put) -> None:
        """Call ``put(positions, rows)`` for the keys that are here, shard by shard."""
        with self._guard:
            self._refresh()
            found = (self._codes.get(key, -1) for key in keys)
            codes = np.fromiter(found, dtype=np.int64, count=len(keys))
            numbers = codes >> 32
            order = np.argsort(numbers, kind="stable")
            order = order[numbers[order] >= 0]
            for positions in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
                if positions.size:
                    name = self._names[int(numbers[positions[0]])]
                    rows = self._read(name, codes[positions] & 0xFFFFFFFF)
                    if rows is not None:
                        put(positions, rows)

    def write(self, keys: list[str], rows: np.ndarray, max_bytes: int) -> None:
        """Write shards, then let go of those unused longest beyond `max_bytes`.

        Must be called under `exclusive`. An OSError leaves whole shards only.
        """
        self._sweep()
        with self._guard:
            self._write_parts(keys, rows)
            self._refresh()
            self._merge_small()
            self._evict(max_bytes)

    def clear(self) -> int:
        """Delete the shards; return how many bytes they took."""
        n_bytes = 0
        with self._guard:
            for name, (path, stat) in self._files(is_shard_name).items():
                entry = self._entries.get(name)
                if (entry is not None and entry.shard is not None) or has_shard_magic(path):
                    path.unlink(missing_ok=True)
                    n_bytes += stat.st_size
            self._refresh()
        # Where another process is writing, its temporary file is not ours to delete.
        with contextlib.suppress(OSError, NotImplementedError, Timeout):
            if self.path.is_dir():
                with FileLock(self.path / _LOCK).acquire(timeout=0):
                    self._sweep()
        return n_bytes

    def _files(self, is_ours):
        files = {}
        with contextlib.suppress(OSError), os.scandir(self.path) as found:
            for file in found:
                with contextlib.suppress(OSError):
                    if is_ours(file.name) and file.is_file(follow_symlinks=False):
                        path = self.path / file.name
                        files[file.name] = path, path.stat(follow_symlinks=False)
        return files

    def _refresh(self):
        """Read the keys of shards that came, forget those that went."""
        files = self._files(is_shard_name)
        stamps = {
            name: _Stamp(stat.st_ino, stat.st_mtime_ns, stat.st_size)
            for name, (_, stat) in files.items()
        }
        for name in [n for n, entry in self._entries.items() if stamps.get(n) != entry.stamp]:
            self._forget(name)
            del self._entries[name]
        for name in stamps.keys() - self._entries.keys():
            damaged, shard = False, None
            try:
                shard = read_shard(files[name][0])
            except DamagedShardError:
                damaged = True
            except OSError:
                continue
            number, self._next_number = self._next_number, self._next_number + 1
            self._entries[name] = _Entry(number, stamps[name], shard, damaged)
            self._names[number] = name
            if shard is not None:
                start = number << 32
                codes = range(start, start + len(shard.keys))
                self._codes.update(zip(shard.keys, codes, strict=True))

    def _forget(self, name):
        entry = self._entries[name]
        self._names.pop(entry.number, None)
        for key in entry.shard.keys if entry.shard is not None else ():
            if self._codes.get(key, -1) >> 32 == entry.number:
                del self._codes[key]
        entry.shard = None

    def _read(self, name, which):
        entry = self._entries[name]
        try:
            if entry.rows_tested:
                rows = read_rows(entry.shard, which)
            else:
                rows = read_rows(entry.shard)[which]
                entry.rows_tested = True
        except DamagedShardError:
            entry.damaged = True
            self._forget(name)
            return None
        except OSError:
            return None
        # Time of use; the time of change stays, as a sign that the file is the same.
        with contextlib.suppress(OSError):
            os.utime(entry.shard.path, ns=(time.time_ns(), entry.stamp.mtime_ns))
        return rows

    def _write_parts(self, keys, rows):
        n_rows = max(1, _SHARD_BYTES // max(1, rows.nbytes // len(rows)))
        for start in range(0, len(keys), n_rows):
            write_shard(self.path, keys[start : start + n_rows], rows[start : start + n_rows])

    def _sweep(self):
        """Delete what killed writers and damaged disks have left."""
        with self._guard:
            damaged = [self.path / n for n, entry in self._entries.items() if entry.damaged]
        unfinished = [path for path, _ in self._files(is_temporary_name).values()]
        for path in damaged + unfinished:
            path.unlink(missing_ok=True)

    def _merge_small(self):
        """Make one shard of many small ones, as predicting image by image leaves them."""
        small = [
            entry.shard
            for entry in self._entries.values()
            if entry.shard is not None and entry.stamp.n_bytes < _SMALL_BYTES
        ]
        if len(small) <= _MAX_SMALL:
            return
        for width in {shard.n_features for shard in small}:
            keys, blocks, merged = [], [], []
            for shard in small:
                if shard.n_features == width:
                    with contextlib.suppress(DamagedShardError, OSError):
                        blocks.append(read_rows(shard))
                        keys.extend(shard.keys)
                    merged.append(shard)
            if blocks:
                self._write_parts(keys, np.concatenate(blocks))
            for shard in merged:
                shard.path.unlink(missing_ok=True)
        self._refresh()

    def _evict(self, max_bytes):
        files = self._files(is_shard_name)
        n_bytes = sum(stat.st_size for _, stat in files.values())
        by_use = sorted(files, key=lambda name: files[name][1].st_atime_ns)
        for name in by_use:
            if n_bytes <= max_bytes:
                break
            path, stat = files[name]
            entry = self._entries.get(name)
            if (entry is not None and entry.shard is not None) or has_shard_magic(path):
                path.unlink(missing_ok=True)
                n_bytes -= stat.st_size
        self._refresh()


_folders: dict[Path, ShardFolder] = {}
_folders_guard = threading.Lock()


def shard_folder(path: Path) -> ShardFolder:
    """Return what this process knows of a folder."""
    with _folders_guard:
        return _folders.setdefault(path, ShardFolder(path))


def _forget_folders():
    global _folders_guard
    _folders_guard = threading.Lock()
    _folders.clear()


if hasattr(os, "register_at_fork"):
    # A lock that another thread held at the fork would never be released in the child.
    os.register_at_fork(after_in_child=_forget_folders)
