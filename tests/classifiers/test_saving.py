"""Saved classifiers predict the same, and files of any other kind are refused unread."""

import json
import os
import pickle

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch
from torchvision.transforms import v2

import dlboi
from dlboi import ANNClassifier, CNNClassifier, GAPClassifier
from dlboi.exceptions import DlboiWarning, MissingPathError, ModelFileError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "clf.safetensors"


def saved(clf, file):
    clf.save(file)
    return dlboi.load(file)


LABELS = {
    "str": np.array(["normal", "pneumonia"]),
    "objects": np.array(["normal", "pneumonia"], dtype=object),
    "int": np.array([3, 7]),
    "int8": np.array([-1, 1], dtype=np.int8),
    "float": np.array([-1.0, 3.0]),
    "bool": np.array([False, True]),
    "not ascii": np.array(["Lungenentzündung", "普通"]),
}


@pytest.mark.parametrize("labels", LABELS)
def test_everything_comes_back(classifier, labels, chest, file, small, digest):
    y = LABELS[labels][chest.target]
    clf = small(classifier, validation_fraction=0.2, restore_best="val_accuracy")
    clf.fit(chest.data, y, monitor={"again": (chest.data, y)})
    again = saved(clf, file)

    assert type(again) is classifier
    assert digest(again) == digest(clf)
    np.testing.assert_array_equal(again.predict_proba(chest.data), clf.predict_proba(chest.data))
    np.testing.assert_array_equal(again.predict(chest.data), clf.predict(chest.data))
    assert again.predict(chest.data).dtype == clf.predict(chest.data).dtype
    assert again.get_params() == clf.get_params()
    for name in ("image_shape_", "n_features_in_", "best_epoch_", "n_iter_", "n_parameters_"):
        assert getattr(again, name) == getattr(clf, name)
    assert again.classes_.dtype == clf.classes_.dtype
    assert again.history_.keys() == clf.history_.keys()
    for name, values in clf.history_.items():
        np.testing.assert_array_equal(again.history_[name], values)
        assert again.history_[name].dtype == values.dtype
    assert set(vars(again)) == set(vars(clf))


def test_many_classes_and_batch_norm(tissue, file, small, digest):
    clf = small(ANNClassifier, batch_norm=True, hidden_layer_sizes=(5, 4), dropout=0.1)
    clf.fit(tissue.data, tissue.target)
    again = saved(clf, file)
    assert digest(again) == digest(clf)
    np.testing.assert_array_equal(again.predict_proba(tissue.data), clf.predict_proba(tissue.data))


def test_names_of_columns_come_back(file, small):
    frame = pd.DataFrame(np.random.default_rng(0).random((20, 4)), columns=list("abcd"))
    again = saved(small(ANNClassifier).fit(frame, np.arange(20) % 2), file)
    assert again.feature_names_in_.tolist() == list("abcd")
    assert again.feature_names_in_.dtype == object
    with pytest.raises(ValueError, match="feature names"):
        again.predict(frame.rename(columns={"a": "z"}))


def test_a_loaded_classifier_can_be_fitted_again(classifier, chest, file, small, digest):
    clf = small(classifier, class_weight={0: 1.0, 1: 2.5}).fit(chest.data, chest.target)
    again = saved(clf, file)
    assert again.class_weight == {0: 1.0, 1: 2.5}
    assert digest(again.fit(chest.data, chest.target)) == digest(clf)


def test_activation_maps_of_a_loaded_classifier(chest, file, small):
    clf = small(GAPClassifier).fit(chest.data, chest.target)
    np.testing.assert_array_equal(
        saved(clf, file).class_activation_map(chest.data), clf.class_activation_map(chest.data)
    )


def test_parameters_that_json_has_no_form_for_are_named(chest, file, small):
    clf = small(CNNClassifier, augment=v2.RandomHorizontalFlip(), n_filters=[4, 4])
    clf.fit(chest.data, chest.target)
    with pytest.warns(DlboiWarning, match=r"\['augment'\] of CNNClassifier") as caught:
        clf.save(file)
    assert caught[0].filename == __file__
    again = dlboi.load(file)
    assert again.augment is None
    np.testing.assert_array_equal(again.predict_proba(chest.data), clf.predict_proba(chest.data))


def test_a_device_that_is_not_here_becomes_the_processor(chest, file, small):
    clf = small(ANNClassifier).fit(chest.data, chest.target)
    clf.device = "cuda:99"
    again = saved(clf, file)
    assert again.net_.device == "cpu"
    assert again.device == "cuda:99"
    np.testing.assert_array_equal(again.predict(chest.data), clf.predict(chest.data))


def test_the_file_is_complete_or_it_is_not_there(chest, tmp_path, small, monkeypatch):
    clf = small(ANNClassifier).fit(chest.data, chest.target)
    file = tmp_path / "clf.safetensors"
    file.write_bytes(b"an older file")

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        clf.save(file)
    monkeypatch.undo()
    assert file.read_bytes() == b"an older file"
    assert list(tmp_path.iterdir()) == [file]
    clf.save(file)
    assert list(tmp_path.iterdir()) == [file]
    dlboi.load(file)


def test_the_file_has_the_rights_of_any_new_file(chest, tmp_path, small):
    small(ANNClassifier).fit(chest.data, chest.target).save(tmp_path / "clf.safetensors")
    (tmp_path / "other").touch()
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_folder_that_is_not_there_is_named(fitted, tmp_path):
    with pytest.raises(MissingPathError, match=r"no folder .*nowhere to write clf\.safetensors"):
        fitted.save(tmp_path / "nowhere" / "clf.safetensors")


# ------------------------------------------------------------------------ files that are refused


