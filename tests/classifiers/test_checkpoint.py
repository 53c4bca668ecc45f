"""Fits that are stopped at any moment and called again end with the same weights."""

import errno
import itertools
import os
import pickle
import resource
import shutil
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from PIL import Image
from skorch.callbacks import (
    Callback,
    EarlyStopping,
    EpochScoring,
    EpochTimer,
    GradientNormClipping,
    LRScheduler,
    PrintLog,
)

import dlboi
from dlboi import ANNClassifier, CNNClassifier, GAPClassifier, PretrainedClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.exceptions import CheckpointError, DlboiWarning, MissingPathError
from dlboi.training import ImageClassifierNet, LabelledImages
from dlboi.training._checkpoint_folder import CheckpointFolder

N_EPOCHS = 4


class StoppedError(BaseException):
    """Takes the place of a signal that kills."""


@pytest.fixture(scope="module")
def images():
    phantoms = make_chest_phantoms(24, image_size=16, difficulty=0.3, random_state=0)
    phantoms.data.setflags(write=False)
    return phantoms


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "checkpoints"


@pytest.fixture(scope="module")
def fit(images, small):
    """Return a function that fits a small network on 24 phantoms."""

    def fit(classifier=ANNClassifier, checkpoint=None, X=images.data, y=images.target, **settings):
        of_fit = ("sample_weight", "groups", "validation_data", "monitor")
        arguments = {name: settings.pop(name) for name in of_fit if name in settings}
        settings = {"max_epochs": N_EPOCHS, "batch_size": 8, "lr": 0.01, **settings}
        if classifier is PretrainedClassifier:
            clf = classifier(**{"random_state": 0, "memory": None, **settings})
        else:
            clf = small(classifier, **settings)
        try:
            return clf.fit(X, y, **arguments, checkpoint=checkpoint)
        except BaseException as error:
            error.clf = clf
            raise

    return fit


@contextmanager
def stopped(n_calls, error=StoppedError):
    """Let the net stop at the call of `notify` that has this number, from 0."""
    notify, calls = ImageClassifierNet.notify, itertools.count()

    def stopping(net, method_name, **arguments):
        if next(calls) == n_calls:
            raise error
        notify(net, method_name, **arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageClassifierNet, "notify", stopping)
        yield


@contextmanager
def epochs_counted():
    """Yield a list that grows by an element each epoch that is trained."""
    begun, on_epoch_begin = [], ImageClassifierNet.on_epoch_begin

    def counting(net, *arguments, **more):
        begun.append(len(net.history))
        on_epoch_begin(net, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageClassifierNet, "on_epoch_begin", counting)
        yield begun


def files(folder):
    return sorted(folder.glob("checkpoint-*.safetensors"))


def assert_same(first, second, digest):
    assert digest(first) == digest(second)
    assert first.best_epoch_ == second.best_epoch_
    assert first.n_trainable_parameters_ == second.n_trainable_parameters_
    assert list(first.history_) == list(second.history_)
    for name in set(first.history_) - {"train_seconds", "validation_seconds", "dur"}:
        np.testing.assert_array_equal(first.history_[name], second.history_[name])
        assert first.history_[name].dtype == second.history_[name].dtype


# ------------------------------------------------------------------------------- the same weights

FROZEN = {"backbone": "squeezenet1_1", "weights": None, "input_size": 32, "freeze_backbone": True}
CASES = {
    "dropout, augmentation": (ANNClassifier, {"dropout": 0.5, "augment": "xray"}),
    "adamw, early stop": (
        CNNClassifier,
        {
            "optimizer": "adamw",
            "weight_decay": 0.1,
            "validation_fraction": 0.25,
            "early_stopping": True,
            "patience": 2,
            "random_state": 1,  # best in the second of four epochs
            "max_epochs": 20,
        },
    ),
    "cosine": (CNNClassifier, {"schedule": "cosine", "dropout": 0.2, "precision": "bfloat16"}),
    "sgd, weights": (
        GAPClassifier,
        {
            "optimizer": "sgd",
            "step_size": 2,
            "restore_best": "val_accuracy",
            "validation_fraction": 0.25,
            "class_weight": "balanced",
            "sample_weight": np.arange(24) % 5,
        },
    ),
    "batch normalisation": (ANNClassifier, {"batch_norm": True, "schedule": None}),
    "fine-tuned": (
        PretrainedClassifier,
        {
            "backbone": "squeezenet1_1",
            "weights": None,
            "input_size": 32,
            "n_frozen_stages": 2,
            "unfreeze_at": 3,
            "backbone_lr": 1e-3,
        },
    ),
    "fixed": (
        PretrainedClassifier,
        {**FROZEN, "augment": "xray", "n_views": 2, "dropout": 0.5, "validation_fraction": 0.25},
    ),
}


