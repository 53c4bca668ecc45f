"""The runner: the same divisions and seeds for every level."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

from dlboi import ANNClassifier, GAPClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.evaluation import times_scored
from dlboi.evaluation._study_data import study_data
from dlboi.exceptions import DivergenceError, DlboiWarning, MissingPathError, ModelFileError
from dlboi.metrics import proportion_interval
from dlboi.studies import StudyResult, compare
from tests.studies.prototypes import RandomProjections, make_patients

QUICK = {"max_epochs": 2, "hidden_layer_sizes": (8,)}


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(120, image_size=16, random_state=0)


@pytest.fixture(scope="module")
def test_set():
    phantoms = make_chest_phantoms(60, image_size=16, random_state=1)
    phantoms.groups = np.array([f"t{patient}" for patient in phantoms.groups])
    return phantoms


@pytest.fixture(scope="module")
def result(phantoms, test_set):
    levels = {"slow": ANNClassifier(lr=1e-4, **QUICK), "fast": ANNClassifier(lr=1e-2, **QUICK)}
    return compare(levels, phantoms, test=test_set, verbose=0, monitor_test=True)


def patients(*seeds, n_patients=20):
    return [make_patients(n_patients, seed) for seed in seeds]


def two(**parameters):
    return {f"stream {i}": RandomProjections(stream=i, **parameters) for i in range(2)}


def test_levels_that_are_the_same_have_the_same_runs(phantoms):
    twins = {"one": ANNClassifier(**QUICK), "other": ANNClassifier(**QUICK)}
    study = compare(twins, phantoms, test=0.3, n_repeats=2, verbose=0)
    one, other = (study.histories[name] for name in twins)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a["train_loss"], b["train_loss"])
    row = {name: column[1] for name, column in study.table.items()}
    assert (row["difference"], row["difference_low"], row["difference_high"]) == (0, 0, 0)
    assert row["p_value"] == 1


def test_no_patient_is_in_two_parts(phantoms):
    study = compare(two(), phantoms, test=0.3, n_repeats=3, verbose=0)
    codes = np.unique(phantoms.groups, return_inverse=True)[1]
    for arrays in study.arrays:
        tested, validated = arrays["test_index"], arrays["validation_index"]
        trained = np.setdiff1d(np.arange(120), np.union1d(tested, validated))
        parts = [set(codes[index]) for index in (trained, validated, tested)]
        assert sum(map(len, parts)) == len(set.union(*parts))
    assert len({tuple(arrays["test_index"]) for arrays in study.arrays}) == 3


def test_each_run_records_what_the_reports_did(result):
    assert result.runs["level"].tolist() == ["slow", "fast"] * 3
    history = result.histories["slow"][0]
    for name in ("train", "validation", "test"):
        assert {f"{name}_loss", f"{name}_accuracy"} <= history.keys()
    assert {"lr", "train_seconds", "validation_seconds"} <= history.keys()
    best = int(result.runs["best_epoch"][0]) - 1
    for column in ("train_accuracy", "validation_loss"):
        assert result.runs[column][0] == history[column][best]
    assert result.runs["validation_accuracy"][0] == pytest.approx(
        history["validation_accuracy"][best]
    )
    assert result.runs["test_accuracy"][0] == pytest.approx(history["test_accuracy"][best])
    assert (result.runs["n_train"] + result.runs["n_validation"] == 120).all()
    assert (result.runs["n_parameters"] == 256 * 8 + 8 + 9).all()


def test_the_scores_are_those_of_a_grid_search(phantoms):
    X, y, groups = phantoms.data, phantoms.target, phantoms.groups
    classifier = ANNClassifier(random_state=3, **QUICK)
    cv = StratifiedGroupKFold(3)
    rates = [1e-4, 1e-2]
    search = GridSearchCV(classifier, {"lr": rates}, cv=cv, refit=False).fit(X, y, groups=groups)
    levels = {str(lr): ANNClassifier(random_state=3, lr=lr, **QUICK) for lr in rates}
    study = compare(levels, phantoms, validation=None, cv=cv, n_repeats=1, verbose=0)
    for level, name in enumerate(levels):
        expected = [search.cv_results_[f"split{fold}_test_score"][level] for fold in range(3)]
        assert study.runs["test_accuracy"][study.done(name)].tolist() == expected


def test_results_do_not_depend_on_the_number_of_jobs(phantoms):
    levels = {"ANN": ANNClassifier(**QUICK), "GAP": GAPClassifier(max_epochs=1, n_filters=(4,))}
    alone, together = (
        compare(levels, phantoms, test=0.3, n_repeats=2, n_jobs=n, verbose=0) for n in (1, 2)
    )
    for name in ("difference", "difference_low", "test", "validation_high", "p_holm"):
        np.testing.assert_array_equal(alone.table[name], together.table[name])


def test_a_backend_that_gives_all_results_at_the_end_gives_the_same(phantoms):
    def study(**options):
        return compare(two(), phantoms, test=0.3, n_repeats=2, verbose=0, **options)

    with parallel_config(backend="multiprocessing", n_jobs=2):
        together = study()
    np.testing.assert_array_equal(together.table["test"], study().table["test"])


def test_more_repeats_keep_the_first(phantoms):
    few, many = (compare(two(), phantoms, test=0.3, n_repeats=n, verbose=0) for n in (2, 4))
    np.testing.assert_array_equal(few.runs["test_accuracy"], many.runs["test_accuracy"][:4])


def test_seeds_reach_the_steps_of_a_pipeline():
    levels = {
        "plain": RandomProjections(),
        "a step": make_pipeline(FunctionTransformer(), RandomProjections()),
        "its own seed": make_pipeline(FunctionTransformer(), RandomProjections(random_state=5)),
    }
    study = compare(levels, make_patients(20, 0), test=0.3, n_repeats=4, verbose=0)
    plain, step, own = (study.runs["test_accuracy"][study.done(name)] for name in levels)
    np.testing.assert_array_equal(plain, step)
    assert (plain != own).any()


def test_one_run_on_a_test_set_has_the_interval_over_patients(phantoms, test_set):
    study = compare(two(), phantoms, validation=None, test=test_set, n_repeats=1, verbose=0)
    expected = proportion_interval(study.correct(0, "test"), groups=test_set.groups)
    row = [study.table[name][0] for name in ("test", "test_low", "test_high")]
    assert row == pytest.approx(list(expected))


def test_labels_of_any_kind(test_set):
    X, y, groups = make_patients(20, 0)
    labels = np.array(["well", "ill"])[y]
    study = compare(two(), (X, labels, groups), cv=4, n_repeats=1, verbose=0)
    assert study.classes == ["ill", "well"]
    assert np.nanmin(study.runs["test_accuracy"]) > 0.4


def test_balanced_accuracy_is_the_mean_of_the_recalls():
    X, y, _ = make_patients(30, 0)
    test = make_patients(12, 1)
    few = np.flatnonzero((test[1] == 0) | (test[2] < 3))
    test = tuple(column[few] for column in test)
    study = compare(
        two(), (X, y), validation=None, test=test[:2], metric="balanced_accuracy", verbose=0
    )
    assert study.table["test"] == pytest.approx(
        [study.runs["test_balanced_accuracy"][study.done(name)].mean() for name in study.names]
    )


def test_the_sizes_of_classes_are_no_spread_of_a_balanced_accuracy():
    X, y = np.repeat([[0.0], [1.0]], [90, 30], axis=0), np.repeat([0, 1], [90, 30])
    options = {"validation": None, "metric": "balanced_accuracy", "n_repeats": 1, "verbose": 0}
    levels = {"perfect": DecisionTreeClassifier(), "constant": DummyClassifier()}
    study = compare(levels, (X + 0.01, y), test=(X, y), **options)
    assert study.table["test"].tolist() == [1, 0.5]
    assert np.isnan(study.table["test_low"]).all()  # nothing varies


class _Given(ClassifierMixin, BaseEstimator):
    """Predicts what the images say."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return X[:, 0].astype(int)


