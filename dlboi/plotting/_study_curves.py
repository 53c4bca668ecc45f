"""Learning curves of the levels of a study."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlboi.plotting._curve_bands import curve_band, parts_of
from dlboi.plotting._style import (
    WIDTH,
    curve_style,
    epoch_axis,
    given_axes,
    plain,
    wrapped,
)

_LABELS = {"loss": ("Cross-entropy loss (nats)", 1), "accuracy": ("Accuracy (%)", 100)}
_DASHES = {"train": "--", "validation": "-"}
_OTHER_DASHES = (":", "-.", (0, (5, 1, 1, 1, 1, 1)))
# More curves than those of three levels in one panel are not told apart.
_MAX_TOGETHER = 3
_BANDS = {"range": "lowest to highest", "sd": "standard deviation"}


class StudyCurvesDisplay:
    """Learning curves of the levels of a study: the mean over the runs and a band.

    Up to three levels have their training curves, dashed, and validation curves, solid, in the
    same panel. With more levels each set of images has a column of panels of its own.

    Parameters
    ----------
    histories : mapping of str to sequence of mapping of str to array-like of shape (n_epochs,)
        For each level the histories of its runs: `epoch`, counted from 1, `train_loss`,
        `train_accuracy`, `validation_loss` and so on. Accuracies lie in [0, 1].

    quantities : sequence of str, default=("loss", "accuracy")
        What to draw, of each set of images S the entry `S_quantity`.

    band : {"range", "sd"}, default="range"
        What the band around the mean shows: the lowest to the highest run, or one standard
        deviation over the runs to each side. One run has none.

    Attributes
    ----------
    axes_ : ndarray of shape (n_quantities, n_columns) of matplotlib.axes.Axes
        Axes, one row a quantity; one column, or one a set of images.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    See Also
    --------
    TrainingHistoryDisplay : Learning curves of one fit.

    Notes
    -----
    Where runs stopped at different epochs, curves end with the shortest run, as a mean over fewer
    runs would be one of other runs. The loss has a logarithmic axis where single epochs lie far
    above the others.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.plotting import StudyCurvesDisplay
    >>> runs = [
    ...     {"epoch": [1, 2], "train_loss": [0.7, 0.5], "validation_loss": [0.7, 0.6]},
    ...     {"epoch": [1, 2], "train_loss": [0.6, 0.4], "validation_loss": [0.7, 0.5]},
    ... ]
    >>> display = StudyCurvesDisplay({"CNN": runs}, quantities=["loss"]).plot()
    >>> display.axes_[0, 0].lines[0].get_ydata().round(2).tolist()
    [0.65, 0.45]
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        histories: Mapping[str, Sequence[Mapping[str, ArrayLike]]],
        *,
        quantities: Sequence[str] = ("loss", "accuracy"),
        band: str = "range",
    ):
        self.histories = histories
        self.quantities = quantities
        self.band = band

    def plot(self, axes=None):
        """Draw the curves.

        Parameters
        ----------
        axes : array-like of matplotlib.axes.Axes, default=None
            Axes to draw in, row by row. None makes a figure.

        Returns
        -------
        display : StudyCurvesDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no level or no quantity, no history has a quantity, entries of a history
            differ in length, or `band` is not one of its values.
        """
        parts = self._check()
        together = len(self.histories) <= _MAX_TOGETHER
        columns = [parts] if together else [[part] for part in parts]
        shape = (len(self.quantities), len(columns))
        own_figure = axes is None
        if own_figure:
            axes = _new_axes(*shape)
        axes = given_axes(axes, np.prod(shape), "StudyCurvesDisplay.plot")[: np.prod(shape)]
        self.axes_, self.figure_ = axes.reshape(shape), axes[0].figure
        for row, quantity in zip(self.axes_, self.quantities, strict=True):
            for ax, shown in zip(row, columns, strict=True):
                self._draw_panel(ax, quantity, shown, together)
            if own_figure:
                for ax in row[1:]:
                    ax.set_ylabel("")
        if not together:
            for ax, part in zip(self.axes_[0], parts, strict=True):
                plain(ax.set_title(_part_name(part), fontsize=10))
        self._draw_legend(parts if together else [], own_figure)
        return self

    def _draw_panel(self, ax, quantity, parts, together):
        label, factor = _LABELS.get(quantity, (quantity, 1))
        drawn = [np.ones(1)]
        for position, runs in enumerate(self.histories.values()):
            for part in parts:
                found = curve_band(runs, f"{part}_{quantity}", self.band)
                if found is None:
                    continue
                epochs, mean, low, high = found
                style = curve_style(position)
                if together:
                    style["linestyle"] = _dash(part, parts)
                every = max(1, len(epochs) // 6)
                start = position * every // len(self.histories)
                ax.plot(
                    epochs, factor * mean, markevery=(start, every), markersize=4, lw=1.4, **style
                )
                color = style["color"]
                ax.fill_between(
                    epochs,
                    factor * low,
                    factor * high,
                    color=color,
                    alpha=0.15 if together else 0.1,
                    lw=0,
                )
                drawn += [epochs]
        plain(ax.set_ylabel(label))
        epoch_axis(ax, np.concatenate(drawn))
        values = np.concatenate([line.get_ydata() for line in ax.lines] or [np.ones(1)])
        values = values[np.isfinite(values)]
        if quantity == "loss" and len(values) and values.min() > 0 and _is_spiked(values):
            ax.set_yscale("log")

    def _draw_legend(self, parts, own_figure):
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        handles = []
        for position, (name, runs) in enumerate(self.histories.items()):
            style = {**curve_style(position), "markersize": 5}
            if parts:
                style["linestyle"] = "-"
            label = wrapped(name if runs else f"{name} (no runs)", 34)
            handles.append(Line2D([], [], label=label, **style))
        for part in parts:
            style = {"color": "0.35", "linestyle": _dash(part, parts), "label": _part_name(part)}
            handles.append(Line2D([], [], **style))
        if max(map(len, self.histories.values())) > 1:
            handles.append(Patch(color="0.35", alpha=0.2, lw=0, label=self._band_name()))
        widest = max(len(line) for h in handles for line in h.get_label().split("\n"))
        n_columns = max(1, min(4, int(WIDTH / (0.75 + 0.072 * widest))))
        options = {"handles": handles, "ncols": n_columns, "handlelength": 3, "fontsize": 9}
        if own_figure:
            lines = sum(h.get_label().count("\n") + 1 for h in handles)
            height = self.figure_.get_figheight() + 0.21 * -(-lines // n_columns)
            self.figure_.set_figheight(height)
            legend = self.figure_.legend(loc="outside lower center", **options)
        else:
            where = {"loc": "lower left", "bbox_to_anchor": (0, 1.02)}
            legend = self.axes_[0, 0].legend(**where, **options)
        plain(*legend.get_texts())

    def _band_name(self):
        lengths = {len(run["epoch"]) for runs in self.histories.values() for run in runs}
        ends = ", to the last epoch of all" if len(lengths) > 1 else ""
        return wrapped(f"{_BANDS[self.band]} of the runs{ends}", 40)

    def _check(self):
        if not self.histories or not self.quantities:
            parameter = "quantities" if self.histories else "histories"
            raise ValueError(
                f"The '{parameter}' parameter of StudyCurvesDisplay must not be empty."
            )
        if self.band not in _BANDS:
            raise ValueError(
                "The 'band' parameter of StudyCurvesDisplay must be one of"
                f" {list(_BANDS)}. Got {self.band!r} instead."
            )
        return parts_of(self.histories, self.quantities)


def _new_axes(n_rows, n_columns):
    """Return new axes: the quantities beside each other, or below where sets have columns."""
    import matplotlib.pyplot as plt

    if n_columns == 1:
        n_rows, n_columns = 1, n_rows
    figure = plt.figure(figsize=(WIDTH, 0.3 + 2.9 * n_rows), layout="constrained")
    # Sets are compared along a row.
    return figure.subplots(n_rows, n_columns, squeeze=False, sharey="row" if n_rows > 1 else False)


def _part_name(part):
    return part if part in _DASHES else f"{part} (monitor)"


def _dash(part, parts):
    if part in _DASHES:
        return _DASHES[part]
    others = [other for other in parts if other not in _DASHES]
    return _OTHER_DASHES[others.index(part) % len(_OTHER_DASHES)]


def _is_spiked(values):
    """Whether a few losses are so large that the others would lie on the axis."""
    return values.max() > 30 * np.median(values)