@pytest.mark.filterwarnings("ignore:.*has a random backbone")
@pytest.mark.parametrize("case", CASES)
def test_a_fit_that_is_stopped_again_and_again(case, fit, folder, digest):
    classifier, settings = CASES[case]
    expected = fit(classifier, **settings)
    for n_calls in (20, 9, 16):  # in the second epoch, again in it, and in the third
        with stopped(n_calls), pytest.raises(StoppedError):
            fit(classifier, folder, **settings)
        assert 1 <= len(files(folder)) <= 2
    with epochs_counted() as begun:
        resumed = fit(classifier, folder, **settings)
    assert 1 <= len(begun) < expected.n_iter_
    assert_same(resumed, expected, digest)
    with epochs_counted() as begun:
        again = fit(classifier, folder, **settings)
    assert not begun
    assert_same(again, expected, digest)


def test_every_point_of_a_fit(fit, folder, digest):
    """Two epochs of one batch each: at each point at which callbacks are told something."""
    settings = {"max_epochs": 2, "validation_fraction": 0.25, "batch_size": 24}
    expected, n_calls = fit(**settings), 0
    for n_calls in range(30):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with stopped(n_calls):
                fit(ANNClassifier, folder, **settings)
        except StoppedError:
            assert_same(fit(ANNClassifier, folder, **settings), expected, digest)
        else:
            break
    assert 10 < n_calls < 29


@pytest.mark.parametrize("hook", ["pack_tensors", "replacing"])
def test_a_stop_while_a_state_is_written(hook, fit, folder, digest, monkeypatch):
    monkeypatch.setattr(f"dlboi.training._checkpoint_folder.{hook}", _stop_at_third_call(hook))
    with pytest.raises(StoppedError):
        fit(ANNClassifier, folder)
    monkeypatch.undo()
    (folder / ".0123456789.part").touch()  # what a killed process leaves
    assert_same(fit(ANNClassifier, folder), fit(), digest)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        *(path.name for path in files(folder)),
    ]


def _stop_at_third_call(name):
    from dlboi.training import _checkpoint_folder

    original, calls = getattr(_checkpoint_folder, name), iter(range(2))

    def stopping(*arguments):
        if next(calls, None) is None:
            raise StoppedError
        return original(*arguments)

    return stopping


def test_the_seed_that_was_drawn_is_kept(fit, folder):
    settings = {"random_state": None, "validation_fraction": 0.25, "dropout": 0.5}
    with stopped(20, KeyboardInterrupt), pytest.raises(KeyboardInterrupt) as caught:
        fit(ANNClassifier, folder, **settings)
    interrupted = caught.value.clf
    assert 1 <= interrupted.n_iter_ < N_EPOCHS
    resumed = fit(ANNClassifier, folder, **settings)
    assert resumed.net_.seed == interrupted.net_.seed
    n_epochs = interrupted.n_iter_
    for name in ("train_loss", "validation_loss", "train_seconds"):
        before = interrupted.history_[name]
        np.testing.assert_array_equal(resumed.history_[name][:n_epochs], before)
    assert resumed.n_iter_ == N_EPOCHS


def test_ctrl_c_right_after_going_on_keeps_the_best_epoch(fit, folder, digest):
    settings = {"validation_fraction": 0.25, "lr": 0.1, "schedule": None}
    with stopped(22, KeyboardInterrupt), pytest.raises(KeyboardInterrupt) as caught:
        fit(ANNClassifier, folder, **settings)
    first = caught.value.clf
    with stopped(1, KeyboardInterrupt), pytest.raises(KeyboardInterrupt) as caught:
        fit(ANNClassifier, folder, **settings)
    assert_same(caught.value.clf, first, digest)


def test_what_may_change(fit, folder, digest, capsys):
    with stopped(20), pytest.raises(StoppedError):
        fit(ANNClassifier, folder)
    changed = fit(ANNClassifier, folder, n_threads=2, verbose=1)
    assert_same(changed, fit(), digest)
    assert f"{N_EPOCHS}/{N_EPOCHS}" in capsys.readouterr().err


def test_a_path_as_text_and_random_states(fit, folder, digest):
    rng = np.random.RandomState
    with stopped(20), pytest.raises(StoppedError):
        fit(ANNClassifier, str(folder), random_state=rng(3))
    resumed = fit(ANNClassifier, str(folder), random_state=rng(3))
    assert_same(resumed, fit(random_state=rng(3)), digest)


