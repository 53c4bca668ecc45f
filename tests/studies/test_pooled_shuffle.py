"""The study of pooled images: what a pooled mean hides, and what patients on both sides add."""

import itertools
import warnings
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from dlboi import ANNClassifier
from dlboi.bias._shared_patients import expected_share
from dlboi.datasets import make_chest_phantoms
from dlboi.evaluation import times_scored
from dlboi.exceptions import DlboiWarning, ModelFileError
from dlboi.studies import PooledShuffleResult, compare, pooled_shuffle_study
from dlboi.studies._pooled._accuracies import accuracy
from dlboi.studies._pooled._differences import differences
from dlboi.studies._pooled._divisions import AS_GIVEN, BY_IMAGE, BY_PATIENT
from dlboi.studies._pooled._origins import ALL, FROM_TEST, FROM_TRAIN
from tests.studies.prototypes import RandomProjections

DIVISIONS = [AS_GIVEN, BY_IMAGE, BY_PATIENT]
SETS = ("train", "validation", ALL, FROM_TRAIN, FROM_TEST)


def _study(train, test=None, **options):
    settings = {"estimator": RandomProjections(), "n_repeats": 5, "verbose": 0}
    return pooled_shuffle_study(train, test, **{**settings, **options})


def _rows(n_patients, seed, *, apart=4.0, moved=0.0, own=0.0, n_images=5):
    """Return rows, classes and patients.

    Classes lie `apart` in each of the first two columns; `moved` is added to those of class 0;
    patients differ by `own` in the other columns.
    """
    rng = np.random.default_rng(seed)
    groups = np.repeat([f"{seed}-{patient}" for patient in range(n_patients)], n_images)
    target = np.repeat(np.arange(n_patients) % 2, n_images)
    rows = rng.normal(size=(len(groups), 6))
    rows[:, :2] += apart * target[:, None] + moved * (target == 0)[:, None]
    rows[:, 2:] += own * rng.normal(size=(n_patients, 4)).repeat(n_images, axis=0)
    return rows, target, groups


@pytest.fixture(scope="module")
def shifted():
    """One class of the test images lies beyond the boundary of the training images."""
    return _study(_rows(200, 0), _rows(40, 1, moved=3.0), estimator=KNeighborsClassifier(101))


@pytest.fixture(scope="module")
def leaking():
    """Images say who the patient is, and nothing of the class."""
    parts = _rows(120, 0, apart=0.0, own=20.0), _rows(40, 1, apart=0.0, own=20.0)
    return _study(*parts, estimator=KNeighborsClassifier(1))


@pytest.fixture(scope="module")
def data():
    return tuple(
        make_chest_phantoms(n_images, image_size=16, difficulty=0.2, random_state=seed)
        for seed, n_images in enumerate((100, 40))
    )


@pytest.fixture(scope="module")
def network():
    return ANNClassifier(max_epochs=3, lr=1e-2, hidden_layer_sizes=(8,))


@pytest.fixture(scope="module")
def result(data, network):
    return _study(*data, estimator=network, n_repeats=2)


def test_the_mean_after_pooling_hides_that_shifted_images_fare_badly(shifted):
    table, found = shifted.table, differences(shifted)
    assert table["test_high"][0] < 0.75
    for row, name in enumerate(DIVISIONS[1:], 1):
        assert table[ALL][row] > table[ALL][0] + 0.1
        assert table[FROM_TRAIN][row] > 0.95
        assert table[FROM_TEST][row] < 0.8
        assert found[ALL, name, AS_GIVEN].low > 0
        assert found[ALL, name, name].low > 0
    assert sum("That mean hides how the old test images fare" in f for f in shifted.findings) == 2


def test_leakage_lifts_old_test_images_by_image_and_not_by_patient(leaking):
    table, found = leaking.table, differences(leaking)
    for images in (ALL, FROM_TRAIN, FROM_TEST):
        assert table[images][1] > 0.85
        assert found[images, BY_IMAGE, BY_PATIENT].low > 0
    assert found[FROM_TEST, BY_IMAGE, AS_GIVEN].low > 0.1
    by_patient = found[FROM_TEST, BY_PATIENT, AS_GIVEN]
    assert by_patient.low < 0 < by_patient.high
    said = " ".join(leaking.findings)
    assert "accuracy on old test images is higher by image than by patient" in said
    assert "The same old test images are classified better pooled, by patient" not in said
    assert "That mean hides" not in said