@pytest.mark.slow
def test_balanced_accuracy_is_covered():
    """95 % intervals of one fit hold the expected balanced accuracy; 1000 sets of 90 + 30."""
    rng = np.random.default_rng(0)
    levels = {"a": _Given(), "b": _Given()}
    options = {"validation": None, "metric": "balanced_accuracy", "n_repeats": 1, "verbose": 0}
    y = np.repeat([0, 1], [90, 30])
    hits = []
    for _ in range(1000):
        right = rng.random(120) < np.where(y == 0, 0.9, 0.7)
        test = (np.where(right, y, 1 - y)[:, None], y)
        table = compare(levels, (y[:, None] + 2.0, y), test=test, **options).table
        hits.append(table["test_low"][0] <= 0.8 <= table["test_high"][0])
    assert abs(np.mean(hits) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 1000)


def test_runs_on_the_same_folds_are_averaged_first():
    data = make_patients(30, 0)[:2]
    options = {"validation": None, "cv": KFold(5), "verbose": 0}
    fixed = {f"stream {i}": RandomProjections(stream=i, random_state=3) for i in range(2)}
    once, often = (compare(fixed, data, n_repeats=n, **options) for n in (1, 4))
    for name in ("test", "test_low", "test_high", "difference_low", "p_value"):
        np.testing.assert_allclose(once.table[name], often.table[name])
    options["cv"] = [(np.arange(60), np.arange(60, 120))]
    assert compare(fixed, data, n_repeats=3, **options).common == ["test"]