def test_the_net_outlives_its_fit(fit, folder, images):
    clf = fit(ANNClassifier, folder)
    before = files(folder)
    training = LabelledImages(clf._images_to_predict(images.data), images.target)
    for fitted in (clf, pickle.loads(pickle.dumps(clf))):
        fitted.net_.partial_fit((training, None), epochs=1)
        assert len(fitted.net_.history) == N_EPOCHS + 1
    assert files(folder) == before


# ------------------------------------------------------------------------------------- callbacks


class Counting(Callback):
    """Counts epochs, lowers the learning rate, and can be saved."""

    def on_train_begin(self, net, **kwargs):
        self.n_epochs, self.total = 0, torch.zeros(2)

    def on_epoch_end(self, net, **kwargs):
        self.n_epochs += 1
        self.total += self.n_epochs
        net.history.record("counted", self.n_epochs)
        net.optimizer_.param_groups[0]["lr"] *= 0.5

    def state_dict(self):
        return {"n_epochs": self.n_epochs, "total": self.total}

    def load_state_dict(self, state):
        self.n_epochs, self.total = state["n_epochs"], state["total"]


def silent(*args, **kwargs):
    """Take the place of `print`."""


def test_callbacks_go_on_too(fit, folder, digest):
    callbacks = [
        EpochScoring("accuracy", lower_is_better=False),
        ("timer", EpochTimer()),
        GradientNormClipping(0.1),
        PrintLog(sink=silent),
        Counting(),
        EarlyStopping(patience=3, monitor="train_loss", sink=silent),
    ]
    settings = {"validation_fraction": 0.25, "max_epochs": 6, "schedule": None}
    settings["callbacks"] = callbacks
    expected = fit(**settings)
    with stopped(25), pytest.raises(StoppedError):
        fit(ANNClassifier, folder, **settings)
    resumed = fit(ANNClassifier, folder, **settings)
    assert_same(resumed, expected, digest)
    counting = {type(callback): callback for _, callback in resumed.net_.callbacks_}[Counting]
    assert counting.n_epochs == resumed.n_iter_
    assert counting.total.tolist() == [resumed.n_iter_ * (resumed.n_iter_ + 1) / 2] * 2


@pytest.mark.parametrize(
    ("callback", "name"),
    [
        (LRScheduler(), "LRScheduler"),
        (("mine", Callback()), "mine"),
        (EarlyStopping(load_best=True), "EarlyStopping"),
    ],
)
def test_callbacks_that_cannot_be_saved_are_named(callback, name, fit, folder):
    with pytest.raises(CheckpointError, match=f"the callback {name} cannot be written"):
        fit(ANNClassifier, folder, callbacks=[callback])
    assert not folder.exists()


# ---------------------------------------------------------------------------------- another fit

BASE = {"validation_fraction": 0.25, "callbacks": [GradientNormClipping(1.0)]}


@pytest.fixture(scope="module")
def begun_once(fit, tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun") / "checkpoints"
    with stopped(25), pytest.raises(StoppedError):
        fit(ANNClassifier, folder, **BASE)
    assert len(files(folder)) == 2
    return folder


@pytest.fixture
def begun(begun_once, folder):
    """Return the folder of a fit that was stopped; it may have been moved since."""
    return shutil.copytree(begun_once, folder)


def flipped(values):
    return values[::-1]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"lr": 0.02}, "lr: 0.01 there, 0.02 here"),
        ({"max_epochs": 9}, "max_epochs: 4 there, 9 here"),
        ({"batch_size": 9}, "batch_size: 8 there, 9 here"),
        ({"dropout": 0.1}, "dropout"),
        ({"augment": "xray"}, "augment: None there, 'xray' here"),
        ({"random_state": 1}, "random_state: seed"),
        ({"random_state": None}, "random_state: seed .* there, None here"),
        ({"precision": "bfloat16"}, "precision: float32 there, bfloat16 here"),
        ({"class_weight": "balanced"}, "class_weight: None there, 'balanced' here"),
        ({"callbacks": [GradientNormClipping(2.0)]}, "callbacks: .*1.0.* there, .*2.0"),
        ({"X": flipped}, r"\(the training images or their classes are others"),
        ({"y": flipped}, "the training images or their classes are others"),
        ({"X": lambda X: X / 255}, "the training images or their classes are others"),
        ({"y": lambda y: y + 1}, r"classes: \[0, 1\] .* there, \[1, 2\] .* here"),
        ({"sample_weight": np.arange(24) + 1}, r"weights of the images \(sample_weight"),
        ({"groups": np.arange(24) // 2}, "the validation images or their classes are others"),
        ({"monitor": {"a": 0}}, r"monitor: \[\] there, \['a'\] here"),
    ],
)
def test_another_fit_is_refused_and_named(changes, named, begun, fit, images):
    arguments = {**BASE, **changes}
    for name, values in (("X", images.data), ("y", images.target)):
        if name in changes:
            arguments[name] = changes[name](values)
    if "monitor" in changes:
        arguments["monitor"] = {"a": (images.data, images.target)}
    before = {path: path.read_bytes() for path in files(begun)}
    with epochs_counted() as epochs, pytest.raises(CheckpointError, match=named) as caught:
        fit(ANNClassifier, begun, **arguments)
    assert str(begun) in str(caught.value)
    assert not epochs
    assert {path: path.read_bytes() for path in files(begun)} == before


