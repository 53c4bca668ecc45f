"""Gradients of wide linear layers: one product for the whole batch instead of one a part."""

import contextlib

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

#: Weights from which a layer counts as wide: 1 MB of gradient in float32. Below it, a gradient for
#: each part of a batch stays in the processor's cache and costs next to nothing.
WIDE = 2**18

#: Slices of the columns in which a product is computed: a constant, so that the number of threads
#: does not change it.
_N_SLICES = 4


class WideLinears:
    """The wide linear layers of a network, whose weight gradients are computed once a batch.

    The gradient of a linear layer is the product of what comes back with what went in, summed over
    the images. Where the layer has many weights, computing and adding up such a product for each
    part of a batch moves far more memory than the arithmetic needs. So the parts keep the two
    factors, and :meth:`compute` multiplies them for the batch as a whole, into a gradient that is
    allocated once.

    Parameters
    ----------
    module : Module
        The network.
    """

    def __init__(self, module: nn.Module):
        self._weights = [
            layer.weight
            for layer in module.modules()
            if type(layer) is nn.Linear and layer.weight.requires_grad
            if layer.weight.numel() >= WIDE and layer.weight.device.type == "cpu"
        ]
        self._products = {}

    def prepare(self, lanes) -> None:
        """Bring the weights into the precision of a batch, once for all of its parts.

        Parameters
        ----------
        lanes : Lanes
            Threads to compute in.
        """
        if not torch.is_autocast_enabled("cpu"):
            self._products = {id(weight): weight.detach() for weight in self._weights}
            return
        dtype = torch.get_autocast_dtype("cpu")
        for weight in self._weights:
            product = self._products.get(id(weight))
            if product is None or product.dtype != dtype:
                product = self._products[id(weight)] = torch.empty_like(weight, dtype=dtype)
            parts = product.chunk(_N_SLICES), weight.detach().chunk(_N_SLICES)
            lanes.map(lambda pair: pair[0].copy_(pair[1]), list(zip(*parts, strict=True)))

    def collect(self) -> "FactorsOfGradients | contextlib.nullcontext":
        """Return a context to compute a lane in, which keeps the factors, if there are any."""
        return FactorsOfGradients(self._products) if self._weights else contextlib.nullcontext()

    @torch.no_grad()
    def compute(self, lanes, collected: list["FactorsOfGradients"]) -> dict:
        """Return the gradients of the wide weights, summed over all lanes.

        Parameters
        ----------
        lanes : Lanes
            Threads to compute in.
        collected : list of FactorsOfGradients
            The contexts of all lanes of a batch, in the order of the lanes.

        Returns
        -------
        dict of Parameter to Tensor
            Weights that no factors were kept for are not in it. A weight that has a gradient
            already is given the new one in the same memory.
        """
        gradients = {}
        for weight in self._weights:
            factors = [pair for context in collected for pair in context.of(weight)]
            if factors:
                gradient = torch.empty_like(weight) if weight.grad is None else weight.grad
                _multiply(lanes, factors, gradient)
                gradients[weight] = gradient
        return gradients


class FactorsOfGradients(TorchFunctionMode):
    """Context in which linear layers keep the factors of their weight gradients.

    Parameters
    ----------
    products : dict of int to Tensor
        By the `id` of each weight that is meant, its values in the precision to compute in; all
        other layers are left as they are.
    """

    def __init__(self, products):
        super().__init__()
        self._products = products
        self._factors = {weight: [] for weight in products}

    def of(self, weight) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return the pairs of inputs (n, n_in) and of what came back (n, n_out) of a weight."""
        return self._factors[id(weight)]

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func is functional.linear and torch.is_grad_enabled():
            return self._linear(*args, **kwargs)
        return func(*args, **kwargs)

    def _linear(self, input, weight, bias=None):
        factors = self._factors.get(id(weight))
        if factors is None or input.dim() != 2:  # tokens would be kept for the whole batch
            return functional.linear(input, weight, bias)
        product = self._products[id(weight)]
        bias = None if bias is None else bias.to(product.dtype)
        return _LinearKeepingFactors.apply(factors, weight, input.to(product.dtype), product, bias)


class _LinearKeepingFactors(torch.autograd.Function):
    """A linear layer that stores the factors of its weight gradient instead of the product.

    `anchor` is the parameter itself: it keeps the output in the graph where neither input nor bias
    learns.
    """

    @staticmethod
    def forward(ctx, factors, anchor, x, weight, bias):
        ctx.factors = factors
        ctx.save_for_backward(x, weight)
        return functional.linear(x, weight, bias)

    @staticmethod
    def backward(ctx, back):
        x, weight = ctx.saved_tensors
        ctx.factors.append((x, back))
        _, _, x_learns, _, bias_learns = ctx.needs_input_grad
        of_x = back @ weight if x_learns else None
        of_bias = back.sum(0) if bias_learns else None
        return None, None, of_x, None, of_bias


def _multiply(lanes, factors, gradient):
    back = torch.cat([back for _, back in factors]).t()

    @torch.no_grad()
    def multiply(columns):
        x = torch.cat([x[:, columns] for x, _ in factors])
        if x.dtype == gradient.dtype:
            torch.mm(back, x, out=gradient[:, columns])
        else:
            gradient[:, columns] = back @ x

    lanes.map(multiply, slices(gradient.shape[1]))


def slices(n: int) -> list[slice]:
    """Return the slices in which `n` columns, or images, are computed."""
    step = -(-n // _N_SLICES)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]
