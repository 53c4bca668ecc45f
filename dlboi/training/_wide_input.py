"""Gradients where all pixels go into a linear layer: lanes take columns instead of images."""

import functools
from contextlib import nullcontext

import torch
from torch import nn
from torch.nn import functional

from dlboi.training._hooks import has_hooks
from dlboi.training._images import SCALES
from dlboi.training._randomness import LocalRandomness
from dlboi.training._wide_linear import WIDE, slices


def wide_input(net) -> nn.Linear | None:
    """Return the wide linear layer that a network begins with, if it does and nothing listens.

    Parameters
    ----------
    net : ImageClassifierNet
        Any.

    Returns
    -------
    torch.nn.Linear or None
        None also where images are augmented, and on a GPU.
    """
    module = net.module_
    if not isinstance(module, nn.Sequential) or not net.is_cpu or net.augment is not None:
        return None
    flatten, linear = (*module, None, None)[:2]
    begins_so = type(flatten) is nn.Flatten and type(linear) is nn.Linear
    if not begins_so or has_hooks(module, flatten, linear):
        return None
    return linear if linear.weight.requires_grad and linear.weight.numel() >= WIDE else None


class WideInputGradients:
    """Computes the gradients of the batches of one epoch, as :class:`BatchGradients` does.

    Time goes into moving the weights of the first layer, their gradient and the pixels. Lanes that
    divide the images would each read all weights; these divide the columns, so that weights are
    read once. The layers behind are small and see the batch as a whole.

    Parameters
    ----------
    net : ImageClassifierNet
        Its network is in training mode, and begins with flattening.
    linear : torch.nn.Linear
        The layer that follows.
    epoch : int
        Number of the epoch; decides what is random, together with the net's seed.
    """

    def __init__(self, net, linear: nn.Linear, epoch: int):
        self._net = net
        self._linear = linear
        self._layers = list(net.module_)[2:]
        self._parameters = [p for layer in self._layers for p in layer.parameters()]
        self._parameters = [p for p in self._parameters if p.requires_grad]
        self._randomness = LocalRandomness(net.seed, epoch, 0)
        self._columns = slices(linear.in_features)
        # Always the same memory: new one is fetched from the system page by page.
        self._dtype = torch.float32 if net.precision == "float32" else torch.bfloat16
        self._pixels = torch.empty(0, linear.in_features, dtype=self._dtype)
        self._weight = linear.weight.detach()
        if self._weight.dtype != self._dtype:
            self._weight = torch.empty_like(self._weight, dtype=self._dtype)

    def add_up(self, lanes, images, target) -> dict:
        """Set ``grad`` of all parameters that learn; return the loss and the logits.

        Parameters
        ----------
        lanes : Lanes
            Threads to compute in.
        images : ImageBatch
            The images of the batch.
        target : Tensor of int64
            Their classes.

        Returns
        -------
        dict
            ``loss``, a Tensor, and ``y_pred``, the logits (n, n_outputs).
        """
        net, linear = self._net, self._linear
        hidden = self._products(lanes, images)
        if linear.bias is not None:
            hidden += linear.bias.detach()
        hidden.requires_grad_()
        total = len(images) if images.weight is None else images.weight.sum()
        with self._randomness, net.autocast():
            logits = functools.reduce(lambda x, layer: layer(x), self._layers, hidden)
        if not getattr(self._randomness, "has_drawn", True):  # nor will it in other batches
            self._randomness = nullcontext()
        loss = net.criterion_(logits, target, images.weight, total)
        back, *gradients = torch.autograd.grad(loss, [hidden, *self._parameters], allow_unused=True)
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient
        self._set_gradient(lanes, back)
        return {"loss": loss.detach(), "y_pred": logits.detach()}

    @torch.no_grad()
    def _products(self, lanes, images):
        """Keep the pixels of the batch; return the sums (n, n_out) of their products with weights.

        They are those of the pixels as they are: what they are to be divided by comes after.
        """
        if len(self._pixels) < len(images):
            self._pixels = self._pixels.new_empty(len(images), self._linear.in_features)
        kept, weight, learnt = self._pixels[: len(images)], self._weight, self._linear.weight

        @torch.no_grad()
        def keep(part):
            pixels = images.pixels(part)
            kept[part].copy_(pixels.flatten(1))
            return SCALES.get(pixels.dtype, 1)

        @torch.no_grad()
        def multiply(columns):
            if weight.dtype != learnt.dtype:
                weight[:, columns].copy_(learnt[:, columns])
            return functional.linear(kept[:, columns], weight[:, columns]).float()

        (self._scale, *_) = lanes.map_runs(keep, slices(len(images)))
        sums = torch.stack(lanes.map_runs(multiply, self._columns)).sum(0)
        return sums.div_(self._scale)

    def _set_gradient(self, lanes, back):
        linear = self._linear
        if linear.weight.grad is None:
            linear.weight.grad = torch.empty_like(linear.weight)
        if linear.bias is not None and linear.bias.requires_grad:
            linear.bias.grad = back.sum(0)
        gradient, kept = linear.weight.grad, self._pixels[: len(back)]
        factor = back.t().div(self._scale).to(self._dtype)

        @torch.no_grad()
        def multiply(columns):
            if self._dtype == gradient.dtype:
                torch.mm(factor, kept[:, columns], out=gradient[:, columns])
            else:
                gradient[:, columns] = factor @ kept[:, columns]

        lanes.map_runs(multiply, self._columns)