def test_another_classifier_is_refused(begun, fit):
    with pytest.raises(
        CheckpointError, match=r"class: .*ANNClassifier there, .*GAPClassifier here"
    ):
        fit(GAPClassifier, begun, **BASE)


def test_image_files(fit, folder, tmp_path, images, digest):
    paths = [str(tmp_path / f"{number}.png") for number in range(len(images.data))]
    for path, pixels in zip(paths, images.data, strict=True):
        Image.fromarray(pixels).save(path)
    with stopped(20), pytest.raises(StoppedError):
        fit(ANNClassifier, folder, X=paths)
    with pytest.raises(CheckpointError, match="the training images or their classes are others"):
        fit(ANNClassifier, folder, X=[*paths[:-1], paths[0]])
    assert_same(fit(ANNClassifier, folder, X=paths), fit(X=paths), digest)


def test_only_what_differs_is_named(begun, fit):
    with pytest.raises(CheckpointError, match=r"another fit \(lr: 0\.01 there, 0\.5 here\)\. Give"):
        fit(ANNClassifier, begun, **{**BASE, "lr": 0.5})


@pytest.mark.filterwarnings("ignore:.*has a random backbone")
def test_a_frozen_backbone_is_not_written_but_checked(fit, folder, monkeypatch):
    with stopped(20), pytest.raises(StoppedError):
        fit(PretrainedClassifier, folder, **FROZEN)
    assert max(path.stat().st_size for path in files(folder)) < 30_000
    prepared = dlboi.networks.PretrainedNetwork.freeze

    def other_weights(module, n_stages):
        prepared(module, n_stages)
        with torch.no_grad():
            next(module.body.parameters()).mul_(2)

    monkeypatch.setattr(dlboi.networks.PretrainedNetwork, "freeze", other_weights)
    with pytest.raises(CheckpointError, match="the weights of the frozen backbone are others"):
        fit(PretrainedClassifier, folder, **FROZEN)


# ------------------------------------------------------------------------------- damaged folders


def truncate(path):
    path.write_bytes(path.read_bytes()[:-7])


def empty(path):
    path.write_bytes(b"")


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def flip_a_bit_of_the_header(path):
    content = bytearray(path.read_bytes())
    content[len(b"\0" * 8) + 40] ^= 1
    path.write_bytes(content)


DAMAGES = [truncate, empty, flip_a_bit, flip_a_bit_of_the_header]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_newest_state_gives_way_to_the_one_before(damage, begun, fit, digest):
    older, newest = files(begun)
    damage(newest)
    with pytest.warns(DlboiWarning, match=f"{newest.name} .*it is damaged.*{older.name}") as caught:
        resumed = fit(ANNClassifier, begun, **BASE)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert_same(resumed, fit(**BASE), digest)
    assert not newest.exists()
    assert len(files(begun)) == 2
    fit(ANNClassifier, begun, **BASE)  # without a warning


def test_the_good_state_is_kept_until_there_is_another(begun, fit, monkeypatch):
    older, newest = files(begun)
    truncate(newest)
    with pytest.warns(DlboiWarning), stopped(1), pytest.raises(StoppedError):
        fit(ANNClassifier, begun, **BASE)
    assert files(begun) == [older, newest]


def test_two_damaged_states_are_an_error_and_not_a_new_beginning(begun, fit):
    for path in files(begun):
        truncate(path)
    before = files(begun)
    with epochs_counted() as epochs, pytest.raises(CheckpointError, match="Delete the folder"):
        fit(ANNClassifier, begun, **BASE)
    assert not epochs
    assert files(begun) == before


def test_foreign_files_are_left_alone(fit, folder, digest):
    folder.mkdir()
    for name in ("notes.txt", "checkpoint-1.safetensors", "checkpoint-000009-abc.safetensors"):
        (folder / name).write_text("mine")
    assert_same(fit(ANNClassifier, folder), fit(), digest)
    assert [path.name for path in folder.iterdir() if path.is_file()].count("notes.txt") == 1
    assert sum(path.read_bytes() == b"mine" for path in folder.iterdir()) == 3


