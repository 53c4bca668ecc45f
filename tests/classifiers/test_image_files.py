"""Fits on image files: the weights of the array, each file decoded once, bad files by name."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

import dlboi
from dlboi import ANNClassifier, CNNClassifier, PretrainedClassifier
from dlboi.exceptions import (
    CacheWarning,
    CheckpointError,
    ImageFileError,
    MissingPathError,
    SkippedFilesWarning,
)

N = 24
Y = np.arange(N) % 2
PATIENTS = np.arange(N) // 3
BAD = [0, 7, 13, 14]
GOOD = np.setdiff1d(np.arange(N), BAD)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(256, size=(N, 12, 12), dtype=np.uint8)


@pytest.fixture
def paths(images, tmp_path):
    names = np.array([str(tmp_path / f"{number:02}.png") for number in range(N)])
    for name, pixels in zip(names, images, strict=True):
        Image.fromarray(pixels).save(name)
    return names


@pytest.fixture
def with_bad(paths):
    """Return the paths, of which some are truncated."""
    for name in paths[BAD]:
        Path(name).write_bytes(Path(name).read_bytes()[:90])
    return paths


@pytest.fixture
def check_left_over():
    """Return a function that asserts that no thread and no open file is left over."""

    def there():
        files = Path("/proc/self/fd")
        n_files = len(list(files.iterdir())) if files.exists() else 0
        return set(threading.enumerate()), n_files

    def check():
        assert there() == before

    before = there()
    return check


# ------------------------------------------------------------------------- the same, decoded once


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("max_bytes", ["1e9", "1000", "0"], ids=["all kept", "six kept", "none"])
@pytest.mark.filterwarnings("ignore::dlboi.exceptions.CacheWarning")
def test_the_weights_of_the_array(
    n_threads, max_bytes, images, paths, small, digest, monkeypatch, check_left_over
):
    monkeypatch.setenv("DLBOI_PIXEL_CACHE_BYTES", max_bytes)
    parameters = {"batch_size": 5, "validation_fraction": 0.3, "max_epochs": 3, "augment": "xray"}
    fit = {"groups": PATIENTS, "sample_weight": np.arange(N)}
    expected = small(CNNClassifier, **parameters).fit(images, Y, **fit)
    fitted = small(CNNClassifier, n_threads=n_threads, **parameters).fit(paths, Y, **fit)
    assert digest(fitted) == digest(expected)
    assert fitted.skipped_files_ == expected.skipped_files_ == []
    np.testing.assert_array_equal(
        fitted.history_["validation_loss"], expected.history_["validation_loss"]
    )
    check_left_over()


def test_each_file_is_decoded_once_a_fit(paths, small, opened):
    test = (paths[:4], Y[:4])
    clf = small(ANNClassifier, max_epochs=4, validation_fraction=0.3, image_shape=(1, 12, 12))
    clf.fit(paths[4:], Y[4:], monitor={"test": test})
    assert sorted(opened) == sorted(paths)


def test_a_frozen_backbone_sees_each_file_once(paths, small, opened):
    clf = PretrainedClassifier(
        "squeezenet1_1",
        weights=None,
        freeze_backbone=True,
        memory=None,
        augment="histology",
        n_views=2,
        input_size=32,
        image_shape=(3, 12, 12),
        max_epochs=2,
        random_state=0,
    )
    with pytest.warns(UserWarning, match="random backbone"):
        clf.fit(paths, Y)
    assert sorted(opened) == sorted(paths)


def test_fits_at_once(images, paths, small, digest):
    best = []
    for X in (images, paths):
        search = GridSearchCV(small(ANNClassifier), {"lr": [1e-3, 1e-2]}, cv=2, n_jobs=2)
        with joblib.parallel_config(backend="threading"):
            best.append(digest(search.fit(X, Y).best_estimator_))
    assert best[0] == best[1]


def test_a_disk_without_room(images, paths, small, digest, monkeypatch, check_left_over):
    full = SimpleNamespace(total=1e12, free=1e9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    with pytest.warns(CacheWarning, match="1 GB are free") as caught:
        fitted = small(ANNClassifier, max_epochs=3).fit(paths, Y)
    assert len(caught) == 1
    assert digest(fitted) == digest(small(ANNClassifier, max_epochs=3).fit(images, Y))
    check_left_over()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_files_on_cuda_learn_nearly_what_the_array_learns(images, paths, small):
    files, array = (
        small(CNNClassifier, device="cuda").fit(X, Y).history_["train_loss"]
        for X in (paths, images)
    )
    np.testing.assert_allclose(files, array, rtol=1e-3)


class Interrupt(Callback):
    """Ctrl-C in the second epoch."""

    def on_batch_end(self, net, **kwargs):
        if len(net.history) == 2:
            raise KeyboardInterrupt


def test_ctrl_c_leaves_nothing(paths, small, check_left_over):
    clf = small(ANNClassifier, batch_size=4, callbacks=[Interrupt()], n_threads=2)
    with pytest.raises(KeyboardInterrupt):
        clf.fit(paths, Y)
    check_left_over()
    assert clf.n_iter_ == 1


# -------------------------------------------------------------------------------------- bad files


def test_a_bad_file_in_the_middle_is_named(with_bad, small, check_left_over):
    X, y = with_bad[1:13], Y[1:13]
    with pytest.raises(ImageFileError, match=r"07\.png' cannot be used: .*truncated") as caught:
        small(ANNClassifier, batch_size=2, n_threads=2).fit(X, y)
    check_left_over()  # while the exception is held
    assert "Replace the file" in str(caught.value)


def test_bad_files_are_left_out_as_if_they_were_not_there(with_bad, small, digest):
    test = (with_bad, Y)
    parameters = {"validation_fraction": 0.3, "batch_size": 5, "class_weight": "balanced"}
    weight = 2.0 ** (np.arange(N) % 3)
    clf = small(CNNClassifier, on_bad_file="skip", **parameters)
    with pytest.warns(SkippedFilesWarning) as caught:
        clf.fit(with_bad, Y, groups=PATIENTS, sample_weight=weight, monitor={"test": test})
    expected = small(CNNClassifier, **parameters).fit(
        with_bad[GOOD],
        Y[GOOD],
        groups=PATIENTS[GOOD],
        sample_weight=weight[GOOD],
        monitor={"test": (with_bad[GOOD], Y[GOOD])},
    )
    assert digest(clf) == digest(expected)
    for name in ("train_loss", "validation_loss", "test_loss"):
        np.testing.assert_array_equal(clf.history_[name], expected.history_[name])
    assert clf.skipped_files_ == with_bad[BAD].tolist()
    (warning,) = caught
    assert warning.filename == __file__
    message = str(warning.message)
    assert message.startswith("4 image files are left out")
    assert all(name in message for name in with_bad[BAD])


def test_many_bad_files_are_not_all_listed_in_the_warning(paths, small):
    for name in paths[:12]:
        Path(name).write_text("no image")
    with pytest.warns(SkippedFilesWarning, match=r"^12 image files.*09\.png, …\. The image.*00"):
        clf = small(ANNClassifier, on_bad_file="skip").fit(paths, Y)
    assert clf.skipped_files_ == paths[:12].tolist()


@pytest.mark.parametrize("where", ["validation_data", "monitor"])
def test_bad_files_to_validate_on_or_to_monitor(where, images, with_bad, small):
    def fit(pair):
        return clf.fit(images, Y, **{where: {"test": pair} if where == "monitor" else pair})

    clf = small(ANNClassifier, on_bad_file="skip")
    with pytest.warns(SkippedFilesWarning, match="4 image files"):
        fit((with_bad, Y))
    assert clf.skipped_files_ == with_bad[BAD].tolist()
    with pytest.raises(ValueError, match=f"'{where}'.*None of the 4 image files can be used"):
        fit((with_bad[BAD], Y[BAD]))


def test_what_is_never_left_out(with_bad, small):
    clf = small(ANNClassifier, on_bad_file="skip", image_shape=(1, 12, 12))
    with pytest.warns(SkippedFilesWarning):
        clf.fit(with_bad, Y)
    with pytest.raises(ImageFileError, match=r"07\.png"):
        clf.predict(with_bad[5:9])
    with pytest.raises(MissingPathError, match=r"nowhere\.png"):
        clf.fit([*with_bad, "nowhere.png"], [*Y, 0])
    with pytest.raises(ImageFileError, match=r"None of the 4 image files.*00\.png"):
        clf.fit(with_bad[BAD], Y[BAD])
    Image.fromarray(np.zeros((12, 9), np.uint8)).save(with_bad[5])
    with pytest.raises(ImageFileError, match=r"05\.png is 12×9 pixels"):
        small(ANNClassifier, on_bad_file="skip").fit(with_bad, Y)


def test_a_class_whose_files_are_all_bad(with_bad, small):
    y = np.isin(np.arange(N), BAD)
    with pytest.raises(ValueError, match=r"at least two classes\. Got 20 images of one class"):
        small(ANNClassifier, on_bad_file="skip").fit(with_bad, y)


def test_skipped_files_are_saved(with_bad, small, tmp_path):
    with pytest.warns(SkippedFilesWarning):
        clf = small(ANNClassifier, on_bad_file="skip").fit(with_bad, Y)
    clf.save(tmp_path / "clf.safetensors")
    assert dlboi.load(tmp_path / "clf.safetensors").skipped_files_ == clf.skipped_files_


def test_a_checkpoint_knows_which_files_were_left_out(paths, small, digest, tmp_path):
    def fit(**parameters):
        clf = small(ANNClassifier, **parameters)
        return clf.fit(paths, Y, checkpoint=tmp_path / "checkpoint")

    first = fit()
    again = fit(on_bad_file="skip")
    assert digest(again) == digest(first)
    assert again.history_["train_seconds"][-1] == first.history_["train_seconds"][-1]
    Path(paths[3]).write_text("no image")
    with (
        pytest.warns(SkippedFilesWarning),
        pytest.raises(CheckpointError, match="the training images or their classes are others"),
    ):
        fit(on_bad_file="skip")


# ----------------------------------------------------------------------------------------- memory

_GROWTH = """
import sys
from pathlib import Path
import numpy as np
from dlboi import CNNClassifier

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

paths = sorted(map(str, Path(sys.argv[1]).glob("*.bmp")))
y = np.arange(len(paths)) % 2
clf = CNNClassifier(n_filters=(4,), pool_size=8, max_epochs=2, random_state=0)
clf.fit(paths[:64], y[:64])
before = peak()
clf.fit(paths, y)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no peak of memory here")
def test_memory_does_not_grow_with_the_set(tmp_path):
    """260 MB of pixels are learnt from in less than 40 MB more than 4 MB are."""
    pixels = np.random.default_rng(0).integers(256, size=(16, 256, 256), dtype=np.uint8)
    for number in range(4000):
        Image.fromarray(pixels[number % 16]).save(tmp_path / f"{number:04}.bmp")
    command = [sys.executable, "-c", _GROWTH, str(tmp_path)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert float(output) < 40
