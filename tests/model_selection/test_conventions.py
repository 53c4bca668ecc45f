"""The splitters are used as scikit-learn's are."""

import copy

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    BaseCrossValidator,
    BaseShuffleSplit,
    GridSearchCV,
    check_cv,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlboi.model_selection import (
    PooledShuffleSplit,
    StratifiedGroupShuffleSplit,
    group_train_val_test_split,
)

GROUPS = np.arange(90) // 3
Y = GROUPS % 2
X = np.random.default_rng(0).normal(2 * Y[:, np.newaxis], 1, (90, 3))
ORIGIN = np.where(GROUPS < 24, "train", "test")
SPLITTERS = [
    StratifiedGroupShuffleSplit(4, test_size=0.2, random_state=0),
    PooledShuffleSplit(4, origin=ORIGIN, random_state=0),
]


@pytest.fixture(params=SPLITTERS, ids=lambda splitter: type(splitter).__name__)
def splitter(request):
    return copy.deepcopy(request.param)


def indices(splitter):
    return [(tuple(train), tuple(test)) for train, test in splitter.split(X, Y, GROUPS)]


def assert_whole_patients(pairs, groups=GROUPS):
    for train, test in pairs:
        assert not set(groups[train]) & set(groups[test])


def test_kind_and_number(splitter):
    assert isinstance(splitter, (BaseCrossValidator, BaseShuffleSplit))
    assert check_cv(splitter) is splitter
    assert splitter.get_n_splits() == splitter.get_n_splits(X, Y, GROUPS) == 4
    assert len(indices(splitter)) == 4


def test_ten_divisions_by_default():
    assert StratifiedGroupShuffleSplit().get_n_splits() == 10
    assert PooledShuffleSplit(origin=ORIGIN).get_n_splits() == 10


def test_repr():
    assert " ".join(repr(StratifiedGroupShuffleSplit(test_size=0.2)).split()) == (
        "StratifiedGroupShuffleSplit(n_splits=10, random_state=None, test_size=0.2, "
        "train_size=None)"
    )
    text = repr(PooledShuffleSplit(origin=["train", "test"], stratify=False))
    assert text.startswith("PooledShuffleSplit(n_splits=10, origin=['train', 'test'],")
    assert "stratify=False, test_origin='test')" in text


def test_a_copy_divides_alike_and_splitting_changes_nothing(splitter):
    before = {key: np.copy(value) for key, value in vars(splitter).items()}
    expected = indices(splitter)
    assert indices(splitter) == expected
    assert indices(clone(splitter, safe=False)) == expected
    assert vars(splitter).keys() == before.keys()
    for key, value in vars(splitter).items():
        np.testing.assert_array_equal(value, before[key])


def test_the_first_divisions_do_not_depend_on_their_number(splitter):
    expected = indices(splitter)[:2]
    splitter.n_splits = 2
    assert indices(splitter) == expected


def test_the_global_random_state_is_left_alone(splitter):
    before = np.random.get_state()[1:3]  # noqa: NPY002
    splitter.random_state = None
    divisions = indices(splitter)
    assert divisions != indices(splitter)
    group_train_val_test_split(X)
    for old, new in zip(before, np.random.get_state()[1:3], strict=True):  # noqa: NPY002
        np.testing.assert_array_equal(old, new)


def test_images_rows_and_paths_are_counted_alike(splitter):
    expected = indices(splitter)
    for images in (np.zeros((90, 2, 2, 3), np.uint8), [f"{i}.png" for i in range(90)]):
        pairs = splitter.split(images, Y, GROUPS)
        assert [(tuple(train), tuple(test)) for train, test in pairs] == expected


def test_cross_val_score(splitter):
    results = cross_validate(
        LogisticRegression(), X, Y, groups=GROUPS, cv=splitter, return_indices=True
    )
    assert_whole_patients(zip(*results["indices"].values(), strict=True))
    scores = cross_val_score(LogisticRegression(), X, Y, groups=GROUPS, cv=splitter)
    np.testing.assert_array_equal(scores, results["test_score"])
    assert np.all(scores > 0.6)


def test_grid_search(splitter):
    search = GridSearchCV(LogisticRegression(), {"C": [1e-4, 1.0]}, cv=splitter)
    search.fit(X, Y, groups=GROUPS)
    assert search.n_splits_ == 4
    assert search.best_score_ > 0.6


def test_groups_are_requested_by_default(splitter):
    assert splitter.get_metadata_routing().split.requests == {"groups": True}
    with sklearn.config_context(enable_metadata_routing=True):
        splitter.set_split_request(groups="patients")
    assert splitter.get_metadata_routing().split.requests == {"groups": "patients"}


def test_groups_are_routed_to_a_search_in_a_pipeline():
    """Outer and inner divisions are by patient."""
    outer, inner = (StratifiedGroupShuffleSplit(2, test_size=t, random_state=0) for t in (0.2, 0.4))
    seen = []

    class Inner(StratifiedGroupShuffleSplit):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                seen.append((groups[train], groups[test]))
                yield train, test

    inner = Inner(2, test_size=0.4, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=inner)
        results = cross_validate(
            make_pipeline(StandardScaler(), search),
            X,
            Y,
            params={"groups": GROUPS},
            cv=outer,
            return_indices=True,
        )
    assert_whole_patients(zip(*results["indices"].values(), strict=True))
    assert len(seen) == 4
    assert not any(set(train) & set(test) for train, test in seen)


def test_groups_are_routed_to_a_pool():
    pool = PooledShuffleSplit(3, origin=ORIGIN, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        results = cross_validate(
            LogisticRegression(), X, Y, params={"groups": GROUPS}, cv=pool, return_indices=True
        )
    assert_whole_patients(zip(*results["indices"].values(), strict=True))