@pytest.mark.parametrize("cv", [np.int64(4), 4])
def test_folds_go_by_patient(cv):
    data = make_patients(20, 0)
    study = compare(two(), data, cv=cv, n_repeats=2, verbose=0)
    patients = [set(data[2][arrays["test_index"]]) for arrays in study.arrays[::2][:4]]
    assert sum(map(len, patients)) == 20


def test_a_splitter_that_mixes_patients_is_warned_of():
    cv = KFold(3, shuffle=True, random_state=0)
    with pytest.warns(DlboiWarning, match="patients into the training and the test images"):
        compare(two(), make_patients(20, 0), cv=cv, n_repeats=1, validation=None, verbose=0)


def test_an_iterator_of_folds_serves_all_repeats():
    folds = ((np.arange(40), np.arange(40, 80)) for _ in range(2))
    study = compare(two(), make_patients(20, 0)[:2], validation=None, cv=folds, verbose=0)
    assert study.table["n_runs"].tolist() == [6, 6]


def test_names_of_classes_must_agree(phantoms, test_set):
    turned = Bunch(**{**test_set, "target_names": test_set.target_names[::-1]})
    with pytest.raises(ValueError, match=r"target_names of 'test' must be those of 'data'"):
        compare(two(), phantoms, test=turned, verbose=0)
    others = Bunch(**{**test_set, "target": test_set.target + 1})
    with pytest.raises(ValueError, match=r"must hold indices of its target_names.*\[2\]"):
        compare(two(), phantoms, test=others, verbose=0)


def test_paths_are_known_by_their_files(tmp_path):
    digests = []
    for name in "ab":
        path = tmp_path / f"{name}.png"
        path.write_bytes(b"the same")
        digests.append(study_data(([path], [0]), "data").digest)
    assert digests[0] == digests[1]


def test_a_level_that_cannot_be_fitted_does_not_stop_the_estimate(phantoms, capsys):
    levels = {"good": ANNClassifier(**QUICK), "bad": ANNClassifier(lr=-1, **QUICK)}
    with pytest.warns(DlboiWarning, match="1 of 2 runs have failed"):
        compare(levels, phantoms, test=0.3, n_repeats=1)
    assert "Study: 2 fits" in capsys.readouterr().err


