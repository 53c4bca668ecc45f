"""Features by key: right, computed once, and never trusted when damaged."""

import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlboi.training._feature_cache_shards as shards_module
from dlboi.training._feature_cache import CacheWarning, FeatureCache, clear_cache
from dlboi.training._feature_cache_folder import cache_folder, default_max_bytes
from dlboi.training._feature_cache_shard import write_shard

WIDTH = 8
N_HEADER = 80  # about what a shard takes beside keys and rows


def key(number):
    return f"{number:032x}"


def true_rows(numbers, width=WIDTH):
    return np.stack([np.sin(np.arange(width) + number) for number in numbers]).astype(np.float32)


class Body:
    """A backbone that counts how often it sees an image."""

    def __init__(self, width=WIDTH):
        self.seen = []
        self.width = width

    def fetch(self, cache, numbers):
        def compute(indices):
            self.seen.extend(numbers[i] for i in indices)
            return true_rows([numbers[i] for i in indices], self.width)

        rows = cache.fetch([key(number) for number in numbers], compute)
        np.testing.assert_array_equal(rows, true_rows(numbers, self.width))
        assert rows.dtype == np.float32
        return rows


@pytest.fixture(autouse=True)
def empty_process_memory():
    clear_cache(memory=None)
    yield
    clear_cache(memory=None)


@pytest.fixture(params=["folder", "process"])
def memory(request, tmp_path):
    return tmp_path / "cache" if request.param == "folder" else None


def new_session():
    """Forget what this process knows, as a new one would not know it."""
    shards_module._forget_folders()
    clear_cache(memory=None)


def shard_files(folder):
    return sorted(folder.glob("features-*.shard"))


REQUESTS = st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=12), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", ["folder", "process"])
@settings(deadline=None, max_examples=40)
@given(requests=REQUESTS, restarts=st.sets(st.integers(0, 7)), small_shards=st.booleans())
def test_overlapping_requests_compute_each_key_once(kind, requests, restarts, small_shards):
    clear_cache(memory=None)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if small_shards:
            patch.setattr(shards_module, "_SHARD_BYTES", 3 * WIDTH * 4)
            patch.setattr(shards_module, "_MAX_SMALL", 3)
        cache = FeatureCache(folder if kind == "folder" else None)
        body = Body()
        for i, numbers in enumerate(requests):
            if kind == "folder" and i in restarts:
                new_session()
            body.fetch(cache, numbers)
        assert sorted(body.seen) == sorted(set().union(*requests))


def test_result_is_the_callers_own(memory):
    cache, body = FeatureCache(memory), Body()
    body.fetch(cache, [1, 2])[:] = 0
    body.fetch(cache, [1, 2])[:] = 0
    body.fetch(cache, [2, 1, 1])


def test_nothing_asked_for(memory):
    assert len(FeatureCache(memory).fetch([], lambda indices: pytest.fail("called"))) == 0


def test_error_of_compute_keeps_nothing_and_frees_the_lock(memory):
    cache, body = FeatureCache(memory), Body()

    def fail(indices):
        raise OSError("an image cannot be read")

    with pytest.raises(OSError, match="an image cannot be read"):
        cache.fetch([key(1)], fail)
    for wrong in (np.ones(1), np.ones((2, 3))):
        with pytest.raises(ValueError, match=r"one row of features an index, 1 here.*\(\d,.*\)"):
            cache.fetch([key(1)], lambda indices, wrong=wrong: wrong)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(body.fetch, cache, [1]).result(timeout=20)
    assert body.seen == [1]


def test_rows_of_another_width_are_not_trusted(memory):
    Body(width=3).fetch(FeatureCache(memory), [1, 2])
    body = Body(width=5)
    body.fetch(FeatureCache(memory), [1, 2, 3])
    assert sorted(set(body.seen)) == [1, 2, 3]


def test_pickles(tmp_path):
    cache, body = FeatureCache(tmp_path), Body()
    body.fetch(cache, [1])
    again = pickle.loads(pickle.dumps(cache))
    body.fetch(again, [1])
    assert again.folder == tmp_path
    assert body.seen == [1]


def test_threads_compute_each_key_once(memory):
    cache, body = FeatureCache(memory), Body()
    start = threading.Barrier(4)

    def work(seed):
        start.wait()
        for _ in range(15):
            body.fetch(cache, random.Random(seed).sample(range(40), 10))
            seed += 4

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(body.seen) == len(set(body.seen))


def test_nested_requests_do_not_wait_for_themselves(memory):
    cache, body = FeatureCache(memory), Body()
    rows = cache.fetch([key(1)], lambda indices: body.fetch(cache, [2]) * 0 + true_rows([1]))
    np.testing.assert_array_equal(rows, true_rows([1]))


