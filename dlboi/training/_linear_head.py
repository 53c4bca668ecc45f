"""Gradients of a linear layer on features, without a graph: what a frozen body leaves to learn."""

import torch
from torch import nn
from torch.nn import functional

from dlboi.training._hooks import has_hooks
from dlboi.training._losses import LogitLoss


def linear_head(net) -> nn.Linear | None:
    """Return the linear layer that is all that learns from features, if there is no more to it.

    Parameters
    ----------
    net : ImageClassifierNet
        Its network has a ``head``.

    Returns
    -------
    torch.nn.Linear or None
        None where the head holds more (dropout), something listens to it (hooks), not all of it
        learns, or the loss is not one of ours.
    """
    head, layers = net.module_.head, list(net.module_.head)
    plain = len(layers) == 1 and type(layers[0]) is nn.Linear
    if not plain or type(net.criterion_) is not LogitLoss or has_hooks(net.module_, head, *layers):
        return None
    linear = layers[0]
    return linear if linear.weight.requires_grad and linear.bias.requires_grad else None


class LinearHeadGradients:
    """Computes the gradients of the batches of one epoch, as :class:`BatchGradients` does.

    The gradient of both losses by the logits is the difference of probability and truth, so that
    two matrix products take the place of a graph: a step of a small head is mostly the cost of
    building one.

    Parameters
    ----------
    net : ImageClassifierNet
        Its network is in training mode.
    linear : torch.nn.Linear
        What learns.
    """

    def __init__(self, net, linear: nn.Linear):
        self._net = net
        self._linear = linear

    @torch.no_grad()
    def add_up(self, lanes, images, target) -> dict:
        """Set ``grad`` of the layer; return the loss and the logits.

        Parameters
        ----------
        lanes : Lanes
            Not used: there is too little to compute.
        images : ImageBatch
            Rows of features.
        target : Tensor of int64
            Their classes.

        Returns
        -------
        dict
            ``loss``, a Tensor, and ``y_pred``, the logits (n, n_outputs).
        """
        net, linear = self._net, self._linear
        features, target = images.pixels().to(net.device), target.to(net.device)
        weight = None if images.weight is None else images.weight.to(net.device)
        total = len(images) if weight is None else weight.sum()
        # In double precision sums do not depend on their order: a row twice is a row of weight 2.
        kind = torch.float64 if net.precision == "float32" else torch.float32
        features = features.to(kind)
        with net.autocast():
            logits = functional.linear(features, linear.weight.to(kind), linear.bias.to(kind))
        logits = logits.float()
        loss = net.criterion_(logits, target, weight, total)
        slope = logits.to(kind)
        if slope.shape[1] == 1:
            slope = slope.sigmoid() - target[:, None]
        else:
            slope = slope.softmax(dim=1)
            slope[torch.arange(len(target)), target] -= 1
        slope *= 1 / total if weight is None else (weight.to(kind) / weight.to(kind).sum())[:, None]
        with net.autocast():
            linear.weight.grad = (slope.t() @ features).float()
        linear.bias.grad = slope.sum(0).float()
        return {"loss": loss, "y_pred": logits}