class _OddError(Exception):
    """An error that cannot be unpickled."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


class _Failing(RandomProjections):
    def fit(self, X, y):
        raise _OddError("no", "luck")


def test_errors_that_another_process_could_not_read_are_recorded():
    levels = {"good": LogisticRegression(), "bad": _Failing()}
    with pytest.warns(DlboiWarning, match="RuntimeError: _OddError: no luck"):
        study = compare(levels, make_patients(20, 0), test=0.3, n_repeats=1, verbose=0)
    assert study.table["n_runs"].tolist() == [1, 0]


def test_a_run_that_fails_is_recorded_and_the_others_go_on(phantoms):
    levels = {"good": ANNClassifier(**QUICK), "bad": ANNClassifier(lr=1e30, **QUICK)}
    with pytest.warns(DlboiWarning, match=r"2 of 4 runs have failed.*'bad': DivergenceError"):
        study = compare(levels, phantoms, test=0.3, n_repeats=2, verbose=0)
    assert study.runs["error"][1].startswith("DivergenceError: Training has diverged")
    assert study.table["n_runs"].tolist() == [2, 0]
    assert np.isnan(study.table["difference"]).all()
    assert "failed" in study.to_page().to_html()
    assert "n/a" in study.to_markdown()


def test_the_first_error_is_raised_where_all_runs_fail(phantoms):
    levels = {name: ANNClassifier(lr=1e30, **QUICK) for name in "ab"}
    with pytest.raises(DivergenceError):
        compare(levels, phantoms, test=0.3, n_repeats=1, verbose=0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"estimators": [("a", RandomProjections()), ("a", RandomProjections())]}, "'a' twice"),
        ({"estimators": {"a": RandomProjections()}}, "at least two"),
        ({"estimators": {"a": RandomProjections(), "b": "CNN"}}, "must hold classifiers"),
        ({"reference": "c"}, "'reference' parameter"),
        ({"metric": "f1"}, "'metric' parameter"),
        ({"test": 1.5}, "'test' parameter of compare must be a share"),
        ({"validation": 0.0}, "'validation' parameter of compare must be a share"),
        ({"cv": 3}, "either 'test' or 'cv'"),
        ({"validation": None, "test": None}, "Pass 'validation', 'test' or 'cv'"),
        ({"n_repeats": 0}, "'n_repeats' parameter"),
        ({"data": np.zeros((4, 8, 8))}, "'data' parameter must be a Bunch"),
        ({"data": (np.zeros((4, 8, 8)), np.zeros(3))}, "one class label an image"),
        (
            {"test": 0.9, "data": make_patients(2, 0)},
            "'test' parameter, 0.9, cannot divide 8 images",
        ),
    ],
)
def test_bad_input(changed, message):
    given = {"estimators": two(), "data": make_patients(20, 0), "test": 0.3, **changed}
    estimators, data = given.pop("estimators"), given.pop("data")
    with pytest.raises(ValueError, match=message):
        compare(estimators, data, verbose=0, **given)


def test_test_images_are_not_validation_images():
    data, held_out = patients(0, 1)
    with pytest.raises(ValueError, match="share 80 images"):
        compare(two(), data[:2], validation=held_out[:2], test=held_out[:2], verbose=0)


def test_patients_that_are_in_two_sets_are_counted():
    data, held_out = patients(0, 1)
    with pytest.warns(DlboiWarning, match=r"The training images.*'validation' share 20 patients"):
        compare(two(), data, validation=held_out, n_repeats=1, verbose=0)
    images = np.concatenate([held_out[0], data[0][:3]])
    target = np.concatenate([held_out[1], data[1][:3]])
    with pytest.warns(DlboiWarning, match=r"share 3 images \(byte for byte\)"):
        compare(two(), data[:2], test=(images, target), n_repeats=1, verbose=0)


def test_it_says_what_it_will_do(phantoms, capsys):
    levels = {"ANN": ANNClassifier(**QUICK), "other": ANNClassifier(lr=0.01, **QUICK)}
    compare(levels, phantoms, test=0.3, n_repeats=2)
    said = capsys.readouterr().err
    assert "Study: 4 fits (2 levels, 2 divisions); about 1 s." in said
    assert "8/8" in said  # epochs


def test_a_result_is_the_same_from_its_file(result, tmp_path):
    result.findings.append("Nothing differs.")
    result.tables["Sizes"] = {"level": np.array(["slow"]), "size": np.array([3.5])}
    result.save(tmp_path / "study.npz")
    again = StudyResult.load(tmp_path / "study.npz")
    assert again.to_markdown() == result.to_markdown()
    assert again.to_csv() == result.to_csv()
    np.testing.assert_array_equal(
        again.histories["fast"][2]["test_loss"], result.histories["fast"][2]["test_loss"]
    )


def test_files_that_are_no_results(tmp_path):
    with pytest.raises(MissingPathError, match="no file"):
        StudyResult.load(tmp_path / "study.npz")
    (tmp_path / "study.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(ModelFileError, match=r"study\.npz is damaged"):
        StudyResult.load(tmp_path / "study.npz")
    np.savez(tmp_path / "other.npz", a=np.ones(2))
    with pytest.raises(ModelFileError, match="no study"):
        StudyResult.load(tmp_path / "other.npz")


def test_pages_tables_and_figures(result):
    open_before = plt.get_fignums()
    html = result.to_page("Learning rates").to_html()
    assert plt.get_fignums() == open_before
    assert "Learning rates" in html
    assert html.count("<figure") == 2
    assert "fast" in result.to_latex()
    assert result.to_frame().loc["fast", "test"] == result.table["test"][1]
    figures = [result.plot().figure_, result.plot_curves().figure_]
    assert [len(figure.axes) for figure in figures] == [1, 2]
    for figure in figures:
        plt.close(figure)


def test_it_counts_how_often_the_test_set_was_scored(tmp_path):
    data, (X, y, groups) = make_patients(20, 0), make_patients(20, 77)
    held_out = X, y, groups + 100
    options = {"test": held_out, "memory": tmp_path, "verbose": 0}
    study = compare(two(), data, n_repeats=2, **options)
    assert "scored 4 times on this machine" in study.to_markdown()
    assert "scored 4 times" in study.to_page().to_html()
    study = compare(two(), data, n_repeats=3, **options)  # four are in the journal
    assert "scored 6 times" in study.to_markdown()
    assert times_scored(*held_out[:2]) == 6


def test_other_classifiers_have_no_curves():
    study = compare(two(), make_patients(20, 0), test=0.3, n_repeats=1, verbose=0)
    with pytest.raises(ValueError, match="only dlboi's classifiers"):
        study.plot_curves()
    assert study.to_page().to_html().count("<figure") == 1


def test_a_logistic_regression_gives_probabilities():
    X, y, groups = make_patients(30, 0)
    levels = {"weak": LogisticRegression(C=1e-6), "strong": LogisticRegression()}
    study = compare(levels, (X, y, groups), test=0.3, n_repeats=2, verbose=0)
    proba = study.arrays[0]["test_proba"]
    assert proba.shape == (len(study.arrays[0]["test_index"]), 2)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def covers_zero(seed, **division):
    data, held_out = make_patients(24, (1, seed)), make_patients(24, (2, seed))
    test = division.pop("test", None) or held_out
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DlboiWarning)  # patients of the two sets have equal names
        study = compare(
            two(),
            data,
            validation=None,
            test=None if "cv" in division else test,
            random_state=seed,
            verbose=0,
            **division,
        )
    return study.table["difference_low"][1] <= 0 <= study.table["difference_high"][1]


DIVISIONS = {
    "a test set": {"n_repeats": 3},
    "a test set, one seed": {"n_repeats": 1},
    "divisions drawn anew": {"test": 0.3, "n_repeats": 10},
    "folds": {"cv": 5, "n_repeats": 2},
}


@pytest.mark.slow
@pytest.mark.parametrize("division", DIVISIONS)
def test_equal_levels_do_not_differ(division):
    """The interval of the difference of equally good levels covers zero in 95 % of 600 studies."""
    n_studies = 600
    share = np.mean([covers_zero(seed, **DIVISIONS[division]) for seed in range(n_studies)])
    assert share > 0.95 - 3 * np.sqrt(0.95 * 0.05 / n_studies)