def test_nothing_is_said_where_there_is_nothing():
    study = _study(_rows(60, 0, apart=1.0), _rows(20, 1, apart=1.0))
    assert "That mean hides" not in " ".join(study.findings)
    n_unsaid = sum("cannot be said" in finding for finding in study.findings)
    assert n_unsaid >= 3


def test_it_never_calls_pooling_a_cure(shifted, leaking):
    for study in (shifted, leaking):
        assert "cures nothing" in study.findings[-1]
        assert "keep the given test images" in study.findings[-1]


def test_divisions_have_the_sizes_of_the_given_one(leaking):
    for part in ("train", "validation", "test"):
        sizes = leaking.runs[f"n_{part}"].reshape(-1, 3)
        assert (sizes[:, 1] == sizes[:, 0]).all()
        assert np.abs(sizes[:, 2] - sizes[:, 0]).max() <= 5  # a patient's images


def _parts(result, run):
    parts = [result.arrays[run][f"{part}_index"] for part in ("test", "validation")]
    return [np.setdiff1d(np.arange(len(result.truth["test"])), np.concatenate(parts)), *parts]


def test_the_parts_of_a_division_share_no_image_and_by_patient_no_patient(leaking):
    patients = leaking.patients["test"]
    for run, name in enumerate(leaking.runs["level"]):
        training, *held_out = _parts(leaking, run)
        for part in held_out:
            assert len(np.intersect1d(part, training)) == 0
            shares = np.isin(patients[part], patients[training]).any()
            assert shares == (name == BY_IMAGE)
    for name in DIVISIONS[1:]:
        drawn = {leaking.arrays[run]["test_index"].tobytes() for run in leaking.done(name)}
        assert len(drawn) == 5


def test_repeats_have_seeds_of_their_own_which_the_divisions_share(leaking):
    seeds = leaking.runs["seed"].reshape(-1, 3)
    assert (seeds == seeds[:, :1]).all()
    assert len(set(seeds[:, 0])) == 5


def test_shares_are_those_of_the_test_images(leaking):
    share, known = leaking.table["share_from_test"], leaking.table["share_known"]
    assert share[0] == 1
    assert share[1:] == pytest.approx(40 / 160, abs=0.05)
    assert known[0] == known[2] == 0
    # Training, without validation, holds fewer siblings than all images that do not test.
    assert 0.8 * expected_share(leaking.patients["test"], 200) < known[1] < 1


def test_the_test_images_are_recorded_by_origin_and_choose_nothing(data, network, result):
    for name, histories in result.histories.items():
        for run, history in zip(result.done(name), histories, strict=True):
            kept = int(result.runs["best_epoch"][run]) - 1
            assert history["test_accuracy"][kept] == pytest.approx(
                result.runs["test_accuracy"][run]
            )
            in_test = result.arrays[run]["test_index"] >= 100
            for images, chosen in ((FROM_TRAIN, ~in_test), (FROM_TEST, in_test)):
                if chosen.any():
                    scored = result.correct(run, "test")[chosen].mean()
                    assert history[f"{images}_accuracy"][kept] == pytest.approx(scored)
    run = result.done(BY_PATIENT)[1]
    training, test, validation = _parts(result, run)
    images, target = (np.concatenate([part[key] for part in data]) for key in ("data", "target"))
    alone = ANNClassifier(**{**network.get_params(), "random_state": int(result.runs["seed"][run])})
    alone.fit(
        images[training], target[training], validation_data=(images[validation], target[validation])
    )
    np.testing.assert_array_equal(
        alone.predict_proba(images[test]), result.arrays[run]["test_proba"]
    )


def test_the_table_holds_what_the_runs_have(result):
    assert result.table["level"].tolist() == result.names == DIVISIONS
    for row, name in enumerate(DIVISIONS):
        runs = result.done(name)
        for part in SETS[:3]:
            mean = result.runs[f"{part}_accuracy"][runs].mean()
            assert result.table[part][row] == pytest.approx(mean)
            low, high = (result.table[f"{part}_{bound}"][row] for bound in ("low", "high"))
            assert 0 <= low <= mean <= high <= 1
    assert np.isnan(result.table[FROM_TRAIN][0])
    assert result.table[FROM_TEST][0] == result.table[ALL][0]


def test_the_first_repeats_do_not_depend_on_their_number(data):
    few, many = (_study(*data, n_repeats=n) for n in (2, 3))
    for one, other in zip(few.arrays, many.arrays[:6], strict=True):
        np.testing.assert_array_equal(one["test_index"], other["test_index"])
        np.testing.assert_array_equal(one["test_predicted"], other["test_predicted"])


