"""What one fit leaves for the next, and what a failed one leaves alone."""

import pickle

import numpy as np
import pandas as pd
import pytest
from skorch.callbacks import BatchScoring, Callback

import dlboi
from dlboi.exceptions import DivergenceError


def test_loaded_goes_on_as_the_pickle_does(chest, classifier, small, tmp_path):
    clf = small(classifier, warm_start=True, random_state=7, validation_fraction=0.2)
    clf.fit(chest.data, chest.target).save(tmp_path / "clf.safetensors")
    again = dlboi.load(tmp_path / "clf.safetensors").fit(chest.data, chest.target)
    assert again.n_iter_ == 4
    assert again.history_["epoch"].tolist() == [1, 2, 3, 4]
    assert again.net_.seed == clf.net_.seed


@pytest.mark.parametrize("change", ["fraction", "order", "labels"])
def test_a_warm_start_never_validates_on_trained_images(chest, classifier, small, change):
    clf = small(classifier, warm_start=True, validation_fraction=0.2)
    X, y = chest.data, chest.target
    clf.fit(X, y).fit(X, y)
    if change == "fraction":
        clf.set_params(validation_fraction=0.3)
    elif change == "order":
        X, y = X[::-1], y[::-1]
    else:
        y = np.where(np.arange(len(y)) == np.flatnonzero(y == 0)[0], 1, y)
    with pytest.raises(ValueError, match="warm_start=True and 'validation_fraction'"):
        clf.fit(X, y)
    assert clf.n_iter_ == 4


def test_a_warm_start_recovers_from_divergence(chest, classifier, small):
    clf = small(classifier, warm_start=True).fit(chest.data, chest.target)
    with pytest.raises(DivergenceError):
        clf.set_params(lr=1e30).fit(chest.data, chest.target)
    clf.set_params(lr=1e-3).fit(chest.data, chest.target)
    assert np.isfinite(clf.predict_proba(chest.data)).all()


def test_a_failed_refit_changes_nothing(chest, classifier, small):
    rows = chest.data.reshape(len(chest.data), -1)
    clf = small(classifier).fit(pd.DataFrame(rows).rename(columns=str), chest.target)
    before = clf.predict_proba(pd.DataFrame(rows).rename(columns=str))
    with pytest.raises(ValueError, match="inconsistent"):
        clf.fit(rows[:, :256], chest.target[:-1])
    assert clf.n_features_in_ == rows.shape[1]
    after = clf.predict_proba(pd.DataFrame(rows).rename(columns=str))
    np.testing.assert_array_equal(after, before)


class PickleNet(Callback):
    """Notes the size of a pickle of the net in the middle of a fit."""

    sizes = []  # noqa: RUF012 - shared by the clones, on purpose

    def on_epoch_end(self, net, **kwargs):
        self.sizes.append(len(pickle.dumps(net.callbacks_)))


def test_no_pickle_in_the_middle_of_a_fit_carries_monitor_images(chest, small, classifier):
    PickleNet.sizes.clear()
    clf = small(classifier, callbacks=[PickleNet()], verbose=1)
    clf.fit(chest.data, chest.target, monitor={"test": (chest.data, chest.target)})
    assert max(PickleNet.sizes) < chest.data.nbytes / 10


def test_scoring_of_batches_is_refused(chest, small, classifier):
    clf = small(classifier, callbacks=[BatchScoring("accuracy")])
    with pytest.raises(ValueError, match=r"'callbacks'.*BatchScoring.*EpochScoring"):
        clf.fit(chest.data, chest.target)


@pytest.mark.parametrize("scale", [1e-300, 1e-44, 1e38])
def test_weights_count_by_their_ratios_alone(chest, small, classifier, scale):
    weight = np.where(chest.target == 0, 1.0, 3.0)
    expected = small(classifier).fit(chest.data, chest.target, sample_weight=weight)
    scaled = small(classifier).fit(chest.data, chest.target, sample_weight=scale * weight)
    np.testing.assert_allclose(
        scaled.predict_proba(chest.data), expected.predict_proba(chest.data), atol=1e-5
    )


def test_balanced_counts_the_weights_of_the_images(chest, small, classifier):
    rows = np.sort(np.r_[np.arange(60), np.flatnonzero(chest.target == 1)])
    repeated = small(classifier, class_weight="balanced", batch_size=200)
    repeated.fit(chest.data[rows], chest.target[rows])
    weighted = small(classifier, class_weight="balanced", batch_size=200)
    weighted.fit(chest.data, chest.target, sample_weight=np.where(chest.target == 1, 2.0, 1.0))
    np.testing.assert_allclose(
        weighted.predict_proba(chest.data), repeated.predict_proba(chest.data), atol=1e-5
    )
