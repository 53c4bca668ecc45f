import numpy as np
import pytest

from dlboi.plotting import ScheduleDisplay


def test_draws_the_rate_of_each_epoch():
    epochs, lr = np.arange(1, 31), np.repeat([1e-3, 5e-4, 2e-4], 10)
    display = ScheduleDisplay(epochs, lr).plot()
    np.testing.assert_array_equal(display.line_.get_xdata(), epochs)
    np.testing.assert_array_equal(display.line_.get_ydata(), lr)
    assert display.ax_.get_xlabel() == "Epoch"
    assert display.ax_.get_ylabel() == "Learning rate"


@pytest.mark.parametrize(
    ("lr", "scale"),
    [
        ([1e-3, 1e-4, 1e-5], "log"),
        ([1e-3, 1e-4], "linear"),
        ([1e-3, 1e-5, 0.0], "linear"),
        ([1e-3], "linear"),
        (1e-3 * (1 + np.cos(np.pi * np.arange(50) / 50)) / 2, "linear"),
    ],
)
def test_scale_is_logarithmic_from_two_decades_and_without_zero(lr, scale):
    display = ScheduleDisplay(np.arange(len(lr)) + 1, lr).plot()
    assert display.ax_.get_yscale() == scale
    assert scale == "log" or display.ax_.get_ylim()[0] <= 0


def test_a_logarithmic_curve_is_seen_beside_a_linear_one():
    first = ScheduleDisplay([1, 2, 3], [1e-3, 1e-3, 1e-3]).plot()
    ScheduleDisplay([1, 2, 3], [1e-3, 1e-4, 1e-5]).plot(first.ax_)
    low, high = first.ax_.get_ylim()
    assert first.ax_.get_yscale() == "log"
    assert 0 < low <= 1e-5
    assert high >= 1e-3


def test_two_schedules_share_axes_and_take_labels():
    first = ScheduleDisplay([1, 2], [1e-3, 1e-3]).plot(line_kw={"label": "none"})
    second = ScheduleDisplay([1, 2], [1e-3, 0.0]).plot(
        first.ax_, line_kw={"label": "cosine", "color": "black"}
    )
    assert second.figure_ is first.figure_
    assert [line.get_label() for line in first.ax_.lines] == ["none", "cosine"]


@pytest.mark.parametrize(("epochs", "lr"), [([], []), ([1, 2], [0.1]), ([[1]], [[0.1]])])
def test_bad_input_names_the_parameters(epochs, lr):
    with pytest.raises(ValueError, match="'epochs' and 'lr' parameters"):
        ScheduleDisplay(epochs, lr).plot()
