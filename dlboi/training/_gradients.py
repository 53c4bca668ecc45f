"""Gradients of a batch: lanes and micro-batches, added up in one order."""

import functools
import itertools
from contextlib import nullcontext

import numpy as np
import torch

from dlboi.training._augment import augment_batch
from dlboi.training._feature_rows import FeatureRows
from dlboi.training._images import channels_last, scale_pixels
from dlboi.training._lane_batch_norm import (
    LaneBatchNorms,
    batch_norms_in_training,
    is_plain_batch_norm,
)
from dlboi.training._pooling import keep_pooling_memory
from dlboi.training._randomness import LocalRandomness
from dlboi.training._wide_linear import WideLinears

#: Most lanes that a batch is divided into: a constant, so that sums have one order everywhere.
N_LANES = 4

#: Lanes of a batch that batch normalisation looks across: all of them run at once and wait for
#: each other, so that more lanes than cores would cost time.
_N_LANES_AT_ONCE = 2

#: Fewest images of a batch that is divided so: statistics are never those of one image.
_FEWEST_AT_ONCE = 4


class BatchGradients:
    """Computes the gradients of the batches of one epoch.

    Parameters
    ----------
    net : ImageClassifierNet
        Its network is in training mode, and what learns and what is frozen does not change before
        the next epoch.
    epoch : int
        Number of the epoch; decides what is random, together with the net's seed.
    """

    def __init__(self, net, epoch: int):
        self._net = net
        self._parameters = [p for p in net.module_.parameters() if p.requires_grad]
        self._wide = WideLinears(net.module_)
        self._pooling = keep_pooling_memory(net.module_)
        self._norms = batch_norms_in_training(net.module_)
        self._randomness = [LocalRandomness(net.seed, epoch, lane) for lane in range(N_LANES)]
        self._may_draw = True

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
        net, parameters = self._net, self._parameters
        total = len(images) if images.weight is None else images.weight.sum().to(net.device)
        divided = self.divide(images)
        with net.autocast():
            self._wide.prepare(lanes)
        meeting = len(divided) > 1 and bool(self._norms)
        norms = LaneBatchNorms(net.module_, len(divided)) if meeting else None

        def run(lane):
            number, parts = lane
            gradients, losses, logits = [None] * len(parameters), [], []
            factors = self._wide.collect()
            norm = norms.lane(number) if meeting else nullcontext()
            with norm, self._randomness[number], factors:
                for part in parts:
                    with self._pooling:
                        loss, output = self._loss(images, target, part, total)
                        new = torch.autograd.grad(loss, parameters, allow_unused=True)
                    gradients = add_gradients(gradients, new)
                    losses.append(loss.detach())
                    logits.append(output.detach())
            return gradients, losses, logits, factors

        run_all = lanes.run_together if meeting else lanes.map
        results = run_all(run, list(enumerate(divided)))
        self._spare_randomness()
        products = self._wide.compute(lanes, [factors for *_, factors in results])
        gradients, losses, logits, _ = zip(*results, strict=True)
        gradients = functools.reduce(add_gradients, gradients)
        if products:
            gradients = add_gradients(gradients, [products.get(p) for p in parameters])
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        losses = torch.stack(list(itertools.chain.from_iterable(losses)))
        logits = torch.cat(list(itertools.chain.from_iterable(logits)))
        return {"loss": losses.sum(), "y_pred": logits}

    def _spare_randomness(self):
        """Look at every call of torch no more when the first batch has drawn nothing.

        A network that drops nothing from one batch drops nothing from the others of its epoch.
        """
        if self._may_draw:
            self._may_draw = self._net.augment is not None or any(
                randomness.has_drawn for randomness in self._randomness
            )
            if not self._may_draw:
                self._randomness = [nullcontext()] * N_LANES

    def divide(self, images) -> list[list[slice]]:
        """Return the parts of a batch: a list of micro-batches for each lane.

        Parameters
        ----------
        images : ImageBatch
            The batch.

        Returns
        -------
        list of list of slice
        """
        net, n_images = self._net, len(images)
        size = net.micro_batch
        if not net.is_cpu or isinstance(images.images, FeatureRows):
            n_lanes, size = 1, n_images
        elif self._norms:
            divisible = n_images >= _FEWEST_AT_ONCE and all(map(is_plain_batch_norm, self._norms))
            n_lanes, size = _N_LANES_AT_ONCE if divisible else 1, n_images
        else:
            n_lanes = int(np.clip(n_images // net.lane_size, 1, N_LANES))
        if n_lanes == 1 and size >= n_images:
            return [[slice(0, n_images)]]
        bounds = np.linspace(0, n_images, n_lanes + 1).round().astype(int)
        return [
            [slice(first, min(first + size, stop)) for first in range(start, stop, size)]
            for start, stop in itertools.pairwise(bounds)
        ]

    def _loss(self, images, target, part, total):
        net = self._net
        pixels = _to(net.device, images.pixels(part))
        if net.augment is not None:
            pixels = augment_batch(pixels, net.augment)
        with net.autocast():
            logits = net.module_(channels_last(scale_pixels(pixels)))
        weight = None if images.weight is None else _to(net.device, images.weight[part])
        return net.criterion_(logits, _to(net.device, target[part]), weight, total), logits


def _to(device, tensor):
    return tensor.to(device, non_blocking=True)


def add_gradients(sums: list, others: list) -> list:
    """Add up gradients, in the memory of the first; None stands for no gradient.

    Parameters
    ----------
    sums, others : list of Tensor or None
        Gradients of the same parameters.

    Returns
    -------
    list of Tensor or None
    """
    both = [(a, b) for a, b in zip(sums, others, strict=True) if a is not None and b is not None]
    if both:
        torch._foreach_add_(*map(list, zip(*both, strict=True)))
    return [b if a is None else a for a, b in zip(sums, others, strict=True)]
