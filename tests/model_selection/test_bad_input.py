"""What cannot be divided is refused, with the name of the parameter and a way out."""

import re

import numpy as np
import pandas as pd
import pytest

from dlboi.model_selection import (
    PooledShuffleSplit,
    StratifiedGroupShuffleSplit,
    group_train_val_test_split,
)

Y = np.repeat([0, 1], 20)
GROUPS = np.arange(40) // 4
ORIGIN = np.repeat(["train", "test"], [28, 12])


def stratified(y=Y, groups=GROUPS, **parameters):
    return list(StratifiedGroupShuffleSplit(**parameters).split(np.empty(40), y, groups))


def pooled(y=Y, groups=GROUPS, origin=ORIGIN, **parameters):
    return list(PooledShuffleSplit(origin=origin, **parameters).split(np.empty(40), y, groups))


def three_parts(groups=GROUPS, stratify=Y, **parameters):
    return group_train_val_test_split(Y, groups=groups, stratify=stratify, **parameters)


@pytest.mark.parametrize("divide", [stratified, pooled, three_parts])
@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (GROUPS[:-1], "shape (40,). Got shape (39,) instead: give images without"),
        (np.c_[GROUPS, GROUPS], "Got shape (40, 2)"),
        (np.where(GROUPS == 1, np.nan, GROUPS), "Got none at index 4 instead: give images"),
        ([*"ab" * 19, "a", None], "Got none at index 39 instead: give images"),
        (["nan", float("nan"), *"ab" * 19], "Got none at index 1 instead: give images"),
        (pd.Series([*"ab" * 19, "a", pd.NA], dtype="string"), "Got none at index 39"),
        (np.array([0, "a"] * 20, dtype=object), "all text or all numbers. Got both"),
        (np.zeros(40), "patients"),
        (np.where(Y == 1, 99, GROUPS), "patients with images of class 1, one for each part. Got 1"),
    ],
)
def test_groups(divide, groups, words):
    parameters = {}
    if divide is pooled:  # each class in both parts
        parameters["origin"] = np.tile(["train", "test"], 20)
    with pytest.raises(ValueError, match="'groups' parameter of .*" + re.escape(words)):
        divide(groups=groups, **parameters)


def test_groups_must_be_given():
    with pytest.raises(ValueError, match=r"'groups' parameter of Str.*None.*StratifiedShuffleSpl"):
        stratified(groups=None)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "Got None instead"),
        (Y[:-1], "Got shape (39,) instead"),
        (np.c_[Y, Y], "Got shape (40, 2) instead"),
        (np.where(Y == 1, np.nan, Y), "Got none at index 20 instead"),
        (np.linspace(0, 1, 40), "Got continuous values instead"),
    ],
)
def test_classes(y, words):
    for divide, way_out in ((stratified, "GroupShuffleSplit"), (pooled, "stratify=False")):
        with pytest.raises(ValueError, match=f"'y' .*{re.escape(words)}.*{way_out}"):
            divide(y)
    if y is not None:
        with pytest.raises(ValueError, match=f"'stratify' .*{re.escape(words)}.*pass None"):
            three_parts(stratify=y)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"test_size": 1.5}, "'test_size' .* must be a float in the range"),
        ({"test_size": 0}, "'test_size' .* must be a float in the range"),
        ({"train_size": "half"}, "'train_size' .* must be a float in the range"),
        ({"test_size": 40}, "'test_size' .* smaller than the number of images, 40"),
        ({"train_size": 41}, "'train_size' .* smaller than the number of images, 40"),
        ({"test_size": 0.7, "train_size": 0.6}, "'test_size' and 'train_size' .*lower one of them"),
        ({"test_size": 0.01}, "'test_size' .* 0.4 of 40 images .* ask for a larger one"),
        ({"test_size": 0.99}, "'test_size' .* 39.6 of 40 images .* ask for a smaller one"),
        ({"train_size": 0.99}, "'train_size' .* must leave whole patients"),
        ({"test_size": 8, "train_size": 1}, "'train_size' .* 1 of .* ask for a larger one"),
        ({"n_splits": 0}, "'n_splits' .* must be an int in the range"),
        ({"random_state": "a"}, "'random_state'"),
    ],
)
def test_parameters_of_stratified_group_shuffle_split(parameters, words):
    with pytest.raises(ValueError, match=words):
        stratified(**parameters)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"origin": ORIGIN[:-1]}, r"'origin' .* shape \(40,\). Got shape \(39,\) .* as one X"),
        ({"origin": [*ORIGIN[:-1], None]}, "'origin' .* none at index 39"),
        ({"origin": "train"}, "'origin' .* must be an array-like"),
        ({"test_origin": "2021"}, "'2021' for some .* 0 of 40 instead: say with 'test_origin'"),
        ({"origin": ["test"] * 40}, "'test' for some .* 40 of 40 instead: say with 'test_origin'"),
        ({"origin": np.arange(40) < 39, "test_origin": False}, "'origin' .* ask for a larger one"),
        ({"stratify": "yes"}, "'stratify' .* must be"),
        ({"n_splits": 2.5}, "'n_splits' .* must be an int in the range"),
    ],
)
def test_parameters_of_pooled_shuffle_split(parameters, words):
    with pytest.raises(ValueError, match=words):
        pooled(**parameters)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"val_size": 1.0}, "'val_size' .* must be a float in the range"),
        ({"test_size": None}, "'test_size' .* must be a float in the range"),
        ({"val_size": 40}, "'val_size' .* smaller than the number of images, 40"),
        ({"val_size": 0.5, "test_size": 20}, "'val_size' and 'test_size' .* lower one of them"),
        ({"val_size": 0.03}, "'val_size' .* ask for a larger one"),
        ({"test_size": 1}, "'test_size' .* ask for a larger one"),
        ({"groups": GROUPS // 5, "stratify": None}, "'groups' .* 3 patients, one .*: add patients"),
        (
            {"groups": None, "stratify": [2, 2, *Y[2:]]},
            "'stratify' .* 3 images of class 2, .*leave",
        ),
    ],
)
def test_parameters_of_group_train_val_test_split(parameters, words):
    with pytest.raises(ValueError, match=words):
        three_parts(**parameters)


def test_nothing_to_divide():
    with pytest.raises(ValueError, match=r"'arrays' .* at least one array"):
        group_train_val_test_split()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        group_train_val_test_split(Y, Y[:-1])
    with pytest.raises(ValueError, match=r"'arrays' .* at least 3 images"):
        group_train_val_test_split([1, 2])
    with pytest.raises(ValueError, match="needs images to divide"):
        group_train_val_test_split([])
    with pytest.raises(ValueError, match="needs images to divide"):
        list(StratifiedGroupShuffleSplit().split([], [], []))
