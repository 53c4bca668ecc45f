"""Studies that are interrupted go on where they were."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from filelock import FileLock
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.exceptions import DlboiWarning, JournalError
from dlboi.studies import StudyResult, compare
from tests.studies.prototypes import RandomProjections, make_patients

#: What depends on the clock.
TIMES = {"train_ms_per_image", "predict_ms_per_image"}


def levels(**parameters):
    return {f"stream {i}": RandomProjections(stream=i, **parameters) for i in range(2)}


def study(memory, estimators=None, data=None, **options):
    data = make_patients(20, 0) if data is None else data
    return compare(estimators or levels(), data, test=0.3, memory=memory, verbose=0, **options)


def same_table(one, other):
    for name in one.table.keys() - TIMES:
        np.testing.assert_array_equal(one.table[name], other.table[name], err_msg=name)


@pytest.fixture
def count_fits(monkeypatch):
    fits = []
    fit = RandomProjections.fit

    def counted(self, X, y):
        fits.append(self.stream)
        return fit(self, X, y)

    monkeypatch.setattr(RandomProjections, "fit", counted)
    return fits


def test_what_is_done_is_not_done_again(tmp_path, count_fits):
    first = study(tmp_path)
    assert len(count_fits) == 6
    same_table(study(tmp_path), first)
    assert len(count_fits) == 6
    more = study(tmp_path, {**levels(), "new": RandomProjections(stream=7)}, n_repeats=4)
    assert len(count_fits) == 6 + 2 + 4
    np.testing.assert_array_equal(more.runs["test_accuracy"][:2], first.runs["test_accuracy"][:2])


def test_an_interrupted_study_goes_on(tmp_path, count_fits, monkeypatch):
    fit = RandomProjections.fit

    def interrupted(self, X, y):
        if len(count_fits) == 3:
            raise KeyboardInterrupt
        return fit(self, X, y)

    monkeypatch.setattr(RandomProjections, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        study(tmp_path)
    monkeypatch.setattr(RandomProjections, "fit", fit)
    again = study(tmp_path)
    assert len(count_fits) == 6
    same_table(again, study(None))


def test_histories_come_back_from_the_journal(tmp_path):
    phantoms = make_chest_phantoms(60, image_size=16, random_state=0)
    networks = {
        name: ANNClassifier(hidden_layer_sizes=(8,), max_epochs=2, lr=lr)
        for name, lr in (("slow", 1e-4), ("fast", 1e-2))
    }
    first, again = (study(tmp_path, networks, phantoms, n_repeats=1) for _ in range(2))
    for one, other in zip(first.arrays, again.arrays, strict=True):
        assert one.keys() == other.keys()
        for name, values in one.items():
            np.testing.assert_array_equal(values, other[name])
    # The clock, too, is that of the first time.
    np.testing.assert_array_equal(first.runs["train_seconds"], again.runs["train_seconds"])


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"estimators": levels(n_components=3)}, "n_components of 'stream 0': 6 there, 3 here"),
        ({"data": make_patients(20, 1)}, "data of the study"),
        ({"random_state": 4}, "random_state of the study: 0 there, 4 here"),
        ({"validation": 0.1}, "validation of the study: 0.2 there, 0.1 here"),
    ],
)
def test_the_journal_of_another_study_is_refused(tmp_path, other, message):
    study(tmp_path, n_repeats=1)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.npz")}
    with pytest.raises(JournalError, match=message):
        study(tmp_path, n_repeats=1, **other)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.npz")} == before


def test_a_splitter_that_draws_others_at_each_call_is_refused(tmp_path):
    data = make_patients(20, 0)[:2]

    def folds(seed=None):
        cv = ShuffleSplit(2, random_state=seed)
        options = {"cv": cv, "validation": None, "n_repeats": 1, "memory": tmp_path, "verbose": 0}
        return compare(levels(), data, **options)

    first = folds(seed=0)
    same_table(folds(seed=0), first)
    with pytest.raises(JournalError, match="another division"):
        folds()


def test_what_text_does_not_say_is_another_setting(tmp_path):
    def fit_with(times):
        function = FunctionTransformer(lambda X: X * times)
        own = {name: make_pipeline(function, RandomProjections()) for name in "ab"}
        return study(tmp_path, own, n_repeats=1)

    first = fit_with(1)
    same_table(fit_with(1), first)
    with pytest.raises(JournalError, match="functiontransformer__func of 'a'"):
        fit_with(-1)


def test_runs_of_other_software_are_warned_of(tmp_path, monkeypatch):
    study(tmp_path, n_repeats=1)
    now = {"dlboi": "0", "torch": "9.9"}
    monkeypatch.setattr("dlboi.studies._runner._journal.software", lambda: now)
    with pytest.warns(DlboiWarning, match=r"were done with dlboi .*, now 0; torch .*, now 9\.9"):
        study(tmp_path, n_repeats=1)


def test_a_seed_that_is_not_known_cannot_go_on(tmp_path):
    with pytest.raises(ValueError, match="must be an int with 'memory'"):
        study(tmp_path, random_state=None)


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dlboi.studies._runner._journal.write_archive", full)
    with pytest.raises(OSError, match="make room, and call the study again"):
        study(tmp_path)


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(JournalError, match=r"not empty.*thesis\.tex"):
        study(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "dear"


def test_a_damaged_journal_is_refused(tmp_path):
    study(tmp_path, n_repeats=1)
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(JournalError, match=r"study\.json is damaged"):
        study(tmp_path, n_repeats=1)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half", b"nothing of the kind"])
def test_a_damaged_run_is_done_again(tmp_path, damage):
    expected = study(tmp_path, n_repeats=1)
    path = sorted(tmp_path.rglob("*.npz"))[0]
    path.write_bytes(damage)
    with pytest.warns(DlboiWarning, match="the run is done again"):
        again = study(tmp_path, n_repeats=1)
    same_table(again, expected)
    same_table(study(tmp_path, n_repeats=1), expected)  # and is whole now


def test_a_run_of_other_settings_is_done_again(tmp_path):
    expected = study(tmp_path, n_repeats=1)
    first, second = sorted(tmp_path.rglob("*.npz"))
    first.write_bytes(second.read_bytes())
    with pytest.warns(DlboiWarning, match="it is of other settings"):
        same_table(study(tmp_path, n_repeats=1), expected)


def test_a_journal_that_is_in_use_is_refused(tmp_path):
    study(tmp_path, n_repeats=1)
    with FileLock(tmp_path / ".lock"), pytest.raises(JournalError, match="Another process"):
        study(tmp_path, n_repeats=1)


def test_runs_that_failed_are_tried_again(tmp_path, monkeypatch):
    fit = RandomProjections.fit

    def failing(self, X, y):
        if self.stream:
            raise MemoryError("full")
        return fit(self, X, y)

    monkeypatch.setattr(RandomProjections, "fit", failing)
    with pytest.warns(DlboiWarning, match="3 of 6 runs have failed"):
        study(tmp_path)
    monkeypatch.setattr(RandomProjections, "fit", fit)
    same_table(study(tmp_path), study(None))


STUDY = """
import sys
from dlboi import ANNClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import compare

