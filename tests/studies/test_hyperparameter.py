"""The study of parameters: chosen on validation images, tested once."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from dlboi import ANNClassifier
from dlboi._validation import draw_seed
from dlboi.datasets import make_chest_phantoms
from dlboi.evaluation._study_data import study_data
from dlboi.studies import compare, hyperparameter_study
from dlboi.studies._candidates import candidate_findings, candidate_table
from dlboi.studies._fit_gap import fit_gap, fit_verdict
from dlboi.studies._recipes import ANN_64_RECIPE
from dlboi.studies._runner._split_plan import split_plan
from dlboi.studies._runner._study import Study

RATES = [1e-2, 1e-3, 1e-6]


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(90, image_size=16, difficulty=0, random_state=0)


def _others(n_images=40):
    images = make_chest_phantoms(n_images, image_size=16, difficulty=0, random_state=1)
    images.groups = np.char.add("other", images.groups.astype(str))
    return images


def _study(data, **options):
    quick = {"max_epochs": 6, "batch_size": 16, "step_size": 10, "restore_best": None}
    settings = {
        "param_grid": {"lr": RATES},
        "parameters": {**quick, **options.pop("parameters", {})},
        "validation": 0.3,
        "n_repeats": 2,
        "verbose": 0,
    }
    return hyperparameter_study(data, **{**settings, **options})


def test_a_grid_search_on_the_same_divisions_gives_the_same_scores(phantoms):
    result = _study(phantoms, parameters={"random_state": 3})
    data = study_data(phantoms, "data")
    # The seed of the plan is that which compare draws from its random_state.
    seed = draw_seed(int(result.settings["random_state"]))
    plan = split_plan(data, validation=0.3, test=None, cv=None, n_repeats=2, seed=seed)
    search = GridSearchCV(
        ANNClassifier(
            hidden_layer_sizes=(64, 64, 64),
            loss="bce",
            gamma=0.4,
            step_size=10,
            max_epochs=6,
            batch_size=16,
            random_state=3,
        ),
        {"lr": RATES},
        cv=[(split.training, split.validation) for split in plan],
        refit=False,
    ).fit(phantoms.data, phantoms.target)
    for repeat in range(2):
        found = result.runs["validation_accuracy"][result.runs["repeat"] == repeat]
        assert found.tolist() == search.cv_results_[f"split{repeat}_test_score"].tolist()
    best = np.argmax(search.cv_results_["mean_test_score"])
    assert result.reference == result.names[best] == f"lr={RATES[best]:g}"


def test_the_test_images_are_shown_to_the_chosen_candidate_alone(phantoms, monkeypatch):
    shown = []
    do = Study.do

    def watched(self, level, split, *args):
        shown.append((level, self.part("test", split) is not None))
        return do(self, level, split, *args)

    monkeypatch.setattr(Study, "do", watched)
    result = _study(phantoms, test=_others())
    assert [level for level, tested in shown if tested] == [result.reference] * 2
    assert result.scored == ["validation"]
    (test,) = (table for table in result.tables.values() if "test" in table)
    assert test["level"].tolist() == [result.reference]
    assert test["n_runs"].tolist() == [2]
    assert "40 test images" in result.findings[1]


def test_the_chosen_candidate_is_tested_as_it_was_in_the_study(phantoms):
    result = _study(phantoms, test=_others())
    network = ANNClassifier(
        **{**ANN_64_RECIPE, "max_epochs": 6, "batch_size": 16, "step_size": 10, "loss": "bce"},
        restore_best=None,
    )
    levels = {name: clone(network).set_params(lr=lr) for name, lr in zip("abc", RATES, strict=True)}
    compared = compare(levels, phantoms, validation=0.3, test=_others(), n_repeats=2, verbose=0)
    column = "validation_accuracy"
    assert result.runs[column].tolist() == compared.runs[column].tolist()
    (test,) = (table for table in result.tables.values() if "test" in table)
    chosen = result.names.index(result.reference)
    for bound in ("test", "test_low", "test_high"):
        assert test[bound][0] == compared.table[bound][chosen]


def test_a_share_to_test_on_is_held_out_by_patient(phantoms):
    result = _study(phantoms, test=0.3)
    n_left = result.runs["n_train"][0] + result.runs["n_validation"][0]
    n_test = 90 - n_left
    assert 0.2 < n_test / 90 < 0.4
    assert f"On the {n_test} test images" in result.findings[1]


def test_halving_leaves_candidates_whose_runs_are_those_of_the_grid(phantoms):
    whole = _study(phantoms)
    halved = _study(phantoms, search="halving")
    assert set(halved.names) < set(whole.names)
    assert len(halved.names) == 2
    for name in halved.names:
        one, other = (r.runs["validation_loss"][r.done(name)].tolist() for r in (whole, halved))
        assert one == other
    (rounds,) = (table for table in halved.tables.values() if "round" in table)
    assert rounds["candidate"][rounds["round"] == 1].tolist() == whole.names
    assert rounds["epochs"].max() <= 3


def test_halving_takes_a_validation_set_of_its_own(phantoms):
    halved = _study(phantoms, search="halving", validation=_others(), n_repeats=1)
    assert halved.runs["n_validation"].tolist() == [40, 40]


def _with_accuracies(result, train, correct):
    """Return a result in which all runs are right in training and validation at these rates."""
    arrays = []
    for run, old in enumerate(result.arrays):
        truth = result.truth_of(run, "validation")
        rng = np.random.default_rng(run)
        right = rng.permutation(len(truth)) < round(correct * len(truth))
        arrays.append({**old, "validation_predicted": np.where(right, truth, 1 - truth)})
    runs = {**result.runs, "train_accuracy": np.full(len(arrays), train)}
    return replace(result, arrays=arrays, runs=runs)


@pytest.fixture(scope="module")
def common(phantoms):
    return _study(phantoms, validation=_others(200), n_repeats=2, parameters={"max_epochs": 1})


@pytest.mark.parametrize(
    ("train", "correct", "verdict"),
    [(0.99, 0.8, "overfits"), (0.9, 0.98, "neither"), (0.84, 0.8, "undecided")],
)
def test_a_verdict_follows_the_interval_of_the_gap(common, train, correct, verdict):
    result = _with_accuracies(common, train, correct)
    gap = fit_gap(result, result.reference)
    assert gap[0] == pytest.approx(train - correct)
    assert gap[1] < gap[0] < gap[2]
    assert fit_verdict(result, result.reference, gap, np.nan) == verdict


@pytest.fixture
def with_a_bad_one(common):
    """Return a result in which a level is worse than the others, and that level."""
    good, bad = _with_accuracies(common, 0.95, 0.95), _with_accuracies(common, 0.86, 0.86)
    name = next(name for name in common.names if name != common.reference)
    is_bad = common.runs["level"] == name
    arrays = [(bad if low else good).arrays[run] for run, low in enumerate(is_bad)]
    runs = {**common.runs, "train_accuracy": np.where(is_bad, 0.86, 0.95)}
    return replace(common, arrays=arrays, runs=runs), name


def test_a_level_that_is_worse_in_training_and_validation_underfits(with_a_bad_one):
    result, name = with_a_bad_one
    assert fit_verdict(result, name, fit_gap(result, name), 0.04) == "underfits"
    assert fit_verdict(result, name, fit_gap(result, name), 0.06) == "undecided"
    chosen = result.reference
    assert fit_verdict(result, chosen, fit_gap(result, chosen), np.nan) != "underfits"


def test_what_is_worse_or_underfits_is_adjusted_for_the_choice(with_a_bad_one):
    result, name = with_a_bad_one
    p_value = np.nanmin(result.table["p_value"])
    assert 1e-6 < p_value < 0.01
    n_enough = int(np.sqrt(2 * 0.05 / p_value))  # n (n - 1) / 2 pairs are fewer than 0.05 / p
    for n_searched, is_found in ((n_enough, True), (2 + n_enough, False)):
        left_out = {f"lr={number}": {"lr": number} for number in range(n_searched - 3)}
        own = {level: {"lr": level} for level in result.names} | left_out
        table = candidate_table(result, own)
        said = candidate_findings(result, table, n_searched=n_searched)[1]
        assert f"{int(is_found)} of the other 2 are worse (p adjusted for the choice)" in said
        assert (name in said) == is_found
        assert ("underfits" in table["fit"]) == is_found


def test_rates_that_agree_in_six_digits_are_two_candidates(phantoms):
    rates = [1e-3, 1.00000001e-3]
    result = _study(phantoms, param_grid={"lr": rates}, parameters={"max_epochs": 1}, n_repeats=1)
    assert result.names == ["lr=0.001", "lr=0.00100000001"]
    (table,) = result.tables.values()
    assert table["lr"].tolist() == ["0.001", "0.00100000001"]


def test_the_interval_of_the_gap_covers_that_of_new_patients(common):
    # Networks that are right with 0.8, at 0.85 in training: the gap for new patients is 0.05.
    rng = np.random.default_rng(0)
    n_repeats, covered = 300, 0
    groups = common.patients["validation"]
    for _ in range(n_repeats):
        hard = rng.random(groups.max() + 1) < 0.2  # a patient's images are right or wrong alike
        arrays = []
        for run, old in enumerate(common.arrays):
            truth = common.truth_of(run, "validation")
            predicted = np.where(hard[groups], 1 - truth, truth)
            arrays.append({**old, "validation_predicted": predicted})
        runs = {**common.runs, "train_accuracy": np.full(len(arrays), 0.85)}
        _, low, high, _ = fit_gap(replace(common, arrays=arrays, runs=runs), common.reference)
        covered += low <= 0.05 <= high
    assert 0.9 < covered / n_repeats < 0.99


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"search": "random"}, "The 'search' parameter of hyperparameter_study must be"),
        ({"validation": None}, "The 'validation' parameter of hyperparameter_study must be"),
        ({"param_grid": {"lr": [1e-3]}}, "at least two"),
        ({"parameters": {"n_filters": 3}}, "no such parameter"),
        ({"search": "halving", "parameters": {"max_epochs": 3}}, "cannot be halved"),
    ],
)
def test_what_cannot_be_used_is_refused_before_training(phantoms, options, message):
    with pytest.raises(ValueError, match=message):
        _study(phantoms, **options)


def test_test_images_that_validate_are_refused(phantoms):
    with pytest.raises(ValueError, match="share 40 images"):
        _study(phantoms, validation=_others(), test=_others())


def test_the_defaults_are_five_pairs_of_the_network_with_64_neurons(monkeypatch, phantoms):
    seen = {}

    def stop(levels, *args, **options):
        seen.update(levels)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies._hyperparameter.compare", stop)
    with pytest.raises(KeyboardInterrupt):
        hyperparameter_study(phantoms)
    pairs = [(level.lr, level.step_size) for level in seen.values()]
    assert pairs == [(3e-6, 4), (3e-5, 4), (3e-7, 4), (3e-6, 8), (3e-6, 2)]
    for level in seen.values():
        assert level.hidden_layer_sizes == (64, 64, 64)
        assert (level.loss, level.gamma, level.batch_size) == ("bce", 0.4, 128)
        assert (level.max_epochs, level.schedule, level.optimizer) == (30, "step", "adam")