def test_a_study_goes_on_from_its_journal(data, tmp_path, monkeypatch):
    first = _study(*data, n_repeats=1, memory=tmp_path / "journal")
    n_fits = itertools.count()
    fit = RandomProjections.fit

    def counted(self, *arguments):
        next(n_fits)
        return fit(self, *arguments)

    monkeypatch.setattr(RandomProjections, "fit", counted)
    both = _study(*data, n_repeats=2, memory=tmp_path / "journal")
    assert next(n_fits) == 3
    for one, other in zip(first.arrays, both.arrays, strict=False):
        np.testing.assert_array_equal(one["test_predicted"], other["test_predicted"])


def test_each_run_counts_as_a_scoring_of_the_given_test_images(data):
    train, test = data
    before = times_scored(test.data, test.target)
    _study(train, test, n_repeats=2)
    assert times_scored(test.data, test.target) == before + 6


def test_without_patients_there_is_no_division_by_patient_and_it_says_so(data):
    parts = [(part.data, part.target) for part in data]
    with pytest.warns(DlboiWarning, match="Patients are not known: the division by patient"):
        study = _study(*parts, n_repeats=2)
    assert study.names == DIVISIONS[:2]
    assert "Patients are not known" in study.findings[0]
    assert np.isnan(study.table["share_known"]).all()
    assert "Patients are not known" in study.to_page().lead


def test_patients_in_both_given_parts_are_warned_of(data):
    train, test = data
    test = (test.data, test.target, np.append(train.groups[:1], test.groups[1:]))
    with pytest.warns(DlboiWarning, match=r"The 'train' and 'test' share 1 patient"):
        study = _study(train, test, n_repeats=2)
    assert "of these test images have an image of their patient in training" in study.findings[0]


def test_one_origin_can_play_the_test_part():
    rows, target, groups = _rows(90, 0)
    origin = np.tile(["A", "B", "C"], 30).repeat(5)
    study = _study((rows, target, groups), origin=origin, held_out="B")
    assert study.runs["n_test"][0] == 150
    assert study.table["share_from_test"][1] == pytest.approx(1 / 3, abs=0.1)
    assert "images of B" in study.findings[1]
    assert "images of A and C" in study.findings[1]


def test_one_repeat_has_intervals_over_patients():
    study = _study(_rows(60, 0, apart=1.0), _rows(20, 1, apart=1.0), n_repeats=1)
    for images in (ALL, FROM_TEST, "validation"):
        assert np.isfinite(study.table[f"{images}_low"]).all()
    assert np.isfinite(differences(study)[FROM_TEST, BY_IMAGE, AS_GIVEN].low)


def test_two_test_patients_say_next_to_nothing():
    study = _study(_rows(40, 0, apart=9.0), _rows(2, 1, apart=9.0), n_repeats=3)
    assert study.table["test_high"][0] - study.table["test_low"][0] > 0.9
    assert np.isnan(study.table[FROM_TEST][2])
    assert "None of these test images is one of the old test images." in study.findings[3]
    claims = ("That mean hides", "classified better", "higher by image", "more than as given")
    said = [f for f in study.findings if any(c in f for c in claims) and "cannot" not in f]
    assert said == []


def test_a_result_is_what_it_was_before_it_was_saved(result, tmp_path):
    result.save(tmp_path / "study.npz")
    loaded = PooledShuffleResult.load(tmp_path / "study.npz")
    assert loaded.to_markdown() == result.to_markdown()
    assert repr(loaded) == repr(result)
    for column, values in result.table.items():
        np.testing.assert_array_equal(loaded.table[column], values)


def test_the_file_of_another_study_is_refused(data, tmp_path):
    levels = {str(stream): RandomProjections(stream=stream) for stream in range(2)}
    compare(levels, data[0], test=0.3, n_repeats=1, verbose=0).save(tmp_path / "other.npz")
    with pytest.raises(ModelFileError, match="a study of other levels"):
        PooledShuffleResult.load(tmp_path / "other.npz")


def test_the_page_says_it_first_and_shows_it(result):
    figures = plt.get_fignums()
    page = result.to_page("Pooled")
    assert result.findings[0] in page.lead
    assert result.findings[1] in page.lead
    titles = [section.title for section in page.sections]
    assert titles[1:4] == ["Accuracy by division", "Learning curves", "What this does not say"]
    assert "Pooled" in page.to_html()
    assert plt.get_fignums() == figures


