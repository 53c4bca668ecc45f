"""How often a test set was scored is counted right, and counting stops nothing."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from dlboi.evaluation import times_scored
from dlboi.evaluation._scored_sets import record_scoring, set_digest
from dlboi.evaluation._study_data import study_data
from dlboi.exceptions import DlboiWarning

X, Y = np.arange(24, dtype=np.uint8).reshape(4, 2, 3), np.array([0, 1, 1, 0])


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLBOI_CACHE", str(tmp_path))
    return tmp_path


def counts_file(cache):
    return cache / "scored_sets" / "counts.json"


def test_counts_add_up(cache):
    digest = set_digest(X, Y)
    assert times_scored(X, Y) == 0
    assert [record_scoring(digest).n_times for _ in range(2)] == [1, 2]
    assert record_scoring(digest, n=5).n_times == 7
    assert times_scored(X, Y) == 7
    assert times_scored(X[:2], Y[:2]) == 0


@given(st.permutations(range(4)))
def test_the_order_does_not_matter(order):
    assert set_digest(X[order], Y[order]) == set_digest(X, Y)


@pytest.mark.parametrize("other", [(X, 1 - Y), (X + 1, Y), (X[:3], Y[:3]), (X, Y.astype(str))])
def test_other_sets_are_other_sets(other):
    assert set_digest(*other) != set_digest(X, Y)


def test_paths_are_known_by_the_contents_of_their_files(tmp_path):
    for name in "abc":
        (tmp_path / name).write_text("one image" if name < "c" else "another")
    a, b, c = (set_digest([tmp_path / name], [0]) for name in "abc")
    assert a == b != c
    assert set_digest(np.array([str(tmp_path / "a")]), [0]) == a


def test_a_study_knows_the_set_by_the_same_hashes(tmp_path):
    (tmp_path / "a").write_text("image")
    for images in (X, np.array([str(tmp_path / "a")] * 4)):
        data = study_data((images, Y), "test")
        assert set_digest(data.images, data.target) == set_digest(list(images), list(Y))


def test_whatever_a_classifier_takes_has_a_hash():
    for rows in (["no file", "of this name"], sparse.eye(2, format="csr"), [[1, 2], [3, 4]]):
        assert set_digest(rows, [0, 1]) == set_digest(rows, [0, 1]) != set_digest(rows, [1, 1])


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"version": 1}', b'{"version": 9, "sets": {}}',
     b'{"version": 1, "sets": {"a": {"b": "c"}}}'],
)  # fmt: skip
def test_a_damaged_file_is_kept_and_begun_anew(cache, content):
    path = counts_file(cache)
    path.parent.mkdir()
    path.write_bytes(content)
    assert times_scored(X, Y) == 0
    with pytest.warns(DlboiWarning, match=r"damaged.*counts\.damaged"):
        scorings = record_scoring(set_digest(X, Y))
    assert scorings.n_times == 1
    assert "may be missing" in scorings.sentences
    assert path.with_suffix(".damaged").read_bytes() == content
    assert record_scoring(set_digest(X, Y)).n_times == 2


def test_without_a_folder_the_process_counts(cache, monkeypatch):
    (cache / "file").write_text("")
    monkeypatch.setenv("DLBOI_CACHE", str(cache / "file"))
    images = np.random.default_rng(0).random(X.shape)  # the count of this process stays
    digest = set_digest(images, Y)
    for n in (1, 2):
        with pytest.warns(DlboiWarning, match="DLBOI_CACHE"):
            assert record_scoring(digest).n_times == n
    assert times_scored(images, Y) == 2
    # What could not be written is written as soon as it can be.
    monkeypatch.setenv("DLBOI_CACHE", str(cache))
    assert record_scoring(digest).n_times == 3
    (users,) = json.loads(counts_file(cache).read_text())["sets"].values()
    assert list(users.values()) == [3]


def test_users_are_told_apart(cache, monkeypatch):
    for user in ("ada", "ada", "bob"):
        monkeypatch.setattr("getpass.getuser", lambda user=user: user)
        scorings = record_scoring(set_digest(X, Y))
    assert scorings.n_times == 3
    assert "3 times on this machine (ada 2, bob 1)" in scorings.sentences


def test_a_user_without_a_name(cache, monkeypatch):
    def nameless():
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert record_scoring(set_digest(X, Y)).users == {"unknown": 1}


def test_two_processes_at_once(cache):
    code = (
        "from dlboi.evaluation._scored_sets import record_scoring\n"
        "input(record_scoring('the same'))\n"
        "for _ in range(39): record_scoring('the same'); record_scoring('other')\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-u", "-W", "error", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:  # both have imported what they need
        assert process.stdout.read(1) == "S"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert record_scoring("the same").n_times == 81
    assert record_scoring("other", n=0).n_times == 78


def test_threads_at_once(cache):
    threads = [threading.Thread(target=record_scoring, args=("threads",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert record_scoring("threads", n=0).n_times == 8


def test_what_a_killed_process_left_is_removed(cache):
    record_scoring("a set")
    left = counts_file(cache).parent / ".1234.part"
    left.write_text("half of it")
    record_scoring("a set")
    assert not left.exists()


def test_labels_of_another_length(cache):
    with pytest.raises(ValueError, match="'y' parameter of times_scored"):
        times_scored(X, Y[:3])
