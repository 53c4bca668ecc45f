import numpy as np
import pytest

from dlboi.plotting import StudyCurvesDisplay


def make_run(n_epochs=6, offset=0.0, parts=("train", "validation")):
    run = {"epoch": np.arange(1, n_epochs + 1), "lr": np.ones(n_epochs)}
    for position, part in enumerate(parts):
        run[f"{part}_loss"] = np.linspace(1, 0.2, n_epochs) + 0.1 * position + offset
        run[f"{part}_accuracy"] = np.linspace(0.5, 0.9, n_epochs) - 0.1 * offset
    return run


def make_levels(names, n_runs=3, **options):
    return {name: [make_run(offset=0.1 * k, **options) for k in range(n_runs)] for name in names}


def legend_of(display):
    return [text.get_text() for text in display.figure_.legends[0].get_texts()]


@pytest.mark.parametrize(("band", "half"), [("range", 0.1), ("sd", 0.1)])
def test_mean_and_band_are_over_the_runs(band, half):
    display = StudyCurvesDisplay(make_levels(["CNN"]), band=band).plot()
    assert display.axes_.shape == (2, 1)
    ax = display.axes_[0, 0]
    wanted = np.linspace(1, 0.2, 6) + 0.1
    np.testing.assert_allclose(ax.lines[0].get_ydata(), wanted)
    edge = ax.collections[0].get_paths()[0].vertices
    at = edge[edge[:, 0] == 1, 1]
    np.testing.assert_allclose([at.min(), at.max()], [wanted[0] - half, wanted[0] + half])
    assert [line.get_linestyle() for line in ax.lines] == ["--", "-"]
    np.testing.assert_allclose(display.axes_[1, 0].lines[0].get_ydata()[0], 49)


def test_legend_says_what_the_band_is():
    names = ["CNN", "train", "validation"]
    display = StudyCurvesDisplay(make_levels(["CNN"])).plot()
    assert legend_of(display) == [*names, "lowest to highest of the runs"]
    display = StudyCurvesDisplay(make_levels(["CNN"], n_runs=1)).plot()
    assert legend_of(display) == names


def test_many_levels_have_a_column_for_each_set():
    parts = ("train", "validation", "test")
    levels = make_levels([f"level {k}" for k in range(12)], parts=parts)
    display = StudyCurvesDisplay(levels).plot()
    assert display.axes_.shape == (2, 3)
    titles = [ax.get_title() for ax in display.axes_[0]]
    assert titles == ["train", "validation", "test (monitor)"]
    lines = display.axes_[0, 0].lines
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 12


def test_curves_end_with_the_shortest_run():
    display = StudyCurvesDisplay({"CNN": [make_run(6), make_run(4)]}).plot()
    assert display.axes_[0, 0].lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert "to the last epoch of all" in legend_of(display)[-1].replace("\n", " ")


def test_a_level_without_runs_is_named():
    display = StudyCurvesDisplay({"CNN": [make_run()], "ANN": []}).plot()
    assert legend_of(display)[1] == "ANN (no runs)"


def test_a_loss_that_explodes_does_not_hide_the_others():
    run = make_run(20)
    spiked = {**run, "train_loss": np.where(run["epoch"] == 1, 900, run["train_loss"])}
    assert StudyCurvesDisplay({"a": [run]}).plot().axes_[0, 0].get_yscale() == "linear"
    assert StudyCurvesDisplay({"a": [spiked]}).plot().axes_[0, 0].get_yscale() == "log"


def test_legend_covers_no_axes():
    levels = make_levels([f"signet-ring cell carcinoma of the colon, {k}" for k in range(12)])
    display = StudyCurvesDisplay(levels).plot()
    display.figure_.canvas.draw()
    legend = display.figure_.legends[0].get_window_extent()
    assert not any(legend.overlaps(ax.get_tightbbox()) for ax in display.axes_.ravel())
    assert legend.x0 >= 0
    assert legend.x1 <= display.figure_.bbox.x1


@pytest.mark.parametrize(
    ("histories", "options", "message"),
    [
        ({}, {}, "'histories' parameter"),
        ({"a": [make_run()]}, {"quantities": []}, "'quantities' parameter"),
        ({"a": [make_run()]}, {"quantities": ["auc"]}, "'auc'"),
        ({"a": []}, {}, "'loss'"),
        ({"a": [{**make_run(), "train_loss": [1.0]}]}, {}, r"\['train_loss'\].*'a'"),
        ({"a": [make_run()]}, {"band": "se"}, "'band' parameter.*'se'"),
    ],
)
def test_bad_input_names_the_parameter(histories, options, message):
    with pytest.raises(ValueError, match=message):
        StudyCurvesDisplay(histories, **options).plot()
