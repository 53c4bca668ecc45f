import numpy as np
import pytest
from scipy import stats

from dlboi.metrics import curve_noise, loss_slope

EPOCHS = np.arange(1, 21)


def test_slopes_are_those_of_least_squares():
    rng = np.random.default_rng(0)
    losses = rng.normal(size=(5, 20))
    slopes = [stats.linregress(EPOCHS, row).slope for row in losses]
    found = loss_slope(losses)
    wanted = stats.ttest_1samp(slopes, 0)
    assert found.estimate == pytest.approx(np.mean(slopes))
    assert found[1:3] == pytest.approx(tuple(wanted.confidence_interval()))
    assert found.p_value == pytest.approx(wanted.pvalue)


def test_autocorrelated_curves_without_a_slope_are_found_in_5_percent():
    rng, n_sets = np.random.default_rng(0), 2000
    losses = np.cumsum(rng.normal(size=(n_sets, 5, 20)), axis=2)
    rate = np.mean([loss_slope(curves).p_value <= 0.05 for curves in losses])
    assert abs(rate - 0.05) <= 3 * np.sqrt(0.05 * 0.95 / n_sets)


@pytest.mark.parametrize("apart", [[0.0, 0.0, 0.0], [0.0, 0.1, 0.7]])
@pytest.mark.parametrize("step", [0.0, 0.1])
def test_slopes_that_vary_by_rounding_alone_have_no_interval(apart, step):
    found = loss_slope(0.3 + step * EPOCHS + np.array(apart)[:, None])
    assert found.estimate == pytest.approx(step, abs=1e-12)
    assert np.isnan(found[1:]).all()


def test_slopes_that_vary_little_have_an_interval():
    slopes = 0.1 + 1e-9 * np.array([[-1], [0], [1]])
    found = loss_slope(slopes * EPOCHS)
    assert found.low < 0.1 < found.high


def test_epochs_give_the_unit():
    losses = np.random.default_rng(0).normal(size=(3, 4))
    found = loss_slope(losses, epochs=[10, 12, 14, 16])
    assert np.array(found[:3]) * 2 == pytest.approx(loss_slope(losses)[:3])
    assert found.p_value == pytest.approx(loss_slope(losses).p_value)


def test_one_seed_has_a_slope_but_no_interval():
    found = loss_slope([[1.0, 1.5, 2.0]])
    assert found.estimate == pytest.approx(0.5)
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize(
    ("losses", "epochs", "message"),
    [
        ([1.0, 2.0], None, "'losses' parameter of loss_slope"),
        ([[1.0]], None, "at least 2 epochs"),
        ([[1.0, np.nan]], None, "finite"),
        ([[1.0, 2.0]], [1], "'epochs' parameter of loss_slope"),
        ([[1.0, 2.0]], [3, 3], "two different"),
    ],
)
def test_slope_bad_input_names_the_parameter(losses, epochs, message):
    with pytest.raises(ValueError, match=message):
        loss_slope(losses, epochs=epochs)


@pytest.mark.parametrize("trend", [0.0, -0.3, 2.0])
def test_noise_is_the_standard_deviation_whatever_the_trend(trend):
    losses = np.random.default_rng(0).normal(scale=0.2, size=(4, 3000))
    found = curve_noise(losses + trend * np.arange(3000))
    assert found == pytest.approx(np.full(4, 0.2), rel=0.1)


def test_smooth_decay_has_hardly_any_noise():
    assert curve_noise([np.exp(-EPOCHS / 5)])[0] < 0.01


def test_noise_bad_input_names_the_parameter():
    with pytest.raises(ValueError, match="'losses' parameter of curve_noise"):
        curve_noise([[1.0, 2.0]])
