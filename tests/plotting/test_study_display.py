import numpy as np
import pytest

from dlboi.plotting import StudyDisplay

NAMES = ["ANN", "CNN", "GAP"]
BARE = [0.8, 0.9, np.nan], [0.7, np.nan, np.nan], [0.85, np.nan, np.nan]


def legend_of(display):
    return [text.get_text() for text in display.figure_.legends[0].get_texts()]


def test_levels_have_estimates_intervals_and_runs_in_order():
    runs = [[0.78, 0.82], [0.9], [0.7, 0.75, np.nan]]
    display = StudyDisplay(NAMES, [0.8, 0.9, 0.7], [0.7] * 3, [0.95] * 3, runs=runs).plot()
    ax = display.ax_
    lines = {line.get_label(): line for line in ax.lines}
    estimates = lines["estimate, 95 % interval"]
    np.testing.assert_allclose(estimates.get_xdata(), [0.8, 0.9, 0.7])
    assert estimates.get_ydata().tolist() == sorted(estimates.get_ydata())
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first level on top
    for segment in ax.collections[0].get_segments():
        np.testing.assert_allclose(segment[:, 0], [0.7, 0.95])
    np.testing.assert_allclose(lines["single runs"].get_xdata(), [0.78, 0.82, 0.9, 0.7, 0.75])


def test_what_is_missing_is_not_drawn_as_if_it_were_there():
    display = StudyDisplay(NAMES, *BARE).plot()
    lines = {line.get_label(): line for line in display.ax_.lines}
    assert lines["estimate, no interval"].get_xdata().tolist() == [0.9]
    assert lines["estimate, no interval"].get_markerfacecolor() == "white"
    assert len(display.ax_.collections[0].get_segments()) == 1
    (text,) = display.ax_.texts
    assert text.get_text() == "n/a"
    assert text.get_position()[1] == display.ax_.get_yticks()[2]
    assert legend_of(display) == ["estimate, 95 % interval", "estimate, no interval"]


def test_reference_is_named_and_marked():
    display = StudyDisplay(NAMES, *BARE, reference="CNN").plot()
    assert display.ax_.get_yticklabels()[1].get_text() == "CNN\n(reference)"
    assert [0.9, 0.9] in [list(line.get_xdata()) for line in display.ax_.lines]


def test_long_names_do_not_overlap():
    names = [f"ResNet-34, $fixed$ body, pooled to {n}×{n} cells, dropout 0.5" for n in range(12)]
    display = StudyDisplay(names, *np.ones((3, 12)), reference=names[3]).plot()
    display.figure_.canvas.draw()
    boxes = [label.get_window_extent() for label in display.ax_.get_yticklabels()]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert min(box.x0 for box in boxes) >= 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": []}, "'names' parameter of StudyDisplay"),
        ({"names": ["a", "a"]}, "each once"),
        ({"estimates": [1.0]}, "'estimates' parameter"),
        ({"highs": [[1.0, 1.0]]}, "'highs' parameter"),
        ({"lows": [2.0, 0.0]}, "'lows' parameter.*2 above 1 at 'a'"),
        ({"runs": [[1.0]]}, "'runs' parameter"),
        ({"reference": "c"}, "'reference' parameter.*'c'"),
    ],
)
def test_bad_input_names_the_parameter(options, message):
    arguments = {"names": ["a", "b"], "estimates": [0.5, 0.5], "lows": [0, 0], "highs": [1, 1]}
    with pytest.raises(ValueError, match=message):
        StudyDisplay(**{**arguments, **options}).plot()
