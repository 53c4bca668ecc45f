"""The panels of EvaluationDisplay, on scikit-learn's displays."""

import numpy as np
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    RocCurveDisplay,
    confusion_matrix,
    roc_curve,
)

from dlboi.metrics import proportion_interval, roc_band, score_intervals
from dlboi.plotting._style import CURVE_STYLES, curve_style, plain, wrapped

NAME_WIDTH = 28
"""Characters in a line of a name beside the confusion matrix."""

_MAX_BANDS, _N_BINS, _IMAGES_PER_BIN, _LEGEND_WIDTH = 3, 10, 10, 44


def draw_confusion(ax, codes, proba, names):
    """Draw the confusion matrix: shares of each true class as colours and text, and numbers."""
    n_classes = len(names)
    counts = confusion_matrix(codes, proba.argmax(axis=1), labels=np.arange(n_classes))
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    display = ConfusionMatrixDisplay(shares)
    display.plot(ax=ax, cmap="Blues", colorbar=False, im_kw={"vmin": 0, "vmax": 1})
    size = np.interp(n_classes, [2, 6, 12], [10, 8, 6.5])
    for (row, column), text in np.ndenumerate(display.text_):
        share = f"{100 * shares[row, column]:.0f} %" if totals[row, 0] else "n/a"
        text.set(text=f"{share}\n{counts[row, column]:,}", fontsize=size)
        text.set_color("white" if shares[row, column] > 0.5 else "black")
        text.set_linespacing(1.0)
    ax.set_aspect("auto")
    ax.set(xlabel="Predicted class", ylabel="True class")
    _name_classes(ax, names)
    ax.set_title("Share of the true class, number", fontsize=10)


def _name_classes(ax, names):
    """Name rows and columns; columns by number where the names are wider than they are."""
    # Inches of the axes, less what names and space will take of them.
    width = 0.8 * ax.bbox.width / ax.figure.dpi
    n_characters = int(width / len(names) / 0.075)
    longest = max(len(word) for name in names for word in name.split() or [""])
    rows = [wrapped(name, NAME_WIDTH) for name in names]
    columns = [wrapped(name, max(n_characters, 1)) for name in names]
    if longest > n_characters or max(column.count("\n") for column in columns) > 2:
        columns = [str(number) for number in range(1, len(names) + 1)]
        rows = [wrapped(f"{k}: {name}", NAME_WIDTH) for k, name in enumerate(names, start=1)]
    size = 9 if len(names) < 7 else 8
    ax.set_xticks(range(len(names)), columns, fontsize=size)
    ax.set_yticks(range(len(names)), rows, fontsize=size)
    plain(*ax.get_xticklabels(), *ax.get_yticklabels())


def draw_roc(ax, codes, proba, names, *, groups, confidence_level):
    """Draw the ROC curve of the positive class, or of each class against the rest."""
    binary = len(names) == 2
    columns = [1] if binary else range(len(names))
    for position, column in enumerate(columns):
        positive, score = codes == column, proba[:, column]
        style = {**curve_style(position), "markersize": 4, "markevery": (0.03 * position, 0.25)}
        label = names[column]
        if positive.all() or not positive.any():
            label = f"{label}: n/a"
            ax.plot([], [], **style)
        else:
            area = _area(positive, score, groups, confidence_level)
            # Numbers are not broken.
            is_short = len(label) + len(area) <= _LEGEND_WIDTH
            label = f"{label}: {area}" if is_short else f"{wrapped(label, _LEGEND_WIDTH)}:\n{area}"
            fpr, tpr, _ = roc_curve(positive, score)
            line = RocCurveDisplay(fpr=fpr, tpr=tpr).plot(ax=ax).line_
            line.set(**style)
            if binary:
                line.set(marker="")
            if len(columns) <= _MAX_BANDS:
                band = roc_band(positive, score, groups=groups, confidence_level=confidence_level)
                ax.fill_between(
                    band.fpr, band.low, band.high, color=style["color"], alpha=0.2, lw=0
                )
        ax.lines[-1].set_label(label)
    if len(columns) <= _MAX_BANDS:
        over = "images" if groups is None else "patients"
        label = f"{100 * confidence_level:g} % band over {over}"
        ax.fill_between([], [], color="0.4", alpha=0.3, lw=0, label=label)
    ax.plot([0, 1], [0, 1], color="0.35", linestyle=(0, (2, 2)), lw=1, label="chance")
    rate = f"Sensitivity ({names[1]})" if binary else "Sensitivity (one against rest)"
    _finish(ax, wrapped("1 − specificity", 30), rate)
    ax.set_title("ROC", fontsize=10)


