import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from dlboi.metrics import proportion_interval, roc_band
from dlboi.plotting import EvaluationDisplay

LONG = [
    f"{kind} adenocarcinoma of the colon, grade {n}"
    for kind in ("tubular", "mucinous", "serrated", "signet-ring cell")
    for n in "123"
]


def predictions(n_classes, n=240):
    rng = np.random.default_rng(0)
    y_true = np.arange(n) % n_classes
    proba = np.exp(rng.normal(size=(n, n_classes)) + 2 * np.eye(n_classes)[y_true])
    return y_true, proba / proba.sum(axis=1, keepdims=True)


def legend_texts(display):
    legends = [ax.get_legend() for ax in display.figure_.axes if ax.get_legend()]
    return [text.get_text() for legend in legends for text in legend.get_texts()]


def test_confusion_matrix_holds_shares_and_numbers():
    y_true, proba = predictions(3)
    ax = EvaluationDisplay(y_true, proba).plot().axes_[0]
    counts = confusion_matrix(y_true, proba.argmax(axis=1))
    wanted = [f"{100 * count / 80:.0f} %\n{count}" for count in counts.ravel()]
    assert [text.get_text() for text in ax.texts] == wanted
    np.testing.assert_allclose(ax.images[0].get_array(), counts / 80)


def test_roc_has_the_band_over_patients_and_the_area():
    y_true, proba = predictions(2)
    groups = np.arange(240) // 4
    display = EvaluationDisplay(y_true, proba, groups=groups).plot()
    band = roc_band(y_true == 1, proba[:, 1], groups=groups)
    drawn = display.axes_[1].collections[0].get_paths()[0].vertices
    inside = band.fpr == 0.2
    at = drawn[np.isclose(drawn[:, 0], 0.2), 1]
    np.testing.assert_allclose(
        [at.min(), at.max()], [band.low[inside][0], band.high[inside][0]], atol=1e-9
    )
    texts = legend_texts(display)
    assert texts[0].startswith(f"1: {roc_auc_score(y_true, proba[:, 1]):.3f} (")
    assert "95 % band over patients" in texts


def test_each_class_of_several_has_a_curve_and_an_interval():
    y_true, proba = predictions(6)
    display = EvaluationDisplay(y_true, proba, display_labels=list("abcdef")).plot()
    texts = legend_texts(display)
    for position, name in enumerate("abcdef"):
        area = roc_auc_score(y_true == position, proba[:, position])
        assert texts[position].startswith(f"{name}: {area:.3f} (")
    styles = {(line.get_color(), str(line.get_linestyle())) for line in display.axes_[1].lines[:6]}
    assert len(styles) == 6


def test_reliability_has_the_intervals_of_the_shares():
    y_true, proba = predictions(2, 200)
    ax = EvaluationDisplay(y_true, proba).plot().axes_[2]
    line = next(line for line in ax.lines if line.get_label() == "bins of equal numbers")
    first = np.argsort(proba[:, 1])[:20]
    assert line.get_xdata()[0] == pytest.approx(proba[first, 1].mean())
    wanted = proportion_interval(y_true[first])
    assert line.get_ydata()[0] == pytest.approx(wanted.estimate)
    bars = [c for c in ax.collections if len(c.get_segments()) == 10]
    np.testing.assert_allclose(bars[0].get_segments()[0][:, 1], wanted[1:])


def test_an_absent_class_is_said_to_be_absent():
    y_true, proba = predictions(4)
    y_true = np.where(y_true == 2, 1, y_true)
    display = EvaluationDisplay(y_true, proba, classes=range(4)).plot()
    assert [t.get_text() for t in display.axes_[0].texts[8:12]] == ["n/a\n0"] * 4
    assert "2: n/a" in legend_texts(display)


def test_bins_of_one_patient_have_no_interval():
    y_true, proba = predictions(2, 40)
    groups = np.where(proba[:, 1] < np.median(proba[:, 1]), "a", "b")
    display = EvaluationDisplay(y_true, proba, groups=groups).plot()
    display.figure_.canvas.draw()
    bars = [c for c in display.axes_[2].collections if len(c.get_paths()) == 4]
    assert np.isnan([path.vertices[:, 1] for path in bars[0].get_paths()]).all()


@pytest.mark.parametrize("names", [["normal", "ill"], ["a " * 20, "b" * 30], list("abcdef"), LONG])
def test_nothing_overlaps(names):
    y_true, proba = predictions(len(names))
    display = EvaluationDisplay(y_true, proba, display_labels=names).plot()
    figure = display.figure_
    figure.canvas.draw()
    legends = [ax.get_legend().get_window_extent() for ax in figure.axes if ax.get_legend()]
    panels = [ax.get_tightbbox() for ax in display.axes_]
    frames = panels + legends
    assert len(frames) == 5
    assert not any(a.overlaps(b) for k, a in enumerate(frames) for b in frames[:k])
    for ticks in (display.axes_[0].get_xticklabels(), display.axes_[0].get_yticklabels()):
        boxes = [tick.get_window_extent() for tick in ticks]
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y_true": [0, 1]}, "'y_true' parameter of EvaluationDisplay"),
        ({"y_proba": np.full((4, 2), np.nan)}, "'y_proba' parameter.*NaN"),
        ({"y_proba": np.ones((4, 3))}, r"'y_proba' parameter.*\(4, 3\)"),
        ({"classes": [0, 2]}, "without"),
        ({"groups": [1, 2]}, "'groups' parameter"),
        ({"display_labels": ["a"]}, "'display_labels' parameter"),
    ],
)
def test_bad_input_names_the_parameter(options, message):
    arguments = {"y_true": [0, 1, 0, 1], "y_proba": np.full((4, 2), 0.5), **options}
    with pytest.raises(ValueError, match=message):
        EvaluationDisplay(**arguments).plot()
