import numpy as np
import pytest

from dlboi.metrics import loss_slope
from dlboi.plotting import LossSlopeDisplay

EPOCHS = np.arange(31, 51)
RNG = np.random.default_rng(0)
LOSSES = {
    name: 0.3 + slope * EPOCHS + RNG.normal(scale=0.01, size=(5, 20))
    for name, slope in (("train", -0.002), ("validation", 0.004))
}


def test_lines_have_the_mean_slope_and_go_through_the_mean():
    display = LossSlopeDisplay(EPOCHS, LOSSES).plot()
    for name, curves in LOSSES.items():
        y = display.lines_[name].get_ydata()
        assert display.slopes_[name] == loss_slope(curves, epochs=EPOCHS)
        np.testing.assert_allclose(np.diff(y), display.slopes_[name].estimate)
        assert y.mean() == pytest.approx(curves.mean())
    assert len(display.ax_.lines) == 2 * (5 + 1)


def test_legend_has_slopes_in_thousandths_with_intervals():
    display = LossSlopeDisplay(EPOCHS, LOSSES).plot()
    for text, (name, slope) in zip(
        display.legend_.get_texts(), display.slopes_.items(), strict=True
    ):
        numbers = [f"{1000 * value:.2f}".replace("-", "−") for value in slope[:3]]
        assert text.get_text() == f"{name}: {numbers[0]} ({numbers[1]} to {numbers[2]})"


def test_one_seed_has_no_interval():
    display = LossSlopeDisplay(EPOCHS, {"train": LOSSES["train"][:1]}).plot()
    assert "one seed, no interval" in display.legend_.get_texts()[0].get_text()


def test_flat_losses_and_long_names_are_drawn():
    names = [f"validation, ResNet-34 with a body that is fixed, pooled to {n}×{n}" for n in "12"]
    display = LossSlopeDisplay(EPOCHS, dict.fromkeys(names, np.ones((2, 20)))).plot()
    display.figure_.canvas.draw()
    box = display.legend_.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= display.figure_.bbox.x1
    assert not box.overlaps(display.ax_.get_tightbbox())


@pytest.mark.parametrize(
    ("epochs", "losses", "message"),
    [
        ([1], LOSSES, "'epochs' parameter"),
        (EPOCHS, {}, "'losses' parameter"),
        (EPOCHS[1:], LOSSES, r"\(n_seeds, 19\).*'train'"),
        ([1, 2], {"a": [[1.0, np.nan]]}, "NaN or infinity at 'a'"),
        ([1, 2], {"a": np.ones((0, 2))}, r"shape \(0, 2\)"),
    ],
)
def test_bad_input_names_the_parameter(epochs, losses, message):
    with pytest.raises(ValueError, match=message):
        LossSlopeDisplay(epochs, losses).plot()
