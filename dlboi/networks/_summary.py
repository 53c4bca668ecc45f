"""What a network is made of: layers, shapes and parameters."""

import html
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Layer:
    """One layer: its name in the network, its kind, the shape it gives out, its parameters."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    n_parameters: int
    n_trainable_parameters: int


@dataclass(frozen=True)
class NetworkSummary:
    """The layers of a network in the order in which an image passes them.

    Prints as a table, in a terminal and in a notebook.

    Attributes
    ----------
    input_shape : tuple of int
        Channels, height and width of an image.
    layers : tuple of Layer
        The layers; ``output_shape`` is without the batch.
    notes : tuple of str
        What a reader should know besides, such as the normalisation of the pixels.
    """

    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()

    @property
    def n_parameters(self) -> int:
        """Number of parameters of all layers."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def n_trainable_parameters(self) -> int:
        """Number of parameters that training changes."""
        return sum(layer.n_trainable_parameters for layer in self.layers)

    @property
    def largest_activation(self) -> int:
        """Number of values, for one image, of the largest input or output of a layer."""
        shapes = [self.input_shape, *(layer.output_shape for layer in self.layers)]
        return max(torch.Size(shape).numel() for shape in shapes)

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = [("input", "", _shape_text(self.input_shape), "")]
        rows += [
            (layer.name, layer.kind, _shape_text(layer.output_shape), f"{layer.n_parameters:,}")
            for layer in self.layers
        ]
        return rows

    def __str__(self) -> str:
        header = ("layer", "kind", "output (c×h×w)", "parameters")
        rows = self._rows()
        widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]

        def line(row):
            name, kind, shape, count = (
                text.rjust(width) if column >= 2 else text.ljust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            return f"{name}  {kind}  {shape}  {count}".rstrip()

        rule = "-" * (sum(widths) + 6)
        total = f"{self.n_parameters:,} parameters, {self.n_trainable_parameters:,} trainable"
        return "\n".join([line(header), rule, *map(line, rows), rule, total, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def summarize(
    module: nn.Module, input_shape: tuple[int, int, int], *, notes: tuple[str, ...] = ()
) -> NetworkSummary:
    """List the layers that an image passes through in `module`.

    The shapes come from a forward pass on torch's ``meta`` device, which computes shapes and no
    values: no image is needed and no weight is copied.

    Parameters
    ----------
    module : torch.nn.Module
        The network.
    input_shape : tuple of (int, int, int)
        Channels, height and width of an image.
    notes : tuple of str, default=()
        Lines to add below the table.

    Returns
    -------
    NetworkSummary

    Examples
    --------
    >>> from dlboi.networks import GAP, summarize
    >>> summarize(GAP((1, 256, 256), 1), (1, 256, 256)).n_parameters
    18849
    """
    shapes = {}

    def record(name):
        def hook(layer, inputs, output):
            output = output[0] if isinstance(output, tuple) else output
            shapes[name] = tuple(output.shape[1:])

        return hook

    modules = dict(module.named_modules())
    handles = [layer.register_forward_hook(record(name)) for name, layer in modules.items()]
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    shadow = {name: tensor.detach().to("meta") for name, tensor in tensors.items()}
    was_training = module.training
    try:
        module.eval()
        with torch.no_grad():
            image = torch.empty((1, *input_shape), device="meta")
            torch.func.functional_call(module, shadow, (image,))
    finally:
        module.train(was_training)
        for handle in handles:
            handle.remove()
    owned = _share_out_parameters(module, shapes)
    layers = tuple(
        Layer(
            name,
            type(modules[name]).__name__,
            shape,
            sum(p.numel() for p in owned[name]),
            sum(p.numel() for p in owned[name] if p.requires_grad),
        )
        for name, shape in shapes.items()
        if owned[name] or not list(modules[name].children())
    )
    return NetworkSummary(tuple(input_shape), layers, tuple(notes))


def _share_out_parameters(module, called):
    """Return the parameters of each module: of those that are never called, their owner has them.

    Blocks may hold parameters of their own (the layer scale of a ConvNeXt), and attention uses
    those of layers that it does not call.
    """
    owned = {name: [] for name in called}
    for name, parameter in module.named_parameters():
        owner = name.rpartition(".")[0]
        while owner not in owned:
            owner = owner.rpartition(".")[0]
        owned[owner].append(parameter)
    return owned


def _shape_text(shape):
    return "×".join(map(str, shape))
