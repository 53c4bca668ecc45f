import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from dlboi.metrics import roc_band


def draw(rng, n_patients, shift):
    patients = np.repeat(np.arange(n_patients), rng.geometric(0.3, n_patients))
    y = (np.arange(n_patients) % 2)[patients]
    score = np.sqrt(0.3) * rng.normal(size=n_patients)[patients]
    return y, score + np.sqrt(0.7) * rng.normal(size=y.size) + shift * y, patients


def coverage(n_patients, shift, n_sets):
    rng, held = np.random.default_rng(0), []
    at = [10, 20, 50]
    truth = stats.norm.cdf(stats.norm.ppf(np.array(at) / 100) + shift)
    for _ in range(n_sets):
        y, score, patients = draw(rng, n_patients, shift)
        band = roc_band(y, score, groups=patients, n_resamples=99)
        held.append((band.low[at] <= truth) & (truth <= band.high[at]))
    return np.mean(held, axis=0)


def test_band_holds_the_true_curve():
    assert np.all(coverage(20, 1.5, 150) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150))


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [10, 40, 200])
@pytest.mark.parametrize("shift", [1.2, 2.3])
def test_band_holds_the_true_curve_at_all_sizes(n_patients, shift):
    assert np.all(coverage(n_patients, shift, 400) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 400))


def test_curve_is_that_of_scikit_learn():
    y, score, _ = draw(np.random.default_rng(0), 400, 1.0)
    band = roc_band(y, score, n_resamples=1)
    assert band.fpr.tolist() == np.linspace(0, 1, 101).tolist()
    assert np.all(np.diff(band.tpr) >= 0)
    assert np.trapezoid(band.tpr, band.fpr) == pytest.approx(roc_auc_score(y, score), abs=0.01)


def test_properties_of_the_band():
    y, score, patients = draw(np.random.default_rng(0), 30, 1.0)
    band = roc_band(y, score, groups=patients)
    assert np.all((band.low >= 0) & (band.low <= band.tpr))
    assert np.all((band.high <= 1) & (band.high >= band.tpr))
    again = roc_band(y.astype(bool), 3 * score - 1, groups=patients)
    np.testing.assert_array_equal(band, again)
    wider = roc_band(y, score, groups=patients, confidence_level=0.99)
    assert np.all(wider.high - wider.low >= band.high - band.low)


def test_flawless_curve_of_few_patients_is_not_certain():
    y = np.repeat([0, 1], 50)
    band = roc_band(y, y, groups=np.repeat(np.arange(10), 10))
    assert np.all(band.tpr == 1)
    assert np.all(band.low[:-1] < 0.5)
    assert band.low[-1] == 1


def test_tied_scores_pass_together():
    band = roc_band([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    assert band.tpr.tolist() == [0.0] * 100 + [1.0]


def test_without_a_class_there_is_no_curve():
    band = roc_band([1, 1], [0.2, 0.3])
    assert np.isnan([band.tpr, band.low, band.high]).all()


def test_class_of_one_patient_has_a_curve_but_no_band():
    band = roc_band([0, 0, 1, 1], [0.1, 0.6, 0.3, 0.8], groups=[1, 2, 3, 3])
    assert band.tpr[50] == 1
    assert np.isnan([band.low, band.high]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y_true": [0, 1, 1]}, "same length"),
        ({"y_true": [0, 2]}, "pass y == positive_label"),
        ({"y_score": [0.1, np.nan]}, "'y_score' parameter"),
        ({"groups": [1]}, "'groups' parameter of roc_band"),
        ({"n_resamples": 0}, "'n_resamples' parameter"),
    ],
)
def test_bad_input_names_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        roc_band(**{"y_true": [0, 1], "y_score": [0.1, 0.2]} | arguments)


def test_a_rate_near_one_is_not_that_of_a_single_image():
    rng = np.random.default_rng(0)
    positive = np.repeat([0, 1], 200)
    score = rng.normal(size=400) + 3 * positive
    band = roc_band(positive, score, groups=np.arange(400) // 2)
    flat = band.tpr > 0.99
    assert flat.sum() > 30
    assert band.low[flat].min() > 0.85