# Where


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/dlboi/features"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/dlboi/features"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "relative"}, "/h/.cache/dlboi/features"),
        ("linux", {"XDG_CACHE_HOME": "/x", "DLBOI_CACHE": "/d"}, "/d/features"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/dlboi/features"),
        ("win32", {"HOME": "/h", "LOCALAPPDATA": "/l"}, "/l/dlboi/Cache/features"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
def test_folder_of_the_user(monkeypatch, platform, environment, expected):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("HOME", "XDG_CACHE_HOME", "DLBOI_CACHE", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert FeatureCache().folder == Path(expected)


def test_without_a_home_rows_stay_in_the_process(monkeypatch):
    def no_home(*args):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    for name in ("XDG_CACHE_HOME", "DLBOI_CACHE", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert FeatureCache().folder is None


def test_memory_that_is_no_folder():
    for wrong in (3, True, ""):
        with pytest.raises(TypeError, match="'memory' parameter must be 'auto', the path"):
            cache_folder(wrong)


def test_limit_from_the_environment(monkeypatch):
    monkeypatch.setenv("DLBOI_CACHE_BYTES", "4e6")
    assert FeatureCache(None).max_bytes == 4_000_000
    monkeypatch.setenv("DLBOI_CACHE_BYTES", "lots")
    with pytest.raises(ValueError, match=r"DLBOI_CACHE_BYTES must be a number.*'lots'"):
        FeatureCache(None)
    monkeypatch.delenv("DLBOI_CACHE_BYTES")
    assert default_max_bytes() == 2 * 1024**3


# Size


def test_least_recently_used_rows_go_first(memory):
    row = WIDTH * 4 if memory is None else WIDTH * 4 + 32 + N_HEADER
    cache, body = FeatureCache(memory, max_bytes=3 * row), Body()
    for number in (1, 2, 3, 1, 4):  # 2 is then unused longest
        body.fetch(cache, [number])
        time.sleep(0.01)
    assert body.seen == [1, 2, 3, 4]
    for number in (1, 3, 4):
        body.fetch(cache, [number])
    assert body.seen == [1, 2, 3, 4]
    body.fetch(cache, [2])
    assert body.seen == [1, 2, 3, 4, 2]


@settings(deadline=None, max_examples=20)
@given(requests=REQUESTS, max_rows=st.integers(1, 20))
def test_limit_holds_and_rows_are_right(requests, max_rows):
    with tempfile.TemporaryDirectory() as folder:
        limit = max_rows * (WIDTH * 4 + 32 + N_HEADER)
        cache, body = FeatureCache(folder, max_bytes=limit), Body()
        for numbers in requests:
            if len(set(numbers)) * WIDTH * 4 <= limit:
                body.fetch(cache, numbers)
                assert sum(path.stat().st_size for path in shard_files(Path(folder))) <= limit


def test_more_than_the_limit_is_said(memory):
    cache, body = FeatureCache(memory, max_bytes=100), Body()
    with pytest.warns(CacheWarning, match=r"features of 9 images take.*DLBOI_CACHE_BYTES"):
        body.fetch(cache, list(range(9)))


def test_image_by_image_leaves_few_files(tmp_path):
    cache, body = FeatureCache(tmp_path), Body()
    for number in range(200):
        body.fetch(cache, [number])
    assert len(shard_files(tmp_path)) < 100
    new_session()
    body.fetch(cache, list(range(200)))
    assert body.seen == list(range(200))


def test_large_requests_are_split(tmp_path, monkeypatch):
    monkeypatch.setattr(shards_module, "_SHARD_BYTES", 10 * WIDTH * 4)
    cache, body = FeatureCache(tmp_path), Body()
    body.fetch(cache, list(range(95)))
    assert len(shard_files(tmp_path)) == 10
    body.fetch(cache, list(range(94, -1, -3)))
    assert len(body.seen) == 95


def test_few_rows_of_a_large_shard(tmp_path):
    numbers = list(range(300))
    cache, body = FeatureCache(tmp_path), Body(width=1000)
    body.fetch(cache, numbers)
    body.fetch(cache, numbers[:3])  # tests the shard
    body.fetch(cache, [299, 0, 150, 151, 299, 3])
    assert body.seen == numbers


# Damage


@settings(deadline=None, max_examples=60)
@given(data=st.data(), fresh=st.booleans())
def test_damaged_shards_are_computed_again(data, fresh):
    with tempfile.TemporaryDirectory() as folder:
        cache, body = FeatureCache(folder), Body()
        body.fetch(cache, [1, 2, 3])
        body.fetch(cache, [4, 5])
        by_size = sorted(shard_files(Path(folder)), key=lambda path: path.stat().st_size)
        path = by_size[data.draw(st.integers(0, 1), label="shard")]
        content = bytearray(path.read_bytes())
        if data.draw(st.booleans(), label="truncate"):
            content = content[: data.draw(st.integers(0, len(content) - 1))]
        else:
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        if fresh:
            new_session()
        os.utime(path)
        seen_before = len(body.seen)
        body.fetch(cache, [1, 2, 3, 4, 5])
        assert len(body.seen) - seen_before in (2, 3)
        new_session()
        body.fetch(cache, [5, 4, 3, 2, 1])
        assert len(body.seen) - seen_before in (2, 3)


def test_foreign_files_are_left_alone(tmp_path):
    cache, body = FeatureCache(tmp_path, max_bytes=400), Body()
    foreign = {
        "notes.txt": b"mine",
        "features-mine.shard": b"mine",
        f"features-{'a' * 32}.shard": b"mine, and long enough to be taken for a header" * 9,
        f"features-{'b' * 32}.shard": b"",
    }
    for name, content in foreign.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / f"features-{'c' * 32}.shard").mkdir()
    for number in range(8):
        body.fetch(cache, [number])
    clear_cache(tmp_path)
    for name, content in foreign.items():
        assert (tmp_path / name).read_bytes() == content


def test_shard_of_another_version_is_not_read(tmp_path):
    cache, body = FeatureCache(tmp_path), Body()
    body.fetch(cache, [1])
    (path,) = shard_files(tmp_path)
    content = bytearray(path.read_bytes())
    content[14] += 1  # the version
    path.write_bytes(content)
    body.fetch(cache, [1])
    assert body.seen == [1, 1]
    assert path.exists()
    assert clear_cache(tmp_path) > 0
    assert shard_files(tmp_path) == []


def test_unfinished_files_are_swept(tmp_path):
    cache, body = FeatureCache(tmp_path), Body()
    (tmp_path / f".features-{'a' * 32}.tmp").write_bytes(b"half")
    body.fetch(cache, [1])
    assert list(tmp_path.glob(".features*")) == []


def test_clear(tmp_path):
    cache, body = FeatureCache(tmp_path / "cache"), Body()
    assert clear_cache(tmp_path / "cache") == 0
    assert not (tmp_path / "cache").exists()
    body.fetch(cache, [1, 2])
    size = sum(path.stat().st_size for path in shard_files(tmp_path / "cache"))
    assert clear_cache(tmp_path / "cache") == size
    body.fetch(cache, [1, 2])
    shutil.rmtree(tmp_path / "cache")
    body.fetch(cache, [1, 2])
    assert body.seen == [1, 2] * 3


def test_clear_of_the_process():
    cache, body = FeatureCache(None), Body()
    body.fetch(cache, [1, 2])
    assert clear_cache(None) == 2 * WIDTH * 4
    body.fetch(cache, [1, 2])
    assert body.seen == [1, 2] * 2


# A folder that cannot be used


def test_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    cache, body = FeatureCache(tmp_path / "file"), Body()
    with pytest.warns(CacheWarning, match=rf"{tmp_path / 'file'}.*memory=path"):
        body.fetch(cache, [1, 2])
    body.fetch(cache, [2, 1])
    assert body.seen == [1, 2]
    assert (tmp_path / "file").read_text() == "mine"


SCRIPT = """
import os, sys, time, warnings
import numpy as np
from dlboi.training._feature_cache import CacheWarning, FeatureCache
def true_rows(numbers, width=8):
    return np.stack([np.sin(np.arange(width) + n) for n in numbers]).astype(np.float32)
def fetch(cache, numbers, width=8, note=lambda new: None):
    def compute(indices):
        new = [numbers[i] for i in indices]
        note(new)
        return true_rows(new, width)
    rows = cache.fetch([f"{n:032x}" for n in numbers], compute)
    assert (rows == true_rows(numbers, width)).all()
"""


def start(script, *arguments):
    return subprocess.Popen([sys.executable, "-c", SCRIPT + script, *map(str, arguments)])


def run(script, *arguments):
    assert start(script, *arguments).wait(timeout=100) == 0


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_read_only_folder():
    run("""
import stat, tempfile
from pathlib import Path
os.umask(0o022)
folder = Path(tempfile.mkdtemp())
try:
    fetch(FeatureCache(folder), [1, 2])
    folder.chmod(0o555)
    for path in folder.iterdir():
        path.chmod(0o444)
    if os.getuid() == 0:
        os.seteuid(65534)  # root may write everywhere
    seen = []
    fetch(FeatureCache(folder), [1, 2], note=seen.extend)
    assert seen == []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fetch(FeatureCache(folder), [1, 2, 3], note=seen.extend)
        fetch(FeatureCache(folder), [1, 2, 3], note=seen.extend)
    assert seen == [3]
    assert [w.category for w in caught] == [CacheWarning], caught
    assert str(folder) in str(caught[0].message)
finally:
    if os.getuid() == 0:
        os.seteuid(0)
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
""")


@pytest.mark.skipif(os.name != "posix", reason="a limit of POSIX to the size of files")
def test_full_disk(tmp_path):
    run(
        """
import resource
folder = sys.argv[1]
fetch(FeatureCache(folder), [1, 2])
before = sorted(os.listdir(folder))
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))  # a write stops half-way, with an OSError
seen = []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    fetch(FeatureCache(folder), list(range(400)), note=seen.extend)
    fetch(FeatureCache(folder), list(range(400)), note=seen.extend)
assert sorted(seen) == sorted(set(range(400)) - {1, 2})
assert [w.category for w in caught] == [CacheWarning], caught
assert sorted(os.listdir(folder)) == before
""",
        tmp_path,
    )


# Processes

WORKER = """
import random
folder, log, seed, n_rounds, n_keys = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
def note(new):
    with open(log, "a") as file:
        file.write("".join(f"{n}\\n" for n in new))
draw = random.Random(seed)
for _ in range(n_rounds):
    fetch(FeatureCache(folder), draw.sample(range(n_keys), 20), 2000, note)
    open(f"{log}-{seed}", "w").close()
"""


def wait_for(path):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_processes_compute_each_key_once(tmp_path):
    log = tmp_path / "log"
    workers = [start(WORKER, tmp_path / "cache", log, seed, 20, 400) for seed in (1, 2)]
    assert [worker.wait(timeout=100) for worker in workers] == [0, 0]
    seen = log.read_text().split()
    assert len(seen) == len(set(seen)) > 100


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))]
)
def test_killed_process_harms_nobody(tmp_path, seed):
    folder, log = tmp_path / "cache", tmp_path / "log"
    victim = start(WORKER, folder, log, 1000 + seed, 100_000, 20_000)
    survivor = start(WORKER, folder, log, 2000 + seed, 40, 20_000)
    wait_for(tmp_path / f"log-{1000 + seed}")
    wait_for(tmp_path / f"log-{2000 + seed}")
    time.sleep(random.Random(seed).random() / 2)
    assert victim.poll() is None
    victim.kill()
    victim.wait(timeout=20)
    third = start(WORKER, folder, log, 3000 + seed, 20, 20_000)
    assert [survivor.wait(timeout=100), third.wait(timeout=100)] == [0, 0]
    seen = [int(number) for number in log.read_text().split()]
    repeated = len(seen) - len(set(seen))
    assert repeated <= 20  # at most what the victim had computed and not yet written
    body = Body(width=2000)
    body.fetch(FeatureCache(folder), sorted(set(seen)))
    assert len(body.seen) <= 20
    assert list(folder.glob("*.tmp")) == []


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_while_writing(tmp_path):
    # The worst moment: the lock is held and the file is half there.
    victim = start(
        """
import dlboi.training._feature_cache_shard as shard
def stop(handle):
    open(sys.argv[2], "w").close()
    time.sleep(100)
shard.os.fsync = stop
fetch(FeatureCache(sys.argv[1]), [1, 2, 3])
""",
        tmp_path / "cache",
        tmp_path / "writing",
    )
    wait_for(tmp_path / "writing")
    assert list((tmp_path / "cache").glob(".features-*.tmp"))
    victim.kill()
    victim.wait(timeout=20)
    body = Body()
    body.fetch(FeatureCache(tmp_path / "cache"), [1, 2, 3])
    assert body.seen == [1, 2, 3]
    assert list((tmp_path / "cache").glob(".features-*.tmp")) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="systems that fork")
