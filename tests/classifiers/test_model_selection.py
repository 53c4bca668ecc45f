"""scikit-learn's searches, splits and pipelines take the classifiers as they are."""

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - switches it on
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    StratifiedGroupKFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from skorch.callbacks import Callback

from dlboi import ANNClassifier, CNNClassifier, GAPClassifier

GRID = {"lr": [1e-3, 1e-2], "step_size": [1, 4], "weight_decay": [0, 0.01]}


def test_grid_search_in_two_processes_is_that_in_one(chest, small, digest):
    grid = {**GRID, "weight_decay": [0.01]}
    one, two = (
        GridSearchCV(small(CNNClassifier), grid, cv=2, n_jobs=n_jobs).fit(chest.data, chest.target)
        for n_jobs in (1, 2)
    )
    assert len(two.cv_results_["params"]) == 4
    np.testing.assert_array_equal(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"]
    )
    assert one.best_params_ == two.best_params_
    assert digest(one.best_estimator_) == digest(two.best_estimator_)
    assert two.predict(chest.data).shape == (60,)


def test_a_search_with_several_scores_over_the_structure(chest, small):
    search = RandomizedSearchCV(
        small(GAPClassifier),
        {"n_filters": [(4,), (4, 4)], "pool_size": [2, 4], "output_size": [1, 2]},
        n_iter=3,
        cv=2,
        scoring=["roc_auc", "accuracy", "neg_log_loss"],
        refit="roc_auc",
        random_state=0,
    ).fit(chest.data, chest.target)
    assert np.isfinite(search.cv_results_["mean_test_neg_log_loss"]).all()


def test_patients_stay_together_in_cross_validation(classifier, chest, small):
    cv = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(
        small(classifier), chest.data, chest.target, groups=chest.groups, cv=cv
    )
    by_hand = []
    for training, test in cv.split(chest.data, chest.target, chest.groups):
        assert not set(chest.groups[training]) & set(chest.groups[test])
        clf = small(classifier).fit(chest.data[training], chest.target[training])
        by_hand.append(clf.score(chest.data[test], chest.target[test]))
    np.testing.assert_array_equal(scores, by_hand)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_cross_validation_in_parallel(backend, classifier, chest, small):
    arguments = (small(classifier), chest.data, chest.target)
    expected = cross_val_predict(*arguments, cv=3, method="predict_proba")
    with joblib.parallel_config(backend, n_jobs=2):
        proba = cross_val_predict(*arguments, cv=3, method="predict_proba")
    np.testing.assert_array_equal(proba, expected)


class Sets(Callback):
    """Keeps which images trained and which validated."""

    def on_train_begin(self, net, X=None, **kwargs):
        self.training_, self.validation_ = (part.index for part in X)


def test_groups_are_routed_to_all_three_splits(chest, small):
    """Outer folds, inner folds and the validation part are all by patient."""
    with sklearn.config_context(enable_metadata_routing=True):
        clf = small(ANNClassifier, validation_fraction=0.25, callbacks=[Sets()])
        clf.set_fit_request(groups=True)
        search = GridSearchCV(clf, {"lr": [1e-3, 1e-2]}, cv=StratifiedGroupKFold(2))
        results = cross_validate(
            search,
            chest.data,
            chest.target,
            params={"groups": chest.groups},
            cv=StratifiedGroupKFold(3),
            return_estimator=True,
            return_indices=True,
        )
    for fitted, outer, test in zip(
        results["estimator"],
        results["indices"]["train"],
        results["indices"]["test"],
        strict=True,
    ):
        assert not set(chest.groups[outer]) & set(chest.groups[test])
        sets = dict(fitted.best_estimator_.net_.callbacks_)["Sets"]
        np.testing.assert_array_equal(
            np.sort(np.r_[sets.training_, sets.validation_]), np.arange(len(outer))
        )
        groups = chest.groups[outer]
        assert not set(groups[sets.training_]) & set(groups[sets.validation_])


def test_sample_weights_are_routed(chest, small, digest):
    weight = np.linspace(0, 2, 60)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = small(ANNClassifier).set_fit_request(sample_weight=True)
        clf.set_score_request(sample_weight=True)
        search = GridSearchCV(clf, {"lr": [1e-3]}, cv=2)
        search.fit(chest.data, chest.target, sample_weight=weight)
    expected = small(ANNClassifier).fit(chest.data, chest.target, sample_weight=weight)
    assert digest(search.best_estimator_) == digest(expected)


def crop(X):
    return X[:, 4:-4, 4:-4]


def test_pipeline_of_images(classifier, chest, small, digest):
    pipeline = make_pipeline(FunctionTransformer(crop), small(classifier))
    name = pipeline.steps[-1][0]
    fit_parameters = {f"{name}__groups": chest.groups}
    pipeline.set_params(**{f"{name}__validation_fraction": 0.2})
    pipeline.fit(chest.data, chest.target, **fit_parameters)
    assert pipeline[-1].image_shape_ == (1, 24, 24)
    alone = small(classifier, validation_fraction=0.2)
    alone.fit(crop(chest.data), chest.target, groups=chest.groups)
    assert digest(alone) == digest(pipeline[-1])
    search = GridSearchCV(pipeline.set_params(**{f"{name}__validation_fraction": None}),
                          {f"{name}__lr": [1e-3, 1e-2]}, cv=2)  # fmt: skip
    assert search.fit(chest.data, chest.target).predict(chest.data).shape == (60,)


def test_pipeline_of_flat_rows(chest, small):
    clf = small(CNNClassifier, image_shape=(1, 32, 32))
    pipeline = make_pipeline(StandardScaler(), clf)
    rows = chest.data.reshape(60, -1)
    assert pipeline.fit(rows, chest.target).predict_proba(rows).shape == (60, 2)
    assert pipeline[-1].image_shape_ == (1, 32, 32)


def test_halving_spends_epochs(chest, small):
    search = HalvingGridSearchCV(
        small(ANNClassifier),
        {"lr": [1e-4, 1e-3, 1e-2, 1e-1]},
        resource="max_epochs",
        min_resources=1,
        max_resources=4,
        factor=2,
        cv=2,
        random_state=0,
    ).fit(chest.data, chest.target)
    assert search.n_resources_ == [1, 2, 4]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_estimator_.n_iter_ == 4


def test_clone_and_set_params(classifier, fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "net_")
    assert copy.set_params(lr=0.5, max_epochs=1) is copy
    assert copy.lr == 0.5
    with pytest.raises(ValueError, match="Invalid parameter 'learning_rate'"):
        copy.set_params(learning_rate=1)
    assert repr(copy).startswith(f"{classifier.__name__}(")


def test_validation_curves(chest, small):
    train, test = validation_curve(
        small(ANNClassifier), chest.data, chest.target,
        param_name="weight_decay", param_range=[0, 0.1, 1], cv=2,
    )  # fmt: skip
    assert train.shape == test.shape == (3, 2)


def test_calibrated(chest, small):
    calibrated = CalibratedClassifierCV(small(ANNClassifier), cv=2, ensemble=False)
    proba = calibrated.fit(chest.data, chest.target).predict_proba(chest.data)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_votes(chest, small):
    votes = VotingClassifier(
        [(cls.__name__, small(cls)) for cls in (ANNClassifier, CNNClassifier, GAPClassifier)],
        voting="soft",
    ).fit(chest.data, chest.target)
    expected = np.mean([clf.predict_proba(chest.data) for clf in votes.estimators_], axis=0)
    np.testing.assert_allclose(votes.predict_proba(chest.data), expected)
