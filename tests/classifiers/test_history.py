"""What is recorded each epoch, and which epoch's weights a fit ends with."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.training import ImageBatch
from dlboi.training._gradients import BatchGradients

VALIDATION = slice(40, 60)
TRAINING = slice(0, 40)


@pytest.fixture(scope="module")
def fit(chest, small):
    """Return a function that fits on 40 phantoms and validates on 20 others."""

    def fit(classifier, *, monitor=None, y_validation=None, **parameters):
        y = chest.target[VALIDATION] if y_validation is None else y_validation
        return small(classifier, **parameters).fit(
            chest.data[TRAINING],
            chest.target[TRAINING],
            validation_data=(chest.data[VALIDATION], y),
            monitor=monitor,
        )

    return fit


def scores(clf, X, y):
    proba = clf.predict_proba(X)
    return log_loss(y, proba, labels=clf.classes_), accuracy_score(y, clf.predict(X))


# ----------------------------------------------------------------------------------- the records


def test_columns_and_lengths(classifier, chest, fit):
    sets = {
        "test": (chest.data[:10], chest.target[:10]),
        "a hospital": (chest.data[10:], chest.target[10:]),
    }
    clf = fit(classifier, max_epochs=3, monitor=sets)
    assert list(clf.history_) == [
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "test_loss",
        "test_accuracy",
        "a hospital_loss",
        "a hospital_accuracy",
        "lr",
        "train_seconds",
        "validation_seconds",
    ]
    assert {len(values) for values in clf.history_.values()} == {3}
    assert clf.n_iter_ == 3
    assert clf.history_["epoch"].tolist() == [1, 2, 3]
    for name in ("train_seconds", "validation_seconds"):
        assert (clf.history_[name] > 0).all()


def test_without_validation_there_are_no_columns_of_it(classifier, chest, small):
    clf = small(classifier).fit(chest.data, chest.target)
    assert list(clf.history_) == ["epoch", "train_loss", "train_accuracy", "lr", "train_seconds"]
    assert clf.best_epoch_ == clf.n_iter_ == 2


@pytest.mark.parametrize("loss", ["bce", "ce"])
def test_validation_and_monitors_are_scored_with_the_weights_of_the_epoch(
    classifier, loss, chest, fit
):
    other = (chest.data[:13], chest.target[:13])
    clf = fit(classifier, loss=loss, lr=0.01, restore_best=None, monitor={"other": other})
    for name, X, y in (
        ("validation", chest.data[VALIDATION], chest.target[VALIDATION]),
        ("other", *other),
    ):
        loss_now, accuracy_now = scores(clf, X, y)
        assert clf.history_[f"{name}_loss"][-1] == pytest.approx(loss_now, abs=1e-6)
        assert clf.history_[f"{name}_accuracy"][-1] == accuracy_now


def test_training_loss_is_the_mean_over_the_epoch(chest, small):
    """With a rate of (nearly) nothing, the mean over the epoch is the loss of the first weights."""
    clf = small(CNNClassifier, lr=1e-30, batch_size=7).fit(chest.data, chest.target)
    loss_now, accuracy_now = scores(clf, chest.data, chest.target)
    np.testing.assert_allclose(clf.history_["train_loss"], loss_now, rtol=1e-5)
    np.testing.assert_allclose(clf.history_["train_accuracy"], accuracy_now)


def test_weighted_losses_are_weighted_means(chest, small):
    y, weight = chest.target, np.linspace(0.1, 3, 60)
    clf = small(CNNClassifier, lr=1e-30, batch_size=7, class_weight={0: 1, 1: 4}).fit(
        chest.data, y, sample_weight=weight, validation_data=(chest.data, y)
    )
    proba = clf.predict_proba(chest.data)
    both = weight * np.where(y == 1, 4, 1)
    expected = log_loss(y, proba, sample_weight=both)
    np.testing.assert_allclose(clf.history_["train_loss"], expected, rtol=1e-5)
    of_classes = log_loss(y, proba, sample_weight=np.where(y == 1, 4, 1))
    np.testing.assert_allclose(clf.history_["validation_loss"], of_classes, rtol=1e-5)


@pytest.mark.parametrize("max_epochs", [1, 5])
@pytest.mark.parametrize(
    ("parameters", "scheduler"),
    [
        ({"schedule": None}, None),
        (
            {"schedule": "step", "step_size": 2, "gamma": 0.3},
            lambda o, n: torch.optim.lr_scheduler.StepLR(o, 2, 0.3),
        ),
        ({"schedule": "cosine"}, torch.optim.lr_scheduler.CosineAnnealingLR),
    ],
    ids=["none", "step", "cosine"],
)
def test_the_rate_follows_the_schedule(parameters, scheduler, max_epochs, chest, small):
    clf = small(ANNClassifier, lr=0.02, max_epochs=max_epochs, **parameters)
    clf.fit(chest.data, chest.target)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.02)
    schedule = scheduler(optimizer, max_epochs) if scheduler else None
    expected = []
    for _ in range(max_epochs):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if schedule:
            schedule.step()
    np.testing.assert_allclose(clf.history_["lr"], expected)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize(
    ("classifier", "parameters"),
    [
        (ANNClassifier, {"weight_decay": 0.1}),
        (ANNClassifier, {"batch_norm": True}),
        (CNNClassifier, {}),
        (GAPClassifier, {"weight_decay": 0.1, "output_size": 4}),
    ],
)
def test_steps_are_those_of_a_plain_loop(optimizer, classifier, parameters, chest, small):
    """One whole batch an epoch, in parts: the same steps as written by hand on the whole."""
    own = {"optimizer": optimizer, "lr": 0.01, "batch_size": 60, **parameters}
    clf = small(classifier, **own, max_epochs=4, step_size=2).fit(chest.data, chest.target)

    clf.net_.module_.train()
    gradients = BatchGradients(clf.net_, epoch=1)
    n_parts = sum(len(lane) for lane in gradients.divide(ImageBatch(None, np.arange(60))))
    assert n_parts == 2

    start = small(classifier, **own).fit(chest.data, chest.target).net_.initialize()
    module = start.module_.train()
    cls = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[optimizer]
    by_hand = cls(module.parameters(), lr=0.01, weight_decay=parameters.get("weight_decay", 0))
    schedule = torch.optim.lr_scheduler.StepLR(by_hand, 2, 0.1)
    pixels = torch.tensor(chest.data[:, None] / 255, dtype=torch.float32)
    losses = []
    for _ in range(4):
        by_hand.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            module(pixels)[:, 0], torch.tensor(chest.target, dtype=torch.float32)
        )
        loss.backward()
        by_hand.step()
        schedule.step()
        losses.append(loss.item())
    np.testing.assert_allclose(clf.history_["train_loss"], losses, rtol=1e-3)
    if optimizer == "sgd":  # Adam makes whole steps of gradients that are nothing but rounding
        theirs = module.state_dict()
        for name, ours in clf.net_.module_.state_dict().items():
            torch.testing.assert_close(ours, theirs[name], rtol=1e-4, atol=1e-6)


# -------------------------------------------------------------------------------- the best epoch

NOISY = {"max_epochs": 8, "lr": 0.005, "schedule": None, "batch_size": 8}


@pytest.mark.parametrize("restore_best", ["val_loss", "val_accuracy", "auto", None])
def test_the_epoch_that_the_history_names(classifier, restore_best, chest, fit, digest):
    clf = fit(classifier, restore_best=restore_best, **NOISY)
    history = clf.history_
    expected = {
        "val_loss": history["validation_loss"].argmin() + 1,
        "auto": history["validation_loss"].argmin() + 1,
        "val_accuracy": history["validation_accuracy"].argmax() + 1,
        None: 8,
    }[restore_best]
    assert clf.best_epoch_ == expected
    assert clf.n_iter_ == 8

    loss_now, accuracy_now = scores(clf, chest.data[VALIDATION], chest.target[VALIDATION])
    assert history["validation_loss"][expected - 1] == pytest.approx(loss_now, abs=1e-6)
    assert history["validation_accuracy"][expected - 1] == accuracy_now
    until_then = fit(classifier, restore_best=None, **{**NOISY, "max_epochs": int(expected)})
    assert digest(until_then) == digest(clf)


def test_the_best_epoch_above_is_not_always_the_last(fit):
    for name in ("val_loss", "val_accuracy"):
        assert 1 < fit(ANNClassifier, restore_best=name, **NOISY).best_epoch_ < 8


def test_the_first_of_equal_epochs(fit):
    clf = fit(ANNClassifier, restore_best="val_accuracy", lr=1e-30, max_epochs=4)
    assert len(set(clf.history_["validation_accuracy"])) == 1
    assert clf.best_epoch_ == 1


@pytest.mark.parametrize("restore_best", ["val_loss", "val_accuracy", None])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_monitors_never_choose(classifier, restore_best, early_stopping, chest, fit, digest):
    parameters = {**NOISY, "restore_best": restore_best, "early_stopping": early_stopping}
    parameters |= {"patience": 2, "schedule": "cosine"}
    alone = fit(classifier, **parameters)
    X, y = chest.data[VALIDATION], chest.target[VALIDATION]
    for labels in (y, 1 - y):
        watched = fit(classifier, monitor={"test": (X, labels)}, **parameters)
        assert digest(watched) == digest(alone)
        assert watched.best_epoch_ == alone.best_epoch_
        assert watched.n_iter_ == alone.n_iter_
        np.testing.assert_array_equal(
            watched.history_["validation_loss"], alone.history_["validation_loss"]
        )


def test_validation_data_do_choose(chest, fit, digest):
    """Or the test above would compare nothing."""
    y = chest.target[VALIDATION]
    right, wrong = (fit(ANNClassifier, y_validation=labels, **NOISY) for labels in (y, 1 - y))
    assert right.best_epoch_ != wrong.best_epoch_
    assert digest(right) != digest(wrong)


# --------------------------------------------------------------------------------- early stopping


@pytest.mark.parametrize("patience", [1, 3])
def test_early_stopping_waits_as_long_as_it_is_told(classifier, patience, chest, fit):
    wrong = 1 - chest.target[VALIDATION]  # what is learnt is wrong here: the loss rises
    parameters = {**NOISY, "max_epochs": 40, "lr": 0.1}
    clf = fit(classifier, early_stopping=True, patience=patience, y_validation=wrong, **parameters)
    loss = clf.history_["validation_loss"]
    lowest = np.minimum.accumulate(loss)
    misses = [epoch - lowest[:epoch].argmin() - 1 for epoch in range(1, len(loss) + 1)]
    assert clf.n_iter_ < 40
    assert misses[-1] == patience
    assert max(misses[:-1]) < patience
    assert clf.best_epoch_ == clf.n_iter_ - patience


def test_early_stopping_changes_nothing_before_it_stops(fit, digest):
    parameters = {**NOISY, "restore_best": None}
    assert digest(fit(CNNClassifier, early_stopping=True, patience=8, **parameters)) == digest(
        fit(CNNClassifier, **parameters)
    )


def test_any_lower_loss_counts(chest, small):
    """Whole-batch steps so small that the loss falls every time, by next to nothing."""
    parameters = {"optimizer": "sgd", "lr": 1e-4, "batch_size": 60, "max_epochs": 6}
    clf = small(ANNClassifier, early_stopping=True, patience=1, **parameters)
    clf.fit(chest.data, chest.target, validation_data=(chest.data, chest.target))
    falls = -np.diff(clf.history_["validation_loss"])
    assert clf.n_iter_ == clf.best_epoch_ == 6
    assert 0 < falls.min() <= falls.max() < 1e-4 * clf.history_["validation_loss"][0]