@pytest.mark.parametrize("memory", ["folder", "process"])
def test_fork_while_a_thread_computes(tmp_path, memory):
    run(
        """
import threading
warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
cache = FeatureCache(sys.argv[1] if sys.argv[2] == "folder" else None)
computing, go_on = threading.Event(), threading.Event()
def wait(new):
    computing.set()
    assert go_on.wait(60)
thread = threading.Thread(target=fetch, args=(cache, [1], 8, wait))
thread.start()
assert computing.wait(60)
child = os.fork()
if child == 0:
    seen = []
    fetch(cache, [2], note=seen.extend)
    os._exit(seen != [2])
time.sleep(0.3)
go_on.set()
thread.join()
assert os.waitpid(child, 0)[1] == 0
""",
        tmp_path,
        memory,
    )


def test_many_keys_are_found_fast(tmp_path):
    n_keys = 20_000
    keys = [key(number) for number in range(n_keys)]
    rows = np.random.default_rng(0).random((n_keys, 16), dtype=np.float32)
    write_shard(tmp_path, keys, rows)
    cache = FeatureCache(tmp_path)
    started = time.perf_counter()
    found = cache.fetch(keys[::-1], lambda indices: pytest.fail("computed"))
    seconds = time.perf_counter() - started
    np.testing.assert_array_equal(found, rows[::-1])
    assert seconds < 1  # about 0.03; one file opened a key would take longer than this
