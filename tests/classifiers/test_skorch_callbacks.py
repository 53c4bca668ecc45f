"""skorch's callbacks at work in a fit."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from skorch.callbacks import (
    BatchScoring,
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    EpochTimer,
    Freezer,
    GradientNormClipping,
    LRScheduler,
    PrintLog,
    ProgressBar,
    TrainEndCheckpoint,
)

from dlboi import ANNClassifier, CNNClassifier


def silent(*args, **kwargs):
    """Take the place of `print`."""


@pytest.fixture
def fit(chest, small):
    def fit(*callbacks, classifier=ANNClassifier, **parameters):
        clf = small(classifier, callbacks=list(callbacks), **{"max_epochs": 4, **parameters})
        return clf.fit(
            chest.data[:40],
            chest.target[:40],
            validation_data=(chest.data[40:], chest.target[40:]),
        )

    return fit


@pytest.mark.parametrize("use_caching", [True, False])
@pytest.mark.parametrize("loss", ["bce", "ce"])
def test_epoch_scoring(loss, use_caching, classifier, fit, chest):
    def scoring(metric, **more):
        return EpochScoring(metric, lower_is_better=False, use_caching=use_caching, **more)

    clf = fit(
        scoring("accuracy", name="of_validation"),
        scoring("accuracy", name="of_training", on_train=True),
        scoring("roc_auc"),
        scoring("neg_log_loss"),
        ("named", scoring(lambda net, X, y: float(len(y)), name="n_images")),
        classifier=classifier,
        loss=loss,
        lr=0.002,
        restore_best=None,
    )
    history = clf.history_
    np.testing.assert_allclose(history["of_validation"], history["validation_accuracy"])
    np.testing.assert_allclose(history["of_training"], history["train_accuracy"])
    np.testing.assert_allclose(-history["neg_log_loss"], history["validation_loss"], atol=1e-6)
    assert history["n_images"].tolist() == [20.0] * 4
    assert history["of_validation_best"].dtype == bool
    proba, y = clf.predict_proba(chest.data[40:]), chest.target[40:]
    assert history["roc_auc"][-1] == pytest.approx(roc_auc_score(y, proba[:, 1]))
    assert history["neg_log_loss"][-1] == pytest.approx(-log_loss(y, proba), abs=1e-6)
    assert "named" in dict(clf.net_.callbacks_)


def test_epoch_scoring_of_six_classes(tissue, small):
    scoring = EpochScoring("balanced_accuracy", lower_is_better=False)
    clf = small(CNNClassifier, callbacks=[scoring], restore_best=None)
    clf.fit(tissue.data, tissue.target, validation_data=(tissue.data, tissue.target))
    expected = accuracy_score(tissue.target, clf.predict(tissue.data))  # 8 images a class
    assert clf.history_["balanced_accuracy"][-1] == pytest.approx(expected)


def test_early_stopping_of_skorch(fit, chest):
    stopper = EarlyStopping("validation", patience=2, sink=silent, lower_is_better=False)
    scoring = EpochScoring(lambda net, X, y: -len(net.history), name="validation")
    clf = fit(scoring, stopper, max_epochs=30)
    assert clf.n_iter_ == 3
    assert not clf.net_.module_.training


def test_gradients_are_clipped(fit):
    free = fit(optimizer="sgd", lr=1.0, max_epochs=1, batch_size=60, restore_best=None)
    start = fit(optimizer="sgd", lr=1e-38, max_epochs=1, batch_size=60, restore_best=None)
    limit = 1e-3
    clipped = fit(
        GradientNormClipping(limit),
        optimizer="sgd",
        lr=1.0,
        max_epochs=1,
        batch_size=60,
        restore_best=None,
    )

    def step(clf):
        pairs = zip(clf.net_.module_.parameters(), start.net_.module_.parameters(), strict=True)
        return torch.cat([(new - old).flatten() for new, old in pairs]).detach()

    assert step(free).norm() > 10 * limit
    assert step(clipped).norm().item() == pytest.approx(limit, rel=1e-3)
    direction = torch.nn.functional.cosine_similarity(step(free), step(clipped), dim=0)
    assert direction.item() == pytest.approx(1, abs=1e-4)


def test_epochs_are_timed(fit):
    clf = fit(EpochTimer())
    assert clf.history_["dur"].shape == (4,)
    assert (clf.history_["dur"] >= clf.history_["train_seconds"]).all()


def test_checkpoints_of_the_best_epoch(fit, tmp_path, chest):
    clf = fit(Checkpoint(dirname=tmp_path), TrainEndCheckpoint(dirname=tmp_path), lr=0.005)
    assert clf.history_["event_cp"].tolist() == [
        loss < min(clf.history_["validation_loss"][:epoch], default=np.inf)
        for epoch, loss in enumerate(clf.history_["validation_loss"])
    ]
    before = clf.predict_proba(chest.data)
    for name in ("params.pt", "train_end_params.pt"):
        for parameter in clf.net_.module_.parameters():
            torch.nn.init.zeros_(parameter)
        clf.net_.load_params(f_params=tmp_path / name)
        np.testing.assert_array_equal(clf.predict_proba(chest.data), before)


def test_checkpoints_of_the_whole_net(fit, tmp_path, chest):
    """Pickled in the middle of a fit, with its threads at work."""
    every_epoch = Checkpoint(f_pickle="net.pkl", f_params=None, monitor=None, dirname=tmp_path)
    clf = fit(every_epoch, n_threads=2, restore_best=None)
    net = pickle.loads((tmp_path / "net.pkl").read_bytes())
    for name, tensor in clf.net_.module_.state_dict().items():
        assert torch.equal(net.module_.state_dict()[name], tensor)


def test_a_scheduler_of_skorch_sets_the_rate_where_there_is_no_schedule(fit):
    scheduler = LRScheduler("StepLR", step_size=1, gamma=0.1)
    clf = fit(scheduler, schedule=None, lr=0.01)
    np.testing.assert_allclose(clf.history_["lr"], [1e-2, 1e-3, 1e-4, 1e-5])


def test_frozen_layers_do_not_move(fit):
    clf = fit(Freezer("linear1.*"), lr=0.05, restore_best=None)
    start = fit(lr=1e-38, optimizer="sgd")
    before, after = (dict(c.net_.module_.named_parameters()) for c in (start, clf))
    assert torch.equal(before["linear1.weight"], after["linear1.weight"])
    assert not torch.equal(before["output.weight"], after["output.weight"])


def test_logs_and_bars_of_skorch(fit, capsys):
    lines = []
    fit(PrintLog(sink=lambda text, *args: lines.append(text)), ProgressBar(detect_notebook=False))
    assert any("valid_loss" in line for line in lines)
    assert capsys.readouterr().out == ""


class Counter(Callback):
    """Counts every call, with what it was called with."""

    def initialize(self):
        self.calls_ = []
        return self

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        self.calls_.append("train_begin")

    def on_train_end(self, net, **kwargs):
        self.calls_.append("train_end")

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self.calls_.append(("epoch_begin", len(dataset_train), len(dataset_valid)))

    def on_epoch_end(self, net, **kwargs):
        self.calls_.append(("epoch_end", sorted(net.history[-1])))

    def on_batch_end(self, net, batch=None, training=None, y_pred=None, loss=None, **kwargs):
        images, target = batch
        assert tuple(y_pred.shape) == (len(images), 1)
        assert len(images) == len(target)
        assert loss.ndim == 0
        self.calls_.append(("batch_end", training, len(images)))


def test_the_order_of_calls(fit):
    clf = fit(Counter(), max_epochs=2, batch_size=16)
    records = ["batches", "epoch", "lr", "train_accuracy", "train_loss", "train_loss_best"]
    records += ["train_seconds", "valid_accuracy", "valid_loss", "valid_loss_best", "valid_seconds"]
    epoch = [
        ("epoch_begin", 40, 20),
        ("batch_end", True, 16),
        ("batch_end", True, 16),
        ("batch_end", True, 8),
        ("batch_end", False, 20),
        ("epoch_end", records),
    ]
    calls = dict(clf.net_.callbacks_)["Counter"].calls_
    assert calls == ["train_begin", *epoch, *epoch, "train_end"]


def test_callbacks_are_cloned(chest, small):
    stopper = EarlyStopping("train_loss", patience=1, sink=silent)
    pair = ("stop", stopper)
    clf = small(ANNClassifier, callbacks=[pair], lr=1e-30, max_epochs=9)
    before = dict(vars(stopper))
    for _ in range(2):
        clf.fit(chest.data, chest.target)
        assert clf.n_iter_ < 9
    assert vars(stopper) == before
    assert clf.callbacks == [pair]
    assert dict(clf.net_.callbacks_)["stop"] is not stopper


def test_a_class_in_place_of_a_callback(fit):
    assert "dur" in fit(EpochTimer).history_


@pytest.mark.parametrize("entry", [42, "EpochTimer", ("name", 42), ("a", "b", "c"), None])
def test_what_is_no_callback_is_refused(entry, fit):
    with pytest.raises(ValueError, match=r"'callbacks' parameter must be a list of skorch callb"):
        fit(entry)


def test_a_callback_that_cannot_work_says_so(fit):
    """There are no records of batches; see the documentation of the net."""
    with pytest.raises((KeyError, ValueError)):
        fit(BatchScoring("accuracy", lower_is_better=False))


def test_the_net_scores_a_set(fitted, chest):
    from dlboi._validation import image_layout
    from dlboi.training import ImageArray, LabelledImages

    images = ImageArray(chest.data, image_layout(chest.data.shape))
    dataset = LabelledImages(images, chest.target)
    proba = fitted.predict_proba(chest.data)
    np.testing.assert_allclose(fitted.net_.predict_proba(dataset), proba, atol=1e-12)
    np.testing.assert_array_equal(fitted.net_.predict(dataset), proba.argmax(axis=1))
    loss, accuracy = fitted.net_.evaluate(dataset)
    assert loss == pytest.approx(log_loss(chest.target, proba), abs=1e-6)
    assert accuracy == fitted.score(chest.data, chest.target)