phantoms = make_chest_phantoms(60, image_size=16, random_state=0)
levels = {
    str(lr): ANNClassifier(hidden_layer_sizes=(8,), max_epochs=40, lr=lr) for lr in (1e-4, 1e-2)
}
memory = sys.argv[1] if len(sys.argv) > 2 else None
print("ready", flush=True)
study = compare(levels, phantoms, test=0.3, n_repeats=6, memory=memory, verbose=0)
study.save(sys.argv[-1])
"""


def _run_killed(command, journal, n_files, seconds):
    """Run a study and kill it some seconds after it has written files to its journal."""
    before = len(list(journal.rglob("*.npz")))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    while len(list(journal.rglob("*.npz"))) < before + n_files:
        assert process.poll() is None
        time.sleep(0.001)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def _killed_study(folder, n_kills):
    """Return the results of a study of 12 runs, and of one that was killed at random moments."""
    command = [sys.executable, "-c", STUDY]
    subprocess.run([*command, folder / "whole.npz"], check=True, capture_output=True)
    rng = np.random.default_rng(0)
    killed = [*command, folder / "journal", folder / "killed.npz"]
    for _ in range(n_kills):
        _run_killed(killed, folder / "journal", rng.integers(2), rng.uniform(0, 0.1))
    subprocess.run(killed, check=True, capture_output=True)
    return [StudyResult.load(folder / f"{name}.npz") for name in ("whole", "killed")]


def test_a_killed_study_ends_with_the_same_table(tmp_path):
    whole, killed = _killed_study(tmp_path, n_kills=3)
    same_table(whole, killed)
    assert json.loads((tmp_path / "journal" / "study.json").read_text())["version"] == 1
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.slow
def test_a_study_killed_ten_times_ends_with_the_same_table(tmp_path):
    whole, killed = _killed_study(tmp_path, n_kills=10)
    same_table(whole, killed)
