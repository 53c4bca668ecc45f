"""Networks compared on one division of the images."""

import dataclasses
import warnings

import numpy as np
import pytest
from sklearn.utils import Bunch

import dlboi
from dlboi import ANNClassifier, GAPClassifier
from dlboi.datasets import make_chest_phantoms
from dlboi.exceptions import DlboiWarning
from dlboi.metrics import proportion_interval
from dlboi.studies import compare_networks, estimate_seconds
from dlboi.studies._networks._comparison_page import _sample
from dlboi.studies._networks._folder import check_folder


@pytest.fixture(scope="module")
def phantoms():
    return make_chest_phantoms(120, image_size=32, random_state=0)


@pytest.fixture(scope="module")
def comparison(phantoms):
    estimators = {
        "ANN": ANNClassifier(max_epochs=3),
        "GAP(4)": GAPClassifier(pool_size=4, max_epochs=3),
    }
    return compare_networks(phantoms, estimators=estimators)


def test_no_patient_is_in_two_parts(comparison):
    cohort = comparison.cohort
    patients = [set(part.groups) for part in (cohort.training, cohort.validation, cohort.test)]
    assert len(set.union(*patients)) == sum(map(len, patients))
    assert sum(len(part.target) for part in cohort[:3]) == 120


def test_the_results_are_those_of_the_classifiers(comparison):
    test = comparison.cohort.test
    for row, name in enumerate(comparison.results["network"]):
        correct = comparison.classifiers[name].predict(test.images) == test.target
        interval = proportion_interval(correct, groups=test.groups)
        assert comparison.results["test_accuracy"][row] == interval.estimate
        assert comparison.results["test_low"][row] == interval.low
        best = comparison.classifiers[name].best_epoch_
        history = comparison.classifiers[name].history_
        assert comparison.results["validation_accuracy"][row] == pytest.approx(
            history["validation_accuracy"][best - 1]
        )


def test_the_same_seed_gives_the_same_results(phantoms, comparison):
    estimators = {"ANN": ANNClassifier(max_epochs=3)}
    again = compare_networks(phantoms, estimators=estimators)
    assert again.results["test_accuracy"][0] == comparison.results["test_accuracy"][0]
    assert again.results["validation_low"][0] == comparison.results["validation_low"][0]


def test_a_given_test_set_is_not_divided(phantoms):
    test = make_chest_phantoms(40, image_size=32, random_state=1)
    test.groups = np.char.add("other", test.groups.astype(str))
    estimators = {"ANN": ANNClassifier(max_epochs=1)}
    cohort = compare_networks(phantoms, test, estimators=estimators).cohort
    assert np.array_equal(cohort.test.images, test.data)
    assert len(cohort.training.target) + len(cohort.validation.target) == 120


def test_the_given_estimators_are_not_changed(phantoms):
    estimator = ANNClassifier(max_epochs=1)
    compare_networks(phantoms, estimators={"ANN": estimator})
    assert not hasattr(estimator, "net_")
    assert estimator.random_state is None


def test_the_folder_holds_all_and_is_replaced_as_a_whole(comparison, tmp_path):
    page = comparison.save(tmp_path / "out")
    (tmp_path / "out" / "left_over.txt").write_text("old")
    comparison.save(tmp_path / "out")
    names = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")}
    assert page == tmp_path / "out" / "index.html"
    assert {"index.html", "results.csv", "results.md"} < names
    assert "left_over.txt" not in names
    assert "classifiers/GAP(4).safetensors" in names
    assert sum(name.endswith(".png") for name in names) >= 6
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_saved_classifier_predicts_the_same(comparison, tmp_path):
    comparison.save(tmp_path / "out")
    again = dlboi.load(tmp_path / "out" / "classifiers" / "ANN.safetensors")
    images = comparison.cohort.test.images
    expected = comparison.classifiers["ANN"].predict_proba(images)
    assert np.array_equal(again.predict_proba(images), expected)


def test_a_folder_with_other_things_is_left_alone(comparison, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="left as it is"):
        comparison.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_page_answers_first(comparison, tmp_path):
    results = {**comparison.results, "validation_accuracy": np.array([0.8, 0.9])}
    comparison = dataclasses.replace(comparison, results=results)
    html = comparison.save(tmp_path / "out", title="ANN & GAP").read_text(encoding="utf-8")
    assert "ANN &amp; GAP" in html
    assert comparison.best == "GAP(4)"
    assert f"{comparison.best} was best on the validation images" in html


def test_an_estimate_comes_before_the_first_fit(phantoms):
    heard = []
    estimators = {"ANN": ANNClassifier(max_epochs=1)}
    compare_networks(phantoms, estimators=estimators, on_estimate=heard.append)
    assert len(heard) == 1
    assert heard[0] > 0


def test_the_estimate_does_not_fit_the_estimator(phantoms):
    estimator = ANNClassifier(max_epochs=5, validation_fraction=0.2, early_stopping=True)
    assert estimate_seconds(estimator, phantoms.data, phantoms.target, n_validation=20) > 0
    assert not hasattr(estimator, "net_")


def test_patients_and_images_on_both_sides_are_told(phantoms, tmp_path):
    test = make_chest_phantoms(40, image_size=32, random_state=1)
    test.groups = np.array([f"other{number // 2}" for number in range(40)]).astype("U40")
    test.groups[:4] = phantoms.groups[0]
    test.data = test.data.copy()
    test.data[[5, 9]] = phantoms.data[:2]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        comparison = compare_networks(
            phantoms, test, estimators={"ANN": ANNClassifier(max_epochs=1)}
        )
    told = [str(warning.message) for warning in caught if warning.category is DlboiWarning]
    html = comparison.save(tmp_path / "out").read_text(encoding="utf-8")
    assert len(told) == 2
    assert told[0].startswith("1 patient is in both the training and the test images")
    assert told[1].startswith("2 test images are also among the training or validation images")
    assert all(sentence in html for sentence in told)


