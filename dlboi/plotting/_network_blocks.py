"""The blocks of a structure diagram."""

from typing import NamedTuple

_FAMILIES = (
    ("conv", "convolution"),
    ("linear", "linear"),
    ("pool", "pooling"),
    ("flatten", "reshaping"),
    ("norm", "normalisation"),
    ("dropout", "dropout"),
    ("identity", "activation"),
    ("softmax", "activation"),
    ("sigmoid", "activation"),
    ("swish", "activation"),
    ("tanh", "activation"),
    ("elu", "activation"),  # also ReLU, GELU, LeakyReLU
    ("silu", "activation"),
)
_FOLDED = ("activation", "normalisation", "dropout")


class Block(NamedTuple):
    """One box of the diagram: a layer and the ones that only rework its output."""

    name: str
    kinds: tuple[str, ...]
    shape: tuple[int, ...]
    n_parameters: int
    frozen: bool

    @property
    def family(self):
        """What decides on the colour."""
        return family_of(self.kinds[0])


def family_of(kind):
    """Return the family of a kind of layer, "other" where it is unknown."""
    kind = kind.lower()
    return next((family for part, family in _FAMILIES if part in kind), "other")


def blocks_of(layers):
    """Gather layers into blocks.

    Activation, normalisation and dropout that keep the shape join the block before them; it
    counts their parameters too.
    """
    blocks = []
    for layer in layers:
        shape = tuple(layer.output_shape)
        trainable = getattr(layer, "n_trainable_parameters", layer.n_parameters)
        block = Block(
            layer.name, (layer.kind,), shape, layer.n_parameters, trainable < layer.n_parameters
        )
        if blocks and block.family in _FOLDED and shape == blocks[-1].shape:
            last = blocks.pop()
            block = Block(
                last.name,
                (*last.kinds, layer.kind),
                shape,
                last.n_parameters + layer.n_parameters,
                last.frozen or block.frozen,
            )
        blocks.append(block)
    return blocks