def draw_reliability(ax, codes, proba, names, *, groups, confidence_level):
    """Draw how often a class is true against its probability, with intervals."""
    if len(names) == 2:
        score, true = proba[:, 1], codes == 1
        labels = f"Probability of {names[1]}", f"Share that is {names[1]}"
    else:
        score, true = proba.max(axis=1), proba.argmax(axis=1) == codes
        labels = "Probability of the predicted class", "Share predicted correctly"
    edges = np.linspace(0, 1, _N_BINS + 1)
    counts, _ = np.histogram(score, edges)
    ax.bar(
        edges[:-1], counts / len(score), 1 / _N_BINS, align="edge",
        color="0.85", edgecolor="white", label="share of all",
    )  # fmt: skip
    n_bins = int(np.clip(len(score) // _IMAGES_PER_BIN, 2, _N_BINS))
    inner = np.quantile(score, np.arange(1, n_bins) / n_bins)
    bins = np.searchsorted(inner, score, side="right")
    members = [bins == k for k in np.unique(bins)]
    mean = np.array([score[m].mean() for m in members])
    share = np.array([true[m].mean() for m in members])
    bounds = [_bounds(true[m], groups, m, confidence_level) for m in members]
    # The reference line and the curve are scikit-learn's, the intervals ours.
    display = CalibrationDisplay(share, mean, score).plot(ax=ax, ref_line=False)
    display.line_.set(**{**CURVE_STYLES[0], "markersize": 5, "label": "bins of equal numbers"})
    display.ax_.get_legend().remove()
    low, high = np.transpose(bounds)
    over = "images" if groups is None else "patients"
    ax.errorbar(
        mean,
        share,
        # A bound that is the share itself may differ from it in the last digit.
        yerr=np.maximum([share - low, high - share], 0),
        fmt="none",
        ecolor=CURVE_STYLES[0]["color"],
        label=f"{100 * confidence_level:g} % interval over {over}",
    )
    ax.plot([0, 1], [0, 1], color="0.35", linestyle=(0, (2, 2)), lw=1, label="as predicted")
    _finish(ax, *labels)
    ax.set_title("Reliability", fontsize=10)


def draw_legend(ax, place, title):
    """Draw the legend of the axes in those of its `place`; within the axes themselves if None."""
    handles, labels = ax.get_legend_handles_labels()
    options = {"fontsize": 8, "title": title, "title_fontsize": 8, "handlelength": 3}
    where = {"loc": "best"} if place is None else {"loc": "upper center", "borderaxespad": 0}
    plain(*(place or ax).legend(handles, labels, **where, **options).get_texts())


def _area(positive, score, groups, confidence_level):
    """Write the area under the ROC curve with its interval."""
    proba = np.stack([1 - score, score], axis=1)
    area = score_intervals(
        positive, proba, classes=[False, True], groups=groups, confidence_level=confidence_level
    )["roc_auc"]
    if np.isnan(area.low):
        return f"{area.estimate:.3f} (no interval)"
    return f"{area.estimate:.3f} ({area.low:.3f} to {area.high:.3f})"


def _bounds(true, groups, members, confidence_level):
    """Return the interval of a share; NaN where the images of a bin are of one patient."""
    of_bin = None if groups is None else np.asarray(groups)[members]
    if of_bin is not None and len(np.unique(of_bin)) < 2:
        return np.nan, np.nan
    _, low, high = proportion_interval(true, groups=of_bin, confidence_level=confidence_level)
    return low, high


def _finish(ax, xlabel, ylabel):
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.set_box_aspect(1)
    ax.grid(alpha=0.3)
    plain(ax.set_xlabel(wrapped(xlabel, 34)), ax.set_ylabel(wrapped(ylabel, 34)))
