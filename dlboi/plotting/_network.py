"""The structure of a network."""

from collections.abc import Sequence
from itertools import pairwise

from dlboi.plotting._network_blocks import Block, blocks_of
from dlboi.plotting._network_drawing import (
    CELL,
    FOOT,
    ROW,
    draw_arrow,
    draw_box,
    draw_text,
    scale_in,
)
from dlboi.plotting._style import new_axes


class NetworkDisplay:
    """Structure diagram of a network: its layers as boxes, in the order an image passes them.

    Each box holds the name and kind of the layer, the shape that it gives out and its number of
    parameters. Activations, normalisation and dropout stand in the box of the layer before them.

    Parameters
    ----------
    layers : sequence of object
        Layers with the attributes `name`, `kind`, `output_shape` (without the batch) and
        `n_parameters`. Where they have `n_trainable_parameters`, frozen layers get a dashed edge.

    input_shape : tuple of (int, int, int), default=None
        Channels, height and width of an image, for a first box. None draws none.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Axes with the diagram.

    figure_ : matplotlib.figure.Figure
        Figure that holds the axes.

    Notes
    -----
    The arrows follow the order in which the layers work. Branches, such as the skip connections
    of a ResNet, are not drawn.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlboi.networks import GAP, summarize
    >>> from dlboi.plotting import NetworkDisplay
    >>> summary = summarize(GAP((1, 256, 256), 1), (1, 256, 256))
    >>> display = NetworkDisplay(summary.layers, input_shape=summary.input_shape).plot()
    >>> display.ax_.texts[-1].get_text()
    'Total: 18,849 parameters'
    >>> plt.close(display.figure_)
    """

    def __init__(self, layers: Sequence, *, input_shape: tuple[int, ...] | None = None):
        self.layers = layers
        self.input_shape = input_shape

    @classmethod
    def from_estimator(cls, estimator, *, ax=None):
        """Draw the network of a classifier.

        Parameters
        ----------
        estimator : object
            Fitted classifier whose `summary()` has `layers` and `input_shape`.

        ax : matplotlib.axes.Axes, default=None
            Axes to draw in. None makes a figure.

        Returns
        -------
        display : NetworkDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Where the classifier is not fitted.
        """
        summary = estimator.summary()
        return cls(summary.layers, input_shape=summary.input_shape).plot(ax)

    def plot(self, ax=None, *, n_columns: int = 5):
        """Draw the diagram.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw in; the text shrinks to fit. None makes a figure.

        n_columns : int, default=5
            Largest number of boxes in a row.

        Returns
        -------
        display : NetworkDisplay
            The object itself.

        Raises
        ------
        ValueError
            Where there is no layer.
        """
        blocks = blocks_of(self.layers)
        if not blocks:
            raise ValueError(
                "The 'layers' parameter of NetworkDisplay must hold at least one layer. Got none"
                " instead."
            )
        if self.input_shape is not None:
            blocks.insert(0, Block("", ("Input",), tuple(self.input_shape), 0, False))
        n_rows = -(-len(blocks) // n_columns)
        n_columns = -(-len(blocks) // n_rows)
        # Four cells are as wide as the longest line with the total.
        width, height = max(n_columns, 4) * CELL, n_rows * ROW + FOOT
        if ax is None:
            ax, scale = new_axes(figsize=(width, height))[0, 0], 1.0
            ax.figure.get_layout_engine().set(w_pad=0, h_pad=0)
        else:
            scale = scale_in(ax, width, height)
        ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        ax.set_axis_off()

        places = []
        for position, block in enumerate(blocks):
            row, column = divmod(position, n_columns)
            x = width / 2 + (column + 0.5 - n_columns / 2) * CELL
            places.append((x, height - (row + 0.5) * ROW))
            draw_box(ax, places[-1], block, scale)
        for start, end in pairwise(places):
            draw_arrow(ax, start, end, scale)
        draw_text(ax, (width / 2, FOOT / 2), self._total(blocks), 11 * scale, "bold")
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _total(self, blocks):
        total = f"Total: {sum(layer.n_parameters for layer in self.layers):,} parameters"
        if any(block.frozen for block in blocks):
            trainable = sum(layer.n_trainable_parameters for layer in self.layers)
            total += f", {trainable:,} trainable (dashed: frozen)"
        return total