def test_a_state_of_another_format(fit, folder):
    folder.mkdir()
    with CheckpointFolder(folder).opened() as opened:
        opened.write({"format": 2}, {})
    with pytest.raises(CheckpointError, match="format 2, this version of dlboi"):
        fit(ANNClassifier, folder)


def test_a_pickle_under_the_name_of_a_state_is_not_executed(begun, fit):
    import xxhash

    content = pickle.dumps({"a": 1})
    for path in files(begun):
        path.unlink()
    name = f"checkpoint-000003-{xxhash.xxh3_128_hexdigest(content)}.safetensors"
    (begun / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=f"can be read: {name}"):
        fit(ANNClassifier, begun, **BASE)


# ---------------------------------------------------------------------- disks and folders that fail


@pytest.mark.parametrize("n_calls", [0, 1, 4, 5])
def test_a_full_disk(n_calls, fit, folder, digest, monkeypatch):
    """A state forces its file and its folder to the disk, after the name of the folder itself."""
    fsync, calls = os.fsync, iter(range(1 + n_calls))

    def full_disk(descriptor):
        if next(calls, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full_disk)
    with epochs_counted() as epochs, pytest.raises(OSError, match="No space left") as caught:
        fit(ANNClassifier, folder)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(folder)
    assert "The checkpoint cannot be written" in str(caught.value)
    assert len(epochs) == n_calls // 2
    monkeypatch.undo()
    if n_calls > 3:
        assert f"{files(folder)[1].name} is kept" in str(caught.value)
    assert_same(fit(ANNClassifier, folder), fit(), digest)


def test_a_limit_of_the_size_of_files(begun, fit, digest):
    """The system itself ends the write in the middle."""
    before = files(begun)
    size, limits = before[0].stat().st_size // 2, resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        with pytest.raises(OSError, match=f"{before[1].name} is kept") as caught:
            fit(ANNClassifier, begun, **BASE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert files(begun) == before
    assert_same(fit(ANNClassifier, begun, **BASE), fit(**BASE), digest)


def test_a_folder_that_vanishes(fit, folder, tmp_path, digest):
    elsewhere = tmp_path / "elsewhere"

    class Mover(Counting):
        def on_epoch_begin(self, net, **kwargs):
            if len(net.history) == 3 and not moved:
                moved.append(folder.rename(elsewhere))

    moved = []

    with pytest.raises(MissingPathError, match="is not there any more") as caught:
        fit(ANNClassifier, folder, callbacks=[Mover()])
    assert str(folder) in str(caught.value)
    elsewhere.rename(folder)
    resumed = fit(ANNClassifier, folder, callbacks=[Mover()])
    assert_same(resumed, fit(callbacks=[Counting()]), digest)


@pytest.mark.parametrize("method", ["mkdir", "glob"])
def test_a_folder_that_cannot_be_written(method, fit, folder, monkeypatch):
    def refuse(path, *arguments, **more):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(type(folder), method, refuse)
    with epochs_counted() as epochs, pytest.raises(PermissionError, match="to this folder") as e:
        fit(ANNClassifier, folder)
    assert e.value.filename == str(folder)
    assert not epochs


def test_a_folder_without_a_parent(fit, tmp_path):
    with pytest.raises(MissingPathError, match=r"There is no folder .*nowhere to make the folder"):
        fit(ANNClassifier, tmp_path / "nowhere" / "checkpoints")


def test_a_file_in_the_place_of_the_folder(fit, folder):
    folder.touch()
    with pytest.raises(NotADirectoryError, match=r"is a file\. Name a folder"):
        fit(ANNClassifier, folder)


def test_a_folder_in_use(fit, folder):
    with (
        CheckpointFolder(folder).opened(),
        pytest.raises(CheckpointError, match="Another fit is writing its checkpoints to"),
    ):
        fit(ANNClassifier, folder)
    fit(ANNClassifier, folder)


@pytest.mark.parametrize("checkpoint", [7, True, ["a"]])
def test_what_is_no_path(checkpoint, fit):
    with pytest.raises(ValueError, match="'checkpoint' parameter of fit must be the path"):
        fit(ANNClassifier, checkpoint)


def test_a_warm_start_is_refused(fit, folder):
    with pytest.raises(ValueError, match="cannot be used with warm_start=True"):
        fit(ANNClassifier, folder, warm_start=True)
    assert not folder.exists()
