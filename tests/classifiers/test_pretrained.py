"""PretrainedClassifier: what is frozen, what learns, from which weights, and what is computed."""

import os
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

import dlboi
from dlboi import PretrainedClassifier, PretrainedFeatures
from dlboi.exceptions import (
    BackboneError,
    DlboiWarning,
    FeatureMapWarning,
    MissingPathError,
    ModelFileError,
    UnknownBackboneError,
)
from dlboi.networks import PretrainedNetwork


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Return a function: path of a state dict of a backbone, with random but fixed weights."""
    from torchvision import models

    folder, paths = tmp_path_factory.mktemp("weights"), {}

    def path(backbone):
        if backbone not in paths:
            options = {"init_weights": False} if backbone == "googlenet" else {}
            with torch.random.fork_rng():
                torch.manual_seed(0)
                model = models.get_model(backbone, weights=None, **options)
            paths[backbone] = folder / f"{backbone}.pt"
            torch.save(model.state_dict(), paths[backbone])
        return paths[backbone]

    return path


@pytest.fixture(autouse=True)
def _no_features_of_other_tests():
    dlboi.clear_cache(memory=None)


@pytest.fixture
def make(weights):
    """Return a function that makes a small classifier."""

    def made(backbone="squeezenet1_1", **parameters):
        own = {"max_epochs": 2, "random_state": 0, "memory": None, "weights": weights(backbone)}
        return PretrainedClassifier(backbone, **{**own, **parameters})

    return made


@pytest.fixture
def passes(monkeypatch):
    """Return a list that grows by the number of images of each pass through a body."""
    counted = []
    features = PretrainedNetwork.features

    def counting(self, pixels):
        if not pixels.is_meta:
            # Micro-batches are filled up with images of zeros: chest phantoms have no such image.
            counted.append(int((pixels.flatten(1).amax(1) > 0).sum()))
        return features(self, pixels)

    monkeypatch.setattr(PretrainedNetwork, "features", counting)
    return counted


def body_state(clf):
    return {name: tensor.clone() for name, tensor in clf.net_.module_.body.state_dict().items()}


def assert_same_state(first, second):
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


# ------------------------------------------------------------------------------ frozen and thawed


@pytest.mark.parametrize(
    ("backbone", "size"), [("resnet18", 32), ("alexnet", 64), ("googlenet", 64)]
)
@pytest.mark.parametrize("augment", [None, "xray"])
def test_a_frozen_body_is_the_same_to_the_bit(backbone, size, augment, make, weights, chest):
    clf = make(backbone, freeze_backbone=True, augment=augment, n_views=2, input_size=size)
    clf.fit(chest.data, chest.target)
    given = torch.load(weights(backbone), weights_only=True)
    state = body_state(clf)
    assert len(state) > 10
    for name, tensor in state.items():
        assert torch.equal(tensor, given[name]), name
    assert clf.n_trainable_parameters_ == clf.net_.module_.n_features + 1
    assert np.ptp(clf.history_["train_loss"]) > 0
    assert not clf.net_.module_.body.training


def test_frozen_stages_stay_and_the_others_learn(make, weights, chest):
    clf = make("resnet18", n_frozen_stages=3).fit(chest.data, chest.target)
    assert clf.backbone_stages_ == ("conv1", "layer1", "layer2", "layer3", "layer4")
    given = torch.load(weights("resnet18"), weights_only=True)
    changed = {name for name, t in body_state(clf).items() if not torch.equal(t, given[name])}
    assert {name.split(".")[0] for name in changed} == {"layer3", "layer4"}
    assert "layer3.0.bn1.running_mean" in changed


def test_a_body_is_let_go_at_the_epoch(make, weights, chest):
    frozen = make("resnet18", freeze_backbone=True, unfreeze_at=3, restore_best=None)
    before = clone(frozen).set_params(max_epochs=2).fit(chest.data, chest.target)
    after = clone(frozen).set_params(max_epochs=3).fit(chest.data, chest.target)
    given = torch.load(weights("resnet18"), weights_only=True)
    assert all(torch.equal(tensor, given[name]) for name, tensor in body_state(before).items())
    assert any(not torch.equal(tensor, given[name]) for name, tensor in body_state(after).items())
    assert before.n_trainable_parameters_ == 513
    assert after.n_trainable_parameters_ == after.n_parameters_
    np.testing.assert_array_equal(before.history_["train_loss"], after.history_["train_loss"][:2])


def test_the_body_has_a_rate_of_its_own(make, weights, chest):
    slow = make(backbone_lr=1e-30, schedule=None).fit(chest.data, chest.target)
    given = torch.load(weights("squeezenet1_1"), weights_only=True)
    for name, tensor in body_state(slow).items():
        torch.testing.assert_close(tensor, given[name], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(slow.history_["lr"], 1e-3)
    again = make(backbone_lr=1e-5, warm_start=True).fit(chest.data, chest.target)
    again.fit(chest.data, chest.target)
    assert [group["lr"] for group in again.net_.optimizer_.param_groups] == [1e-5, 1e-3]


# --------------------------------------------------------------------------------- computed once


def test_each_image_passes_a_frozen_body_once(make, passes, chest):
    clf = make(freeze_backbone=True, max_epochs=5, validation_fraction=0.2, input_size=64)
    clf.fit(chest.data, chest.target, monitor={"all": (chest.data, chest.target)})
    clf.predict(chest.data[:7])
    assert sum(passes) == 60
    clone(clf).set_params(lr=0.1, dropout=0.5, loss="ce").fit(chest.data, chest.target)
    assert sum(passes) == 60
    clone(clf).set_params(pool_output_size=2).fit(chest.data, chest.target)
    assert sum(passes) == 120


def test_features_outlive_the_session(make, passes, chest, tmp_path):
    make(freeze_backbone=True, memory=tmp_path).fit(chest.data, chest.target)
    assert sum(passes) == 60
    reread = make(freeze_backbone=True, memory=tmp_path).fit(chest.data, chest.target)
    assert sum(passes) == 60
    alone = make(freeze_backbone=True).fit(chest.data, chest.target)
    np.testing.assert_array_equal(reread.predict_proba(chest.data), alone.predict_proba(chest.data))


def test_a_grid_takes_one_pass_an_image(make, passes, chest, tmp_path):
    search = GridSearchCV(
        make(freeze_backbone=True, max_epochs=10, memory=tmp_path),
        {"lr": [1e-4, 1e-3], "weight_decay": [0, 0.01], "step_size": [4, 8]},
        cv=5,
    )
    search.fit(chest.data, chest.target)
    assert sum(passes) == 60
    clone(search).fit(chest.data, chest.target)
    assert sum(passes) == 60


COUNTING = """
from dlboi.networks import PretrainedNetwork
features = PretrainedNetwork.features
def counting(self, pixels):
    if not pixels.is_meta:
        with open({path!r}, "a") as file:
            file.write(f"{{int((pixels.flatten(1).amax(1) > 0).sum())}}\\n")
    return features(self, pixels)