def test_curves_have_a_panel_for_each_division(result):
    display = result.plot_curves()
    assert [ax.get_title() for ax in display.axes_[0]] == DIVISIONS
    assert [len(ax.lines) for ax in display.axes_[0]] == [4, 5, 5]
    assert len({ax.get_ylim() for ax in display.axes_[0]}) == 1
    plt.close(display.figure_)


def test_accuracies_are_drawn_by_origin(shifted):
    display = shifted.plot()
    assert np.isnan(display.estimates[0][0])
    assert display.estimates[:, 1].tolist() == shifted.table[FROM_TEST].tolist()
    plt.close(display.figure_)


def test_other_classifiers_have_no_curves(shifted):
    with pytest.raises(ValueError, match="No division of this study has learning curves"):
        shifted.plot_curves()
    assert np.isnan(shifted.table["train"]).all()
    assert "Learning curves" not in [section.title for section in shifted.to_page().sections]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation": 1.0}, "The 'validation' parameter of pooled_shuffle_study must be"),
        ({"n_repeats": 0}, "The 'n_repeats' parameter of pooled_shuffle_study must be"),
        ({"memory": "here", "random_state": None}, "must be an int with 'memory'"),
        ({"origin": [0, 1]}, "Got both instead"),
        ({"parameters": {"no_such": 1}, "estimator": None}, "Got 'no_such' instead"),
    ],
)
def test_what_cannot_be_used_is_refused(data, options, message):
    with pytest.raises(ValueError, match=message):
        _study(*data, **options)


def test_sets_that_say_nothing_are_refused(data):
    train, test = data
    with pytest.raises(ValueError, match=r"must hold different images. Got the same 100 images"):
        _study(train, train)
    with pytest.raises(ValueError, match="holds classes that 'train' does not"):
        _study(train, (test.data, test.target + 1, test.groups))
    with pytest.raises(ValueError, match=r"in one set only|named in 'train', not in 'test'"):
        _study(train, (test.data, test.target))
    one_each = (train.data, train.target, np.where(train.target, "ill", "well"))
    with pytest.raises(ValueError, match=r"1 patient|one patient|of 2 patients"):
        _study(one_each, test)


def test_the_default_is_the_network_of_the_experiments(data, monkeypatch):
    seen = {}

    def stop(study, *arguments, **options):
        seen.update(study.levels)
        raise KeyboardInterrupt

    monkeypatch.setattr("dlboi.studies._pooled_shuffle.run_all", stop)
    with pytest.raises(KeyboardInterrupt):
        pooled_shuffle_study(*data, parameters={"precision": "auto"})
    assert list(seen) == DIVISIONS
    for level in seen.values():
        assert type(level).__name__ == "CNNClassifier"
        assert (level.lr, level.schedule, level.max_epochs) == (1e-3, "step", 50)
        assert level.precision == "auto"


def _with_answers(study, rates, rng):
    """Replace the predictions: each image keeps its answer in seven of ten runs."""
    kept = rng.random(len(rates)) < rates
    arrays = []
    for run in study.arrays:
        index = run["test_index"]
        changes = rng.random(len(index)) < 0.3
        right = np.where(changes, rng.random(len(index)) < rates[index], kept[index])
        truth = study.truth["test"][index]
        arrays.append({**run, "test_predicted": np.where(right, truth, 1 - truth)})
    return replace(study, arrays=arrays)


@pytest.mark.parametrize("correlation", [0.05, 0.5])
@pytest.mark.parametrize(("n_patients", "n_images"), [((200, 40), 1), ((60, 20), 4)])
def test_intervals_cover_the_truth(n_patients, n_images, correlation):
    n_train, n_test = n_patients
    parts = _rows(n_train, 0, n_images=n_images), _rows(n_test, 1, n_images=n_images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = _study(*parts)
    patients = study.patients["test"]
    rng = np.random.default_rng(0)
    hits = {}
    for _ in range(100):
        scale = 1 / correlation - 1
        own = rng.beta(0.85 * scale, 0.15 * scale, size=patients.max() + 1)
        answered = _with_answers(study, own[patients], rng)
        for name in DIVISIONS:
            found = accuracy(answered, name, FROM_TEST)
            hits.setdefault(name, []).append(found.low <= 0.85 <= found.high)
        for key, found in differences(answered).items():
            hits.setdefault(key, []).append(found.low <= 0 <= found.high)
    # Of 100, an interval that covers 95 % holds fewer than 88 in one case of 800.
    assert min(np.sum(held) for held in hits.values()) >= 88
