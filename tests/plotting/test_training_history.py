import numpy as np
import pytest

from dlboi.plotting import TrainingHistoryDisplay


def make_history(n_epochs=5, names=("train", "validation", "test")):
    history = {"epoch": np.arange(1, n_epochs + 1), "lr": np.ones(n_epochs)}
    for position, name in enumerate(names):
        history[f"{name}_loss"] = np.linspace(1, 0.1, n_epochs) + position
        history[f"{name}_accuracy"] = np.linspace(0.5, 0.9, n_epochs) - position / 100
    return history


def labels_in(display):
    return [text.get_text() for text in display.figure_.legends[0].get_texts()]


def test_both_panels_hold_the_data_of_all_sets():
    history = make_history()
    display = TrainingHistoryDisplay(history, best_epoch=3).plot()
    loss, accuracy = display.axes_
    assert [line.get_label() for line in loss.lines[:3]] == [
        "train",
        "validation",
        "test (monitor)",
    ]
    for line, name in zip(loss.lines, ("train", "validation", "test"), strict=False):
        np.testing.assert_array_equal(line.get_xdata(), history["epoch"])
        np.testing.assert_array_equal(line.get_ydata(), history[f"{name}_loss"])
    for line, name in zip(accuracy.lines, ("train", "validation", "test"), strict=False):
        np.testing.assert_allclose(line.get_ydata(), 100 * history[f"{name}_accuracy"])
    assert loss.get_ylabel() == "Cross-entropy loss (nats)"
    assert accuracy.get_ylabel() == "Accuracy (%)"
    assert {ax.get_xlabel() for ax in display.axes_} == {"Epoch"}


def test_best_epoch_is_marked_in_both_panels():
    display = TrainingHistoryDisplay(make_history(), best_epoch=3).plot()
    for ax in display.axes_:
        assert list(ax.lines[-1].get_xdata()) == [3, 3]
    assert labels_in(display)[-1] == "best epoch (3)"


def test_without_best_epoch_none_is_marked():
    display = TrainingHistoryDisplay(make_history()).plot()
    assert [len(ax.lines) for ax in display.axes_] == [3, 3]
    assert not any("best" in label for label in labels_in(display))


def test_curves_differ_in_grey():
    names = ["train", "validation", "a", "b", "c", "d", "e"]
    display = TrainingHistoryDisplay(make_history(names=names)).plot()
    lines = display.axes_[0].lines
    assert len({line.get_marker() for line in lines}) == len(names)
    assert len({line._dash_pattern[1] and tuple(line._dash_pattern[1]) for line in lines}) == 7


def test_monitor_names_choose_and_order_the_sets():
    history = make_history(names=["train", "first", "second", "third"])
    display = TrainingHistoryDisplay(history, monitor_names=["third", "first"]).plot()
    assert labels_in(display) == ["train", "third (monitor)", "first (monitor)"]


def test_names_are_shown_as_they_are():
    names = ["train", "_hidden", "$x^2$", "a$b"]
    display = TrainingHistoryDisplay(make_history(names=names)).plot()
    display.figure_.canvas.draw()
    assert labels_in(display) == ["train", *(f"{name} (monitor)" for name in names[1:])]


def test_legend_covers_no_axes():
    names = ["train", "validation", "test", "hospital with a long name", "another hospital"]
    display = TrainingHistoryDisplay(make_history(names=names), best_epoch=1).plot()
    display.figure_.canvas.draw()
    legend = display.figure_.legends[0].get_window_extent()
    assert not any(legend.overlaps(ax.get_window_extent()) for ax in display.axes_)
    assert legend.x0 >= 0
    assert legend.x1 <= display.figure_.bbox.x1


def test_one_epoch_is_a_point_on_a_whole_number():
    display = TrainingHistoryDisplay(make_history(1), best_epoch=1).plot()
    display.figure_.canvas.draw()
    ax = display.axes_[0]
    ticks = [tick for tick in ax.get_xticks() if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]]
    assert ticks == [1]
    assert ax.lines[0].get_marker() not in ("", "None", None)


def without(name):
    return {key: column for key, column in make_history().items() if key != name}


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        (without("epoch"), {}, r"'history' parameter.*\['epoch'\]"),
        (without("train_accuracy"), {}, r"\['train_accuracy'\]"),
        (without("test_accuracy"), {}, r"\['test_accuracy'\]"),
        (make_history(), {"monitor_names": ["other"]}, "other_loss"),
        (make_history(0), {}, "at least 1"),
        ({**make_history(), "train_loss": [1.0, 2.0]}, {}, "same length"),
        (make_history(), {"best_epoch": 6}, "'best_epoch' parameter.*1 to 5. Got 6"),
    ],
)
def test_bad_input_names_the_parameter(history, options, message):
    with pytest.raises(ValueError, match=message):
        TrainingHistoryDisplay(history, **options).plot()
