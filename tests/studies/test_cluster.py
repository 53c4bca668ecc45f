"""Searches and studies on a cluster of dask: the same results, and the images sent once."""

import sys

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from dlboi import ANNClassifier
from dlboi.bias import leakage_study
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import compare

distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


@pytest.fixture(scope="module")
def client():
    """Two processes, as two machines would be."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def sent(client, monkeypatch):
    """What is sent to the workers to be kept there."""
    kept = []
    scatter = distributed.Client.scatter

    def noted(self, data, *args, **kwargs):
        kept.append(data)
        return scatter(self, data, *args, **kwargs)

    monkeypatch.setattr(distributed.Client, "scatter", noted)
    return kept


@pytest.fixture(scope="module")
def images():
    return make_chest_phantoms(60, image_size=32, random_state=0)


def test_a_grid_search_gives_the_same_on_a_cluster_and_sends_the_images_once(sent, images):
    def search():
        classifier = ANNClassifier(max_epochs=2, random_state=0)
        return GridSearchCV(classifier, {"lr": [1e-4, 1e-3]}, cv=2).fit(images.data, images.target)

    here = search()
    with parallel_config(backend="dask"):
        there = search()

    assert sum(data is images.data for data in sent) == 1
    np.testing.assert_array_equal(
        there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"]
    )
    for own, other in zip(
        here.best_estimator_.net_.module_.parameters(),
        there.best_estimator_.net_.module_.parameters(),
        strict=True,
    ):
        assert own.equal(other)


def test_a_comparison_gives_the_same_on_a_cluster_and_sends_the_images_once(sent, images, tmp_path):
    levels = {
        "little decay": ANNClassifier(max_epochs=2),
        "much decay": ANNClassifier(max_epochs=2, weight_decay=0.1),
    }

    def study(**options):
        return compare(levels, images, validation=0.25, n_repeats=2, verbose=0, **options)

    here = study()
    with parallel_config(backend="dask"):
        there = study(memory=tmp_path)

    assert [type(data).__name__ for data in sent].count("Study") == 1
    assert sum(data is images.data for data in sent) == 0
    for column in ("train_loss", "validation_accuracy"):
        np.testing.assert_array_equal(there.runs[column], here.runs[column])
    again = study(memory=tmp_path)  # from the journal that the workers have written
    np.testing.assert_array_equal(again.runs["train_seconds"], there.runs["train_seconds"])


def test_the_bias_study_sends_the_images_once(sent, images):
    flat = images.data[:, ::4, ::4].reshape(len(images.data), -1) / 255
    train, test = (
        (flat[part], images.target[part], images.groups[part])
        for part in (slice(0, 40), slice(40, None))
    )

    def study():
        return leakage_study(train, test, estimator=LogisticRegression(), n_resamples=2)

    here = study()
    with parallel_config(backend="dask"):
        there = study()

    pools = [data for data in sent if sys.getsizeof(data) > flat.nbytes]
    assert len({id(pool) for pool in pools}) == 1
    np.testing.assert_array_equal(there.pool_differences, here.pool_differences)