@pytest.mark.parametrize("n_patients", [1, 2, 3])
def test_too_few_patients_are_counted_before_training(phantoms, n_patients):
    few = Bunch(**phantoms)
    few.groups = np.arange(len(few.target)) % n_patients
    with pytest.raises(ValueError, match=rf"groups found {n_patients} patients? in 120 images"):
        compare_networks(few, on_estimate=lambda seconds: pytest.fail("went on to train"))


def test_test_images_of_one_patient_are_refused(phantoms):
    test = make_chest_phantoms(40, image_size=32, random_state=1)
    test.groups = np.repeat("one", 40)
    with pytest.raises(ValueError, match=r"The test part .* found 1 patient in 40 images"):
        compare_networks(phantoms, test)


def test_a_folder_that_cannot_be_written_is_named_without_a_probe(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device", "/.out.x7f3")

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    with pytest.raises(OSError, match="out' cannot be written: No space") as error:
        check_folder(tmp_path / "out")
    assert "x7f3" not in str(error.value)


def test_checking_a_folder_leaves_no_trace(tmp_path):
    check_folder(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_the_working_folder_can_be_written(comparison, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert comparison.save(".").name == "index.html"
    assert (tmp_path / "results.csv").is_file()


def _comparison_of_constant(phantoms, shares):
    """Fit nothing to speak of on a set with the given numbers of images of two classes."""
    chosen = np.concatenate(
        [np.flatnonzero(phantoms.target == code)[:n] for code, n in enumerate(shares)]
    )
    few = Bunch(**phantoms)
    few.data, few.target = np.zeros_like(phantoms.data[chosen]), phantoms.target[chosen]
    few.data[:, 0, 0] = np.arange(len(chosen))  # no two are the same
    few.groups = np.arange(len(chosen))
    networks = {name: ANNClassifier(max_epochs=1, lr=1e-6) for name in ("one", "two")}
    return compare_networks(few, estimators=networks)


def test_a_constant_answer_is_not_praised(phantoms, tmp_path):
    comparison = _comparison_of_constant(phantoms, (60, 20))
    html = comparison.save(tmp_path / "out").read_text(encoding="utf-8")
    name = phantoms.target_names[0]
    assert "one and two were equally good on the validation images" in html
    assert "one, the first of them, classified" in html
    assert "the most frequent class in training, for every test image is right for 75.0 %" in html
    last = comparison.to_markdown().splitlines()[-1]
    assert last.startswith(f"| most frequent class ({name}) | n/a | n/a | 0.7")
    assert "0.750 |" in last
    assert comparison.results["network"].tolist() == ["one", "two"]


def test_the_page_shows_each_class_and_names_what_is_missing(phantoms, tmp_path):
    test = make_chest_phantoms(40, image_size=32, random_state=1)
    keep = test.target == 0
    test.data, test.target, test.groups = test.data[keep], test.target[keep], None
    comparison = compare_networks(phantoms, test, estimators={"ANN": ANNClassifier(max_epochs=1)})
    html = comparison.save(tmp_path / "out").read_text(encoding="utf-8")
    assert "recall (95 % interval)" in html
    assert f"The test images hold no image of &#39;{phantoms.target_names[1]}&#39;." in html


def test_the_classifiers_know_the_names_of_the_classes(comparison, tmp_path):
    page = comparison.save(tmp_path / "out")
    for name in comparison.classifiers:
        saved = dlboi.load(page.parent / "classifiers" / f"{name}.safetensors")
        assert saved.classes_.tolist() == ["normal", "pneumonia"]


def test_classes_keep_their_names_whatever_their_order(phantoms, comparison):
    turned = Bunch(**phantoms)
    turned.target_names, turned.target = phantoms.target_names[::-1], 1 - phantoms.target
    again = compare_networks(turned, estimators={"ANN": comparison.classifiers["ANN"]})
    assert again.cohort.test.target.tolist() == comparison.cohort.test.target.tolist()
    assert again.results["test_accuracy"][0] == comparison.results["test_accuracy"][0]


def test_test_images_of_other_classes_are_refused(phantoms):
    test = make_chest_phantoms(20, image_size=32, random_state=1)
    test.target_names = np.array(["normal", "covid"])
    with pytest.raises(ValueError, match="like=the training images") as caught:
        compare_networks(phantoms, test, estimators={"ANN": ANNClassifier(max_epochs=1)})
    assert "normal, pneumonia. Got covid instead" in str(caught.value)


def test_the_page_can_be_reproduced_and_explains_its_maps(comparison, tmp_path):
    page = comparison.save(tmp_path / "out", settings={"folder": "of <images>"})
    html = page.read_text(encoding="utf-8")
    settings = html[html.rindex("of &lt;images&gt;") :]
    assert comparison.settings["random_state"] == "0"
    for name in comparison.settings:
        assert name in settings
    assert "by patient" in settings
    assert "Contours stand at half of the largest value" in html


def test_the_images_shown_are_of_different_patients(comparison):
    part = comparison.cohort.training
    chosen = _sample(part, 8, comparison.seed)
    for name in ("normal", "pneumonia"):
        patients = part.groups[chosen][part.target[chosen] == name]
        assert len(set(patients)) == len(patients) == 4
    assert chosen.tolist() == _sample(part, 8, comparison.seed).tolist()
    assert chosen.tolist() != _sample(part, 8, comparison.seed + 1).tolist()