PretrainedNetwork.features = counting
"""

SEARCH = """
import sys, joblib
search, X, y = joblib.load(sys.argv[1])
search.fit(X, y)
"""


def test_processes_and_sessions_share_the_passes(make, chest, tmp_path):
    counts = tmp_path / "counts"
    # Python runs a module of this name at the start of each process, workers included.
    (tmp_path / "sitecustomize.py").write_text(COUNTING.format(path=str(counts)))
    search = GridSearchCV(
        make(freeze_backbone=True, max_epochs=10, memory=tmp_path / "features"),
        {"lr": [1e-4, 1e-3], "weight_decay": [0, 0.01], "step_size": [4, 8]},
        cv=5,
        n_jobs=2,
    )
    joblib.dump((search, chest.data, chest.target), tmp_path / "search.joblib")
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", SEARCH, tmp_path / "search.joblib"],
            check=True,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        assert sum(map(int, counts.read_text().split())) == 60


def test_views_are_cached_and_shared_by_folds(make, passes, chest):
    clf = make(freeze_backbone=True, augment="xray", n_views=3, max_epochs=6)
    clf.fit(chest.data, chest.target)
    assert sum(passes) == 180
    clone(clf).fit(chest.data[:30], chest.target[:30])
    assert sum(passes) == 180
    other = clone(clf).set_params(random_state=1).fit(chest.data, chest.target)
    assert sum(passes) == 360
    assert not np.array_equal(other.history_["train_loss"], clf.history_["train_loss"])


# ---------------------------------------------------------------------------------- determinism


@pytest.mark.parametrize("parameters", [{}, {"freeze_backbone": True}, {"n_frozen_stages": 2}])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_same_bits_with_any_backend_and_number_of_threads(
    parameters, precision, make, chest, digest
):
    clf = make("resnet18", precision=precision, max_epochs=1, **parameters)

    def fit(n_threads):
        fresh = clone(clf).set_params(n_threads=n_threads)
        return digest(fresh.fit(chest.data, chest.target))

    expected = fit(1)
    assert fit(2) == expected
    for backend in ("threading", "loky"):
        fitted = joblib.Parallel(n_jobs=2, backend=backend)(
            joblib.delayed(clone(clf).fit)(chest.data, chest.target) for _ in range(2)
        )
        assert [digest(again) for again in fitted] == [expected, expected]


def test_pickle_and_file_predict_the_same(make, chest, tmp_path):
    for parameters in ({}, {"freeze_backbone": True}, {"n_frozen_stages": 2}):
        clf = make("resnet18", **parameters).fit(chest.data, chest.target)
        expected = clf.predict_proba(chest.data)
        joblib.dump(clf, tmp_path / "clf.joblib")
        clf.save(tmp_path / "clf.safetensors")
        for again in (
            joblib.load(tmp_path / "clf.joblib"),
            dlboi.load(tmp_path / "clf.safetensors"),
        ):
            np.testing.assert_array_equal(again.predict_proba(chest.data), expected)
            assert again.n_trainable_parameters_ == clf.n_trainable_parameters_
            assert str(again.summary()) == str(clf.summary())


# ------------------------------------------------------------------------- nothing stale is used


def logits_of(clf, X):
    pixels = torch.tensor(X[:, None] / 255, dtype=torch.float32)
    with torch.no_grad():
        return clf.net_.module_(pixels)[:, 0].numpy()


def assert_predicts_with_its_own_weights(clf, X):
    proba = clf.predict_proba(X)
    np.testing.assert_allclose(
        np.log(proba[:, 1] / proba[:, 0]), logits_of(clf, X), rtol=1e-3, atol=1e-4
    )


def test_a_body_that_has_learnt_is_another_body(make, chest):
    clf = make(freeze_backbone=True, warm_start=True, lr=1e-2).fit(chest.data, chest.target)
    clf.predict(chest.data)
    clf.set_params(freeze_backbone=False).fit(chest.data, chest.target)
    clf.set_params(freeze_backbone=True).fit(chest.data, chest.target)
    assert_predicts_with_its_own_weights(clf, chest.data)
    with torch.no_grad():
        next(clf.net_.module_.body.parameters()).mul_(1.5)
    assert_predicts_with_its_own_weights(clf, chest.data)


def test_a_transform_that_draws_elsewhere_spoils_no_feature(make, chest, weights, tmp_path):
    generator = np.random.default_rng(0)

    def augment(image):
        return image.flip(-1) if generator.random() < 0.5 else image

    own = {"weights": weights("squeezenet1_1"), "memory": tmp_path}
    make(freeze_backbone=True, augment=augment, n_views=4, memory=tmp_path).fit(
        chest.data, chest.target
    )
    found = PretrainedFeatures("squeezenet1_1", **own).fit_transform(chest.data)
    dlboi.clear_cache(tmp_path)
    dlboi.clear_cache(None)
    expected = PretrainedFeatures("squeezenet1_1", **own).fit_transform(chest.data)
    np.testing.assert_array_equal(found, expected)


def test_a_weights_file_that_was_written_again_is_read_again(weights, chest, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    state = torch.load(weights("squeezenet1_1"), weights_only=True)
    torch.save(state, tmp_path / "w.pt")
    features = PretrainedFeatures("squeezenet1_1", weights="~/w.pt", memory=None)
    first = features.fit_transform(chest.data)
    torch.save({name: 2 * tensor for name, tensor in state.items()}, tmp_path / "w.pt")
    assert not np.allclose(features.fit_transform(chest.data), first)


@pytest.mark.parametrize(
    ("before", "after", "trainable"),
    [
        ({"freeze_backbone": True}, {"freeze_backbone": False}, "all"),
        ({}, {"freeze_backbone": True}, "head"),
        ({"freeze_backbone": True, "unfreeze_at": 9}, {"unfreeze_at": 2}, "all"),
    ],
)
def test_a_warm_start_freezes_and_thaws_before_it_trains(before, after, trainable, make, chest):
    clf = make(warm_start=True, restore_best=None, **before).fit(chest.data, chest.target)
    body = body_state(clf)
    clf.set_params(**after).fit(chest.data, chest.target)
    changed = any(not torch.equal(body[name], tensor) for name, tensor in body_state(clf).items())
    assert changed is (trainable == "all")
    expected = clf.n_parameters_ if trainable == "all" else 513
    assert clf.n_trainable_parameters_ == expected


@pytest.mark.parametrize(
    "after",
    [{"backbone": "resnet18"}, {"weights": None}, {"dropout": 0.5}, {"backbone_lr": 1e-5}],
)
def test_a_warm_start_refuses_another_network(after, make, chest):
    clf = make(warm_start=True).fit(chest.data, chest.target)
    with pytest.raises(ValueError, match=f"{next(iter(after))}.*must stay"):
        clf.set_params(**after).fit(chest.data, chest.target)


def test_a_file_keeps_the_outputs_that_the_network_has(make, chest, tmp_path):
    clf = make(freeze_backbone=True).fit(chest.data, chest.target)
    clf.set_params(loss="ce").save(tmp_path / "clf.safetensors")
    again = dlboi.load(tmp_path / "clf.safetensors")
    np.testing.assert_array_equal(again.predict_proba(chest.data), clf.predict_proba(chest.data))


# -------------------------------------------------------------------------------------- features


def test_features_before_a_support_vector_machine(weights, passes, chest):
    features = PretrainedFeatures(
        "squeezenet1_1", weights=weights("squeezenet1_1"), memory=None, input_size=64
    )
    pipeline = Pipeline([("features", features), ("svc", SVC())])
    predicted = cross_val_predict(pipeline, chest.data, chest.target, cv=3)
    assert set(predicted) <= set(chest.target)
    assert sum(passes) == 60
    rows = features.fit(chest.data).transform(chest.data)
    assert rows.dtype == np.float32
    assert rows.shape == (60, 512)
    assert len(features.get_feature_names_out()) == 512
    np.testing.assert_array_equal(rows[::-1], features.transform(chest.data[::-1]))


def test_features_are_those_of_torchvision(weights, chest):
    from torchvision import models

    model = models.resnet18()
    model.load_state_dict(torch.load(weights("resnet18"), weights_only=True))
    model.fc = torch.nn.Identity()
    pixels = torch.tensor(chest.data / 255, dtype=torch.float32)[:, None].repeat(1, 3, 1, 1)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        expected = model.eval()((pixels - mean[:, None, None]) / std[:, None, None])
    features = PretrainedFeatures("resnet18", weights=weights("resnet18"), memory=None)
    found = features.fit_transform(chest.data)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_the_normalization_may_be_told(weights, chest):
    own = {"weights": weights("squeezenet1_1"), "memory": None, "input_size": 64}
    told = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    default, same, other = (
        PretrainedFeatures("squeezenet1_1", normalization=normalization, **own).fit_transform(
            chest.data
        )
        for normalization in (None, told, (0.5, 0.5))
    )
    np.testing.assert_array_equal(default, same)
    assert not np.allclose(default, other)


@pytest.mark.parametrize(
    "normalization", [(0.5,), (0.5, 0), ((1, 2), 1), ("a", "b"), (0.5, np.nan)]
)
def test_a_normalization_that_is_none(normalization, make, chest):
    with pytest.raises(ValueError, match="'normalization'"):
        make(normalization=normalization).fit(chest.data, chest.target)


def test_unfitted_features_cannot_transform(chest):
    with pytest.raises(NotFittedError):
        PretrainedFeatures().transform(chest.data)


# --------------------------------------------------------------------------------- what is shown


def test_the_summary_says_how_pixels_are_prepared_and_names_the_stages(make, chest):
    clf = make("resnet18", freeze_backbone=True, input_size=48).fit(chest.data, chest.target)
    text = str(clf.summary())
    assert "resized to 48×48" in text
    assert "0.485, 0.456, 0.406" in text
    assert "conv1, layer1, layer2, layer3, layer4; the first 5 are frozen" in text


@pytest.mark.parametrize(
    ("backbone", "kind", "size"), [("resnet18", "exact", None), ("alexnet", "Grad-CAM", 96)]
)
def test_activation_maps(backbone, kind, size, make, chest):
    clf = make(backbone, input_size=size, max_epochs=1).fit(chest.data, chest.target)
    assert clf.activation_map_kind_ == kind
    maps = clf.class_activation_map(chest.data[:5], 1)
    assert maps.shape == (5, 32, 32)
    if kind == "exact":
        proba = clf.predict_proba(chest.data[:5])
        logit = np.log(proba[:, 1] / proba[:, 0])
        bias = clf.net_.module_.head[-1].bias.item()
        np.testing.assert_allclose(maps.mean(axis=(1, 2)) + bias, logit, rtol=1e-3, atol=1e-4)
    else:
        assert (maps >= 0).all()


def test_colour_images_of_six_classes(make, tissue):
    clf = make(freeze_backbone=True).fit(tissue.data, tissue.target)
    assert clf.predict_proba(tissue.data).shape == (48, 6)


# ------------------------------------------------------------------------------------- bad input


def test_unknown_backbone_gets_the_nearest_names(chest):
    with pytest.raises(UnknownBackboneError, match="resnet18"):
        PretrainedClassifier("resnet81", weights=None).fit(chest.data, chest.target)


def test_random_frozen_weights_are_warned_of(make, chest):
    with pytest.warns(DlboiWarning, match="random backbone"):
        make(weights=None, freeze_backbone=True).fit(chest.data, chest.target)


def test_images_that_are_too_small(make, chest):
    with pytest.raises(BackboneError, match=r"alexnet needs images of at least 63×63.*input_size"):
        make("alexnet").fit(chest.data, chest.target)


def test_weights_of_another_architecture(make, weights, chest):
    with pytest.raises(BackboneError, match="does not fit squeezenet1_1"):
        make(weights=weights("resnet18")).fit(chest.data, chest.target)


def test_a_weights_file_that_is_not_there_or_cut_off(make, weights, chest, tmp_path):
    with pytest.raises(MissingPathError, match=r"none\.pt"):
        make(weights=tmp_path / "none.pt").fit(chest.data, chest.target)
    whole = weights("squeezenet1_1").read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelFileError, match=r"cut\.pt"):
        make(weights=tmp_path / "cut.pt").fit(chest.data, chest.target)


def test_parameters_that_contradict_each_other(make, chest):
    with pytest.raises(ValueError, match="'n_frozen_stages'"):
        make(freeze_backbone=True, n_frozen_stages=1).fit(chest.data, chest.target)
    with pytest.raises(ValueError, match="'unfreeze_at'"):
        make(unfreeze_at=2).fit(chest.data, chest.target)
    with pytest.raises(ValueError, match="'input_size'"):
        make(input_size="weights").fit(chest.data, chest.target)
    with pytest.raises(ValueError, match="'input_size'"):
        make(input_size=(1, 2, 3)).fit(chest.data, chest.target)


def test_cells_that_only_repeat_are_warned_of(make, chest):
    with pytest.warns(FeatureMapWarning, match="only repeat"):
        make("resnet18", pool_output_size=4, freeze_backbone=True).fit(chest.data, chest.target)


def test_a_folder_that_cannot_be_written_is_no_obstacle(make, chest, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    clf = make(freeze_backbone=True, memory=tmp_path / "file" / "cache")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf.fit(chest.data, chest.target)
    assert any("cache" in str(warning.message) for warning in caught)
    assert len(clf.history_["epoch"]) == 2
