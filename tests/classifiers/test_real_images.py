"""The whole of scikit-learn's model selection on real chest X-rays, small."""

import numpy as np
import pytest
import sklearn
from PIL import Image
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - switches it on
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    StratifiedGroupKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import dlboi
from dlboi import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.datasets import load_image_folder

pytestmark = pytest.mark.realdata

PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"
FOLDS = StratifiedGroupKFold(3, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def xrays(real_data, tmp_path_factory):
    """120 images, 60 a class, linked into a folder of their own.

    Four runs of neighbours in each class: some patients have several images, and pneumonia of
    both kinds is there.
    """
    folder = tmp_path_factory.mktemp("xrays")
    for name in ("NORMAL", "PNEUMONIA"):
        (folder / name).mkdir()
        files = sorted((real_data / "chest_xray" / "train" / name).iterdir())
        for start in range(0, 1000, 250):
            for file in files[start : start + 15]:
                (folder / name / file.name).symlink_to(file)
    return load_image_folder(folder, size=40, groups=PATIENT)


@pytest.fixture
def cnn():
    return CNNClassifier(n_filters=(16, 16), max_epochs=4, batch_size=8, random_state=0)


def test_the_images(xrays):
    assert xrays.data.shape == (120, 40, 40)
    assert np.bincount(xrays.target).tolist() == [60, 60]
    assert 60 < len(np.unique(xrays.groups)) < 120


def test_fit_by_patient(classifier, xrays):
    parameters = {"lr": 3e-3, "output_size": 4} if classifier is GAPClassifier else {}
    y = xrays.target_names[xrays.target]
    clf = classifier(
        max_epochs=15, batch_size=8, validation_fraction=0.25, random_state=0, **parameters
    )
    clf.fit(xrays.data, y, groups=xrays.groups)
    assert clf.classes_.tolist() == ["NORMAL", "PNEUMONIA"]
    assert clf.score(xrays.data, y) > 0.65


def test_grid_search(cnn, xrays):
    grid = {"lr": [1e-3, 3e-3], "step_size": [4, 8], "weight_decay": [0, 0.01]}
    search = GridSearchCV(cnn.set_params(max_epochs=8), grid, cv=FOLDS, n_jobs=2)
    search.fit(xrays.data, xrays.target, groups=xrays.groups)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ > 0.6


def test_cross_validation_by_patient(xrays):
    ann = ANNClassifier(max_epochs=20, batch_size=8, random_state=0)
    scores = cross_val_score(ann, xrays.data, xrays.target, groups=xrays.groups, cv=FOLDS)
    assert scores.mean() > 0.65


def test_nested_cross_validation_with_groups(cnn, xrays):
    with sklearn.config_context(enable_metadata_routing=True):
        cnn.set_params(validation_fraction=0.25).set_fit_request(groups=True)
        search = GridSearchCV(cnn, {"lr": [1e-3, 5e-3]}, cv=StratifiedGroupKFold(2))
        scores = cross_val_score(
            search, xrays.data, xrays.target, params={"groups": xrays.groups}, cv=FOLDS
        )
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()


def darkened(X):
    return (X / 2).astype(np.uint8)


def test_pipeline(cnn, xrays):
    pipeline = make_pipeline(FunctionTransformer(darkened), cnn)
    search = GridSearchCV(pipeline, {"cnnclassifier__weight_decay": [0, 0.01]}, cv=2)
    search.fit(xrays.data, xrays.target)
    assert search.predict_proba(xrays.data).shape == (120, 2)


def test_halving(cnn, xrays):
    search = HalvingGridSearchCV(
        cnn,
        {"lr": [1e-4, 1e-3, 1e-2], "weight_decay": [0, 0.01]},
        resource="max_epochs",
        min_resources=1,
        max_resources=4,
        factor=2,
        cv=FOLDS,
        random_state=0,
    ).fit(xrays.data, xrays.target, groups=xrays.groups)
    assert search.n_resources_ == [1, 2, 4]
    assert search.n_candidates_ == [6, 3, 2]


def test_clone_and_set_params(cnn, xrays, digest):
    first = cnn.fit(xrays.data, xrays.target)
    second = clone(first).fit(xrays.data, xrays.target)
    assert digest(first) == digest(second)
    other = clone(first).set_params(lr=1e-4, kernel_size=5).fit(xrays.data, xrays.target)
    assert other.net_.module_.features.conv1.kernel_size == (5, 5)


def test_paths_give_what_arrays_give(xrays, digest):
    parameters = {"n_filters": (8, 8), "max_epochs": 1, "random_state": 0}
    from_array = GAPClassifier(**parameters).fit(xrays.data, xrays.target)
    from_paths = GAPClassifier(**parameters, image_shape=(1, 40, 40))
    from_paths.fit(xrays.filenames, xrays.target)
    assert digest(from_array) == digest(from_paths)


def test_save_load_and_maps(xrays, tmp_path):
    clf = GAPClassifier(n_filters=(8, 8), max_epochs=1, random_state=0)
    clf.fit(xrays.data, xrays.target).save(tmp_path / "gap.safetensors")
    again = dlboi.load(tmp_path / "gap.safetensors")
    np.testing.assert_array_equal(again.predict_proba(xrays.data), clf.predict_proba(xrays.data))
    assert again.class_activation_map(xrays.data[:4]).shape == (4, 40, 40)


def test_files_of_different_sizes_are_named(xrays, tmp_path):
    odd = tmp_path / "odd.png"
    Image.fromarray(xrays.data[0][:, :20]).save(odd)
    with pytest.raises(ValueError, match=r"odd\.png|\.jpeg"):
        ANNClassifier(max_epochs=1).fit([*xrays.filenames[:5], str(odd)], [0, 1] * 3)
