"""Displays of the study of dataset bias show the numbers they are given, and refuse bad ones."""

import numpy as np
import pytest

from dlboi.plotting import (
    GapWaterfallDisplay,
    MeanDifferenceDisplay,
    OriginAccuracyDisplay,
    PermutationDisplay,
    TwoSampleDisplay,
)

TERMS = ["leakage", "label shift", "ranking"]
COSTS = [0.05, -0.01, 0.10]


def waterfall(**options):
    lows, highs = np.subtract(COSTS, 0.02), np.add(COSTS, 0.02)
    return GapWaterfallDisplay(TERMS, COSTS, lows, highs, start=0.95, **options)


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_the_bars_lead_from_the_first_to_the_last_accuracy():
    display = waterfall().plot()
    ends = [bar.get_x() + bar.get_width() for bar in display.bars_]
    starts = [bar.get_x() for bar in display.bars_]
    np.testing.assert_allclose(starts, [95, 90, 91])
    np.testing.assert_allclose(ends, [90, 91, 81])
    assert [bar.get_hatch() is None for bar in display.bars_] == [True, False, True]
    assert {"95.0 %", "81.0 %", "5.0 (3.0 to 7.0)", "−1.0 (−3.0 to 1.0)"} <= set(
        texts_of(display.ax_)
    )
    left, right = display.ax_.get_xlim()
    assert left < 79
    assert right > 95


def test_nothing_has_no_sign():
    display = GapWaterfallDisplay(["leakage"], [-1e-9], [-1e-4], [1e-4], start=0.9).plot()
    assert "0.0 (0.0 to 0.0)" in texts_of(display.ax_)


def test_a_step_without_an_interval_says_so():
    nothing = [np.nan] * 3
    display = GapWaterfallDisplay(TERMS, COSTS, nothing, nothing, start=0.95).plot()
    assert "5.0 (n/a)" in texts_of(display.ax_)


def test_names_of_steps_are_broken_and_no_formulas():
    name = "what a study with $n_1$ and $n_2$ patients cannot tell apart"
    display = GapWaterfallDisplay([name], [0.1], [0.0], [0.2], start=0.9).plot()
    label = display.ax_.get_yticklabels()[1]
    assert label.get_text().replace("\n", " ") == name
    assert not label.get_parse_math()
    display.figure_.canvas.draw()


def test_each_origin_has_its_accuracies_and_what_is_missing_is_written():
    estimates = np.array([[0.95, 0.80], [0.96, np.nan]])
    display = OriginAccuracyDisplay(
        ["as given", "pooled"], ["train", "test"], estimates, estimates - 0.02, estimates + 0.02
    ).plot()
    lines = {line.get_label(): line.get_xdata() for line in display.ax_.lines}
    np.testing.assert_allclose(lines["images of train"], [95, 96])
    np.testing.assert_allclose(lines["images of test"], [80])
    assert texts_of(display.ax_) == ["test: n/a"]


def test_controls_stand_in_the_row_of_their_class():
    random, ordered = [[0.5, 0.52], [0.49]], [[0.6], [0.7, 0.65]]
    display = TwoSampleDisplay(
        ["well", "ill"],
        [0.9, np.nan],
        [0.8, np.nan],
        [0.95, np.nan],
        random=random,
        ordered=ordered,
    ).plot()
    lines = {line.get_label(): line for line in display.ax_.lines}
    np.testing.assert_allclose(lines["random parts of train"].get_xdata(), [0.5, 0.52, 0.49])
    rows = lines["parts of train, one after the other"].get_ydata().round()
    assert rows.tolist() == [0, 1, 1]
    assert lines["test told from train (95 % interval)"].get_xdata().tolist() == [0.9]


def test_controls_may_be_missing():
    display = TwoSampleDisplay(["well"], [0.9], [0.8], [0.95]).plot()
    assert not any("parts of" in line.get_label() for line in display.ax_.lines)


@pytest.mark.parametrize(("observed", "p_value"), [(10.0, 0.01), (-10.0, 1.0), (0.5, 0.51)])
def test_the_p_value_counts_what_is_observed_among_the_permutations(observed, p_value):
    null = np.linspace(0, 1, 99)
    display = PermutationDisplay(null, observed).plot()
    assert display.p_value_ == pytest.approx(p_value, abs=0.011)
    assert sum(patch.get_height() for patch in display.ax_.patches) == 99


def test_a_p_value_that_is_given_is_shown():
    display = PermutationDisplay([0.0, 1.0], 2.0, p_value=0.123).plot()
    assert "p = 0.12" in display.figure_.legends[0].get_texts()[1].get_text()


def test_differences_share_a_scale_that_is_symmetric():
    first = np.full((2, 8, 8), 0.5)
    second = first + np.array([0.1, -0.3])[:, None, None]
    display = MeanDifferenceDisplay(first, second, names=["well", "ill"]).plot()
    assert display.axes_.shape == (2, 3)
    assert display.colorbar_.vmax == -display.colorbar_.vmin == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: GapWaterfallDisplay([], [], [], [], start=1), "'names' parameter"),
        (lambda: GapWaterfallDisplay(["a", "a"], *[[0, 0]] * 3, start=1), "'names' parameter"),
        (lambda: GapWaterfallDisplay(["a"], [0, 1], [0], [0], start=1), "'estimates' parameter"),
        (lambda: GapWaterfallDisplay(["a"], [np.nan], [0], [0], start=1), "must be finite"),
        (lambda: OriginAccuracyDisplay(["a"], ["b"], [[1]], [[1]], [1]), "'highs' parameter"),
        (lambda: TwoSampleDisplay(["a"], [1], [1], [1, 2]), "'highs' parameter"),
        (lambda: TwoSampleDisplay(["a"], [1], [1], [1], random=[]), "'random' parameter"),
        (lambda: PermutationDisplay([], 1.0), "one permutation at least"),
        (lambda: PermutationDisplay([1.0], np.nan), "finite"),
        (lambda: MeanDifferenceDisplay(np.ones((1, 4, 4)), np.ones((2, 4, 4))), "as many"),
        (lambda: MeanDifferenceDisplay(np.ones((1, 4, 4)), np.full((1, 4, 4), np.nan)), "with NaN"),
        (lambda: MeanDifferenceDisplay(*np.ones((2, 1, 4, 4)), names=[]), "'names' parameter"),
    ],
)
def test_bad_input_names_the_parameter(draw, message):
    with pytest.raises(ValueError, match=message):
        draw().plot()