class Harmful:
    """Pickled, it writes a file when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def header(**changes):
    """Return the header of a small saved ANN, changed."""
    return {
        "format": 1,
        "version": "0",
        "classifier": "ANNClassifier",
        "parameters": {"hidden_layer_sizes": [2]},
        "classes": {"dtype": "<i8", "values": [0, 1]},
        "image_shape": [1, 1, 2],
        "feature_names": None,
        "history": {"epoch": [1]},
        "best_epoch": 1,
        "pixel_max": 1.0,
        "drawn": None,
        "seed": 0,
        "skorch_history": [{"epoch": 1}],
        **changes,
    }


WEIGHTS = {
    "linear1.weight": torch.zeros(2, 2),
    "linear1.bias": torch.zeros(2),
    "output.weight": torch.zeros(1, 2),
    "output.bias": torch.zeros(1),
}


def write(file, header, weights=None):
    weights = WEIGHTS if weights is None else weights
    safetensors.torch.save_file(weights, file, {"dlboi": json.dumps(header)})


def test_the_files_below_are_wrong_only_where_they_say(file):
    write(file, header())
    assert dlboi.load(file).predict(np.zeros((3, 2))).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classifier": "Unknown"}, "Unknown"),
        ({"classifier": "load"}, "load"),
        ({"classifier": "_base"}, "_base"),
        ({"classifier": ["ANNClassifier"]}, "cannot be read"),
        ({"format": 2}, "has format 2"),
        ({"parameters": {"hidden_layer_sizes": [3]}}, "'linear1.bias' have the shape"),
        ({"parameters": {"hidden_layer_sizes": [300_000] * 2}}, "have the shape"),  # 360 GB
        ({"parameters": {"hidden_layer_sizes": [1] * 100_000}}, "100000 entries"),  # minutes
        ({"parameters": {"hidden_layer_sizes": [-1]}}, "hidden_layer_sizes"),
        ({"parameters": None}, "cannot be read"),
        ({"image_shape": [1, 1, 3]}, "cannot be read"),
        ({"image_shape": None}, "cannot be read"),
        ({"classes": {"dtype": "<i8", "values": [0, 1, 2]}}, "cannot be read"),
        ({"classes": {"dtype": "V8", "values": [0, 1]}}, "labels cannot be of type V8"),
        ({"classes": {"dtype": "<U400000000", "values": ["a", "b"]}}, "labels"),  # 3 GB
        ({"classes": {"dtype": "<i8", "values": [0, 2**70]}}, "cannot be read"),
        ({"history": {}}, "cannot be read"),
        ({"history": None}, "cannot be read"),
    ],
)
def test_a_header_that_is_wrong(changes, message, file):
    write(file, header(**changes))
    with pytest.raises(ModelFileError, match=message) as caught:
        dlboi.load(file)
    assert str(file) in str(caught.value)


def test_a_header_of_endless_depth(file):
    safetensors.torch.save_file(WEIGHTS, file, {"dlboi": "[" * 100_000})
    with pytest.raises(ModelFileError, match="no classifier that dlboi saved"):
        dlboi.load(file)


def test_reading_draws_nothing_from_the_global_generator(file):
    write(file, header())
    before = torch.get_rng_state()
    dlboi.load(file)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", sorted(header().keys() - {"version"}))
def test_a_header_that_lacks_an_entry(name, file):
    entries = header()
    del entries[name]
    write(file, entries)
    with pytest.raises(ModelFileError, match=r"clf\.safetensors"):
        dlboi.load(file)


def test_weights_that_are_missing(file):
    write(file, header(), {name: WEIGHTS[name] for name in list(WEIGHTS)[:3]})
    with pytest.raises(ModelFileError, match="cannot be read"):
        dlboi.load(file)


def test_foreign_weights(file):
    safetensors.torch.save_file(WEIGHTS, file)
    with pytest.raises(ModelFileError, match="holds weights, but no classifier that dlboi saved"):
        dlboi.load(file)


@pytest.mark.parametrize("text", ["no json", "[1, 2]", "null", "7"])
def test_a_header_of_another_kind(text, file):
    safetensors.torch.save_file(WEIGHTS, file, {"dlboi": text})
    with pytest.raises(ModelFileError, match=r"clf\.safetensors"):
        dlboi.load(file)


def test_a_truncated_file(fitted, file):
    fitted.save(file)
    whole = file.read_bytes()
    for size in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(ModelFileError, match="is damaged or is no safetensors file"):
            dlboi.load(file)


def test_a_text_file(file):
    file.write_text("weights, but in words\n" * 50)
    with pytest.raises(ModelFileError, match="is damaged or is no safetensors file"):
        dlboi.load(file)


def test_a_folder_or_nothing(tmp_path):
    with pytest.raises(MissingPathError, match="is a folder"):
        dlboi.load(tmp_path)
    with pytest.raises(MissingPathError, match=r"nothing\.safetensors is not there"):
        dlboi.load(tmp_path / "nothing.safetensors")


def test_a_pickle_is_not_executed(tmp_path, file):
    written = tmp_path / "written by the pickle"
    harmful = pickle.dumps(Harmful(written))
    for data in (harmful, len(harmful).to_bytes(8, "little") + harmful):
        file.write_bytes(data)
        with pytest.raises(ModelFileError, match="is damaged or is no safetensors file"):
            dlboi.load(file)
    torch.save(WEIGHTS, file)
    with pytest.raises(ModelFileError, match="is damaged or is no safetensors file"):
        dlboi.load(file)
    assert not written.exists()
    pickle.loads(harmful).close()
    assert written.exists()  # the pickle does what it says
