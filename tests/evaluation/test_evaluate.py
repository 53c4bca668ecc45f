"""The scores of a test set, with intervals over patients, whatever the classifier is."""

import csv
import io
import re

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from dlboi import CNNClassifier
from dlboi.datasets import load_image_folder, make_chest_phantoms
from dlboi.evaluation import Evaluation, evaluate, times_scored
from dlboi.exceptions import MissingPathError
from dlboi.metrics import proportion_interval, score_intervals
from tests.studies.prototypes import make_patients

OF_PROBA = ("roc_auc", "average_precision", "brier_score", "expected_calibration_error")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Let each test count from 0."""
    monkeypatch.setenv("DLBOI_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = make_patients(40, seed=0)
    return LogisticRegression().fit(X, y)


@pytest.fixture(scope="module")
def test_set():
    return make_patients(20, seed=1)


@pytest.fixture
def result(fitted, test_set):
    X, y, groups = test_set
    return evaluate(fitted, X, y, groups=groups, target_names=["well", "ill"])


class Fixed(ClassifierMixin, BaseEstimator):
    """Gives the probabilities that are handed to it as X."""

    def __init__(self, classes, threshold=0.5):
        self.classes = classes
        self.threshold = threshold
        self.classes_ = np.asarray(classes)

    def predict_proba(self, X):
        return np.asarray(X)

    def predict(self, X):
        return self.classes_[(np.asarray(X)[:, 1] >= self.threshold).astype(int)]


def proba(positive):
    return np.transpose([1 - np.asarray(positive), positive])


# ------------------------------------------------------------------------------------- the scores


def test_scores_are_those_of_the_metrics(result, fitted, test_set):
    X, y, groups = test_set
    assert isinstance(result, Evaluation)
    expected = score_intervals(y, fitted.predict_proba(X), groups=groups)
    assert result.scores == expected
    assert result.scores["accuracy"].estimate == pytest.approx(fitted.score(X, y))
    np.testing.assert_array_equal(result.y_proba, fitted.predict_proba(X))
    assert (result.n_images, result.n_patients) == (80, 20)


def test_recall_of_a_class_has_its_interval_over_patients(result, fitted, test_set):
    X, y, groups = test_set
    table, ill = result.per_class, y == 1
    expected = proportion_interval(fitted.predict(X)[ill] == 1, groups=groups[ill])
    assert (table["recall"][1], table["recall_low"][1], table["recall_high"][1]) == expected
    assert table["support"].tolist() == [40, 40]
    assert table["n_patients"].tolist() == [10, 10]
    assert table["recall"][1] == result.scores["sensitivity"].estimate


def test_without_patients_intervals_are_over_images(fitted, test_set):
    X, y, groups = test_set
    by_image = evaluate(fitted, X, y)
    by_patient = evaluate(fitted, X, y, groups=groups)
    low, high = by_image.scores["accuracy"][1:]
    assert by_image.scores["accuracy"][1:] == proportion_interval(fitted.predict(X) == y)[1:]
    assert high - low < np.ptp(by_patient.scores["accuracy"][1:])
    assert "n_patients" not in by_image.per_class
    assert "over images" in by_image.to_markdown()


def test_a_lower_level_gives_narrower_intervals(fitted, test_set):
    X, y, groups = test_set
    wide, narrow = (
        evaluate(fitted, X, y, groups=groups, confidence_level=level) for level in (0.99, 0.8)
    )
    for name, interval in narrow.scores.items():
        assert wide.scores[name].low <= interval.low < interval.high < wide.scores[name].high
    assert np.all(wide.per_class["recall_low"] < narrow.per_class["recall_low"])
    assert "80 % interval" in narrow.to_markdown()


def test_several_classes_and_a_pipeline():
    rng = np.random.default_rng(0)
    y = np.repeat(["adipose", "stroma", "tumour"], 30)
    X = rng.normal(size=(90, 4)) + np.unique(y, return_inverse=True)[1][:, None]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    result = evaluate(model, X, y, groups=np.arange(90) // 3)
    assert "sensitivity" not in result.scores
    expected = roc_auc_score(y, model.predict_proba(X), multi_class="ovr")
    assert result.scores["roc_auc"].estimate == pytest.approx(expected)
    assert result.target_names == ["adipose", "stroma", "tumour"]
    assert "means over each class against the rest" in result.to_markdown()


def test_columns_of_unsorted_classes_are_put_in_order():
    classifier = Fixed(["well", "ill"])  # the second column is of "ill", the first in order
    result = evaluate(classifier, proba([0.9, 0.2, 0.8, 0.1]), ["ill", "well", "ill", "well"])
    assert result.classes.tolist() == ["ill", "well"]
    assert result.y_proba[:, 0].tolist() == [0.9, 0.2, 0.8, 0.1]
    assert result.scores["roc_auc"].estimate == result.scores["accuracy"].estimate == 1


# ------------------------------------------------------------------------------- any classifier


def test_a_classifier_without_probabilities_has_scores_of_its_predictions(test_set, tmp_path):
    X, y, groups = test_set
    svm = LinearSVC().fit(X, y)
    result = evaluate(svm, X, y, groups=groups)
    assert result.scores["accuracy"].estimate == pytest.approx(accuracy_score(y, svm.predict(X)))
    assert np.isnan([result.scores[name] for name in OF_PROBA]).all()
    assert result.y_proba is None
    assert "gives no probabilities" in result.to_markdown()
    assert "predicted 1" in result.save(tmp_path / "page.html").read_text()
    with pytest.raises(ValueError, match="CalibratedClassifierCV"):
        result.plot()


def test_scores_of_labels_are_of_what_is_predicted():
    positive = np.array([0.2, 0.3, 0.4, 0.45, 0.6, 0.7])
    y = np.array([0, 0, 1, 1, 1, 1])
    result = evaluate(Fixed([0, 1], threshold=0.35), proba(positive), y)
    assert result.scores["sensitivity"].estimate == result.per_class["recall"][1] == 1
    assert "For 2 of 6 images the classifier predicts another class" in result.to_markdown()
    assert result.scores["brier_score"].estimate == pytest.approx(np.mean((positive - y) ** 2))


def test_networks_predict_from_arrays_and_from_files(tmp_path):
    from PIL import Image

    images = make_chest_phantoms(24, image_size=32, random_state=0)
    paths = []
    for number, image in enumerate(images.data):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(image.squeeze()).save(paths[-1])
    clf = CNNClassifier(max_epochs=1, n_filters=(4,), random_state=0)
    clf.fit(images.data, images.target)
    options = {"groups": images.groups, "target_names": images.target_names}
    of_array = evaluate(clf, images.data, images.target, **options)
    of_files = evaluate(clf, paths, images.target, **options)
    assert of_files.scores == of_array.scores
    assert of_array.y_pred.tolist() == clf.predict(images.data).tolist()
    assert of_files.times_scored == of_array.times_scored == 1  # to the counter they are two sets


# ------------------------------------------------------------------------------------ patients


def test_patients_are_scored_by_their_mean_probability():
    positive = [0.1, 0.7, 0.9, 0.8, 0.45, 0.2, 0.6, 0.6]
    groups = ["d", "a", "a", "b", "c", "c", "d", "d"]
    y = np.array([0, 1, 1, 1, 0, 0, 0, 0])
    result = evaluate(Fixed([0, 1]), proba(positive), y, groups=groups, aggregate="mean")
    assert result.groups.tolist() == ["a", "b", "c", "d"]
    assert result.y_true.tolist() == [1, 1, 0, 0]
    np.testing.assert_allclose(result.y_proba[:, 1], [0.8, 0.8, 0.325, 1.3 / 3])
    assert result.scores["accuracy"].estimate == 1  # of the images, two are wrong
    assert (result.n_images, result.n_patients) == (8, 4)
    assert result.per_class["support"].tolist() == [2, 2]
    assert "4 patients, each scored by the mean over its images (8 images" in result.to_markdown()


def test_without_probabilities_the_images_of_a_patient_vote():
    X, y, groups = make_patients(20, seed=2, n_images=3)
    svm = LinearSVC().fit(X, y)
    result = evaluate(svm, X, y, groups=groups, aggregate="mean")
    votes = svm.predict(X).reshape(20, 3).sum(axis=1)
    assert result.y_pred.tolist() == (votes > 1.5).astype(int).tolist()
    assert result.y_proba is None


def test_a_patient_of_several_classes_is_refused_with_the_number():
    X, y = proba([0.1, 0.9, 0.9, 0.2, 0.3]), [0, 1, 1, 1, 0]
    groups = ["a", "a", "b", "c", "c"]
    with pytest.raises(ValueError, match=r"2 of 3 patients .* 'a' with \[0, 1\]"):
        evaluate(Fixed([0, 1]), X, y, groups=groups, aggregate="mean")
    assert times_scored(X, y) == 0
    assert evaluate(Fixed([0, 1]), X, y, groups=groups).n_patients == 3


# --------------------------------------------------------------------------------------- n/a


def test_a_class_without_images_is_said_and_not_scored(fitted, test_set):
    X, y, groups = (part[test_set[1] == 1] for part in test_set)
    result = evaluate(fitted, X, y, groups=groups, target_names=["well", "ill"])
    assert result.scores["sensitivity"].estimate == result.scores["accuracy"].estimate
    assert np.isnan(result.scores["specificity"]).all()
    assert np.isnan(result.scores["roc_auc"]).all()
    assert "No image is of class well" in result.to_markdown()
    assert "| Specificity | n/a |" in result.to_markdown()


def test_one_patient_has_scores_and_no_intervals(fitted, test_set):
    X, y, _ = test_set
    result = evaluate(fitted, X, y, groups=["the one"] * len(y))
    estimates, *bounds = np.transpose(list(result.scores.values()))
    assert np.isfinite(estimates).all()
    assert np.isnan(bounds).all()
    assert "All images are of one patient" in result.to_markdown()
    assert "(no interval)" in repr(result)


def test_a_constant_classifier(test_set):
    X, y, groups = test_set
    result = evaluate(DummyClassifier().fit(X, y), X, y, groups=groups)
    assert result.scores["roc_auc"].estimate == 0.5
    assert np.isnan(result.per_class["precision"]).sum() == 1


@pytest.mark.parametrize("make_page", [True, False])
@pytest.mark.parametrize("case", ["absent", "one patient", "one image"])
def test_a_page_is_made_of_whatever_could_be_scored(fitted, test_set, case, make_page):
    X, y, groups = test_set
    chosen = {"absent": y == 1, "one patient": groups == 0, "one image": np.arange(80) == 0}[case]
    result = evaluate(fitted, X[chosen], y[chosen], groups=groups[chosen])
    text = result.to_page().to_html() if make_page else result.to_latex()
    assert "n/a" in text


# -------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": [0, 1, 2, 3]}, r"Got 2 others of 4, \[2, 3\]"),
        ({"y": ["0", "1", "0", "1"]}, "must hold labels that the classifier knows"),
        ({"y": [0, 1, np.nan, 1]}, "must hold labels that the classifier knows"),
        ({"y": [0, 1, 1]}, "one label for each of the 4 images"),
        ({"y": [[0], [1], [1], [0]]}, "one label for each of the 4 images"),
        ({"X": proba([]), "y": []}, "at least one"),
        ({"groups": [1, 2, 3]}, "'groups' parameter of evaluate"),
        ({"groups": ["a", "b", None, "c"]}, "Got none at index 2"),
        ({"aggregate": "median", "groups": [1, 2, 3, 4]}, "'mean' or None"),
        ({"aggregate": "mean"}, "'groups' parameter of evaluate"),
        ({"confidence_level": 95}, "such as 0.95"),
        ({"target_names": ["one"]}, "one name for each"),
        ({"target_names": ["one", "one"]}, "name of its own"),
        ({"X": proba([0.1, np.nan, 0.2, 0.3])}, "NaN or infinity"),
        ({"X": proba([0.1, 0.2, 0.3, 0.4]) * 3}, "sum to 1"),
        ({"X": np.full((4, 3), 1 / 3)}, r"must give 2 finite probabilities"),
        ({"estimator": LinearRegression().fit([[1], [2]], [1, 2])}, "fitted classifier"),
        ({"estimator": Fixed([0])}, r"with the classes \[0\]"),
    ],
)
def test_what_cannot_be_scored_is_refused_and_not_counted(options, message):
    usual = {"estimator": Fixed([0, 1]), "X": proba([0.1, 0.6, 0.4, 0.8]), "y": [0, 1, 1, 0]}
    arguments = usual | options
    with pytest.raises(ValueError, match=message):
        evaluate(**arguments)
    assert times_scored(usual["X"], usual["y"]) == 0


def test_a_classifier_must_be_fitted(test_set):
    for classifier in (LogisticRegression(), CNNClassifier(), make_pipeline(LogisticRegression())):
        with pytest.raises(NotFittedError):
            evaluate(classifier, *test_set[:2])


# ---------------------------------------------------------------------------------------- output


def test_each_evaluation_counts(fitted, test_set):
    X, y, groups = test_set
    for n in (1, 2, 3):
        result = evaluate(fitted, X, y, groups=groups)
        assert result.times_scored == times_scored(X, y) == n
    assert times_scored(X[::-1], y[::-1]) == 3
    sentence = "This set has now been scored 3 times on this machine"
    assert sentence in result.to_markdown()
    assert sentence in result.to_page().to_html()


def test_repr_is_short(result):
    pattern = r"<Evaluation: accuracy 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\), 80 images, 20 patients; "
    assert re.fullmatch(pattern + "set scored once>", repr(result))


def test_tables_hold_the_scores(result):
    text = result.to_markdown()
    estimate, low, high = result.scores["sensitivity"]
    row = f"| Sensitivity | {estimate:.3f} ({low:.3f} to {high:.3f}) | share of ill that is found |"
    assert row in text
    assert "The positive class is ill." in text
    assert text.startswith(f"Accuracy {result.scores['accuracy'].estimate:.3f} (95 % interval")
    header, *rows = csv.reader(io.StringIO(result.to_csv()))
    assert header == ["score", "estimate", "low", "high"]
    assert {name: tuple(map(float, values)) for name, *values in rows} == result.scores
    assert result.to_latex().count(r"\begin{tabular}") == 2


def test_the_page(result, tmp_path):
    import matplotlib.pyplot as plt

    path = result.save(tmp_path / "page.html")
    text = path.read_text()
    assert "<svg" in text
    assert "LogisticRegression()" in text
    assert not plt.get_fignums()  # nothing is left open
    with pytest.raises(MissingPathError):
        result.save(tmp_path / "nowhere" / "page.html")


def test_names_are_shown_as_they_are(fitted, test_set):
    X, y, groups = test_set
    result = evaluate(fitted, X, y, groups=groups, target_names=["<b>|well", "a_b$ & c"])
    assert "<b>|well" not in result.to_page().to_html()
    assert r"\|well" in result.to_markdown()
    assert r"a\_b\$ \& c" in result.to_latex()


def test_the_figure(result):
    import matplotlib.pyplot as plt

    display = result.plot()
    assert len(display.axes_) == 3
    assert "well" in [text.get_text() for text in display.axes_[0].get_xticklabels()]
    plt.close(display.figure_)


@pytest.mark.realdata
@pytest.mark.slow
def test_real_images(real_data, tmp_path):
    patient = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"
    folder = real_data / "chest_xray"
    train = load_image_folder(folder / "train", groups=patient, size=64)
    test = load_image_folder(folder / "test", groups=patient, like=train)
    clf = CNNClassifier(max_epochs=2, random_state=0).fit(train.data, train.target)
    options = {"groups": test.groups, "target_names": test.target_names}
    by_image = evaluate(clf, test.data, test.target, **options)
    by_patient = evaluate(clf, test.data, test.target, aggregate="mean", **options)
    assert by_image.n_patients == by_patient.n_patients == len(by_patient.y_true)
    for result in (by_image, by_patient):
        assert result.scores["roc_auc"].low > 0.7
    page = by_patient.save(tmp_path / "page.html").read_text()
    assert "The positive class is PNEUMONIA" in page
    assert "scored 2 times" in page
