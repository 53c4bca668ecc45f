"""Batch normalisation over the lanes of a batch."""

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm
from torch.overrides import TorchFunctionMode

from dlboi.training._lane_exchange import LaneExchange


class LaneBatchNorms:
    """The batch normalisations of one batch that is divided into lanes.

    In the contexts of the lanes, batch normalisation in training mode takes mean and variance over
    the whole batch: lanes meet at each such layer, forward and backward, and exchange their sums,
    as processes do in [1]_. Gradients of weight and bias are those of the lane's own images.
    Running statistics are updated once, by the first lane.

    Parameters
    ----------
    module : Module
        The network.
    n_lanes : int
        Number of lanes, all of which must run at once.

    References
    ----------
    .. [1] https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
    """

    def __init__(self, module: nn.Module, n_lanes: int):
        self._exchange = LaneExchange(n_lanes)
        layers = batch_norms_in_training(module)
        self._counters = [m.num_batches_tracked for m in layers if m.track_running_stats]
        self._copies = [self._copy_counters() for _ in range(1, n_lanes)]

    def _copy_counters(self):
        return {id(count): count.clone() for count in self._counters if count is not None}

    def lane(self, number: int) -> "LaneOfBatchNorms":
        """Return the context to compute a lane in."""
        return LaneOfBatchNorms(self._exchange, number, self._copies[number - 1] if number else {})


class LaneOfBatchNorms(TorchFunctionMode):
    """Context in which batch normalisation in training mode looks across all lanes.

    Parameters
    ----------
    exchange : LaneExchange
        Where the lanes meet. Leaving the context, as by an exception, lets no other lane wait.
    number : int
        Number of the lane.
    counters : dict of int to Tensor
        What the lane counts batches in, by the id of the layer's own counter.
    """

    def __init__(self, exchange: LaneExchange, number: int, counters: dict):
        super().__init__()
        self._exchange = exchange
        self._number = number
        self._counters = counters

    def __exit__(self, *exception):
        self._exchange.leave()
        return super().__exit__(*exception)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func is functional.batch_norm:
            return self._batch_norm(*args, **kwargs)
        if args and id(args[0]) in self._counters:
            args = (self._counters[id(args[0])], *args[1:])
        return func(*args, **kwargs)

    def _batch_norm(
        self,
        input,
        running_mean,
        running_var,
        weight=None,
        bias=None,
        training=False,
        momentum=0.1,
        eps=1e-5,
    ):
        if not training:
            return functional.batch_norm(
                input, running_mean, running_var, weight, bias, False, momentum, eps
            )

        with torch.no_grad():
            moments = self._meet(_moments(input), _combine_moments)
            if self._number == 0 and running_mean is not None:
                _update(running_mean, running_var, *moments, momentum)
        return _LaneBatchNorm.apply(input, weight, bias, *moments, eps, self._meet)

    def _meet(self, values, combine):
        return self._exchange.meet(self._number, values, combine)


def batch_norms_in_training(module: nn.Module) -> list[nn.Module]:
    """Return the layers that normalise by the statistics of the batch at hand."""
    return [m for m in module.modules() if isinstance(m, _BatchNorm) and m.training]


def is_plain_batch_norm(layer: nn.Module) -> bool:
    """Whether a batch normalisation does what torch's own does, and so can look across lanes."""
    return type(layer).forward is _BatchNorm.forward


class _LaneBatchNorm(torch.autograd.Function):
    """Batch normalisation of one lane's images by the statistics of all lanes.

    Torch's kernels for evaluation do the work, which take mean and variance as they are given.
    """

    @staticmethod
    def forward(ctx, x, weight, bias, mean, variance, n, eps, meet):
        scale = torch.ones_like(mean) if weight is None else weight
        ctx.save_for_backward(x, scale, mean, variance)
        ctx.n, ctx.eps, ctx.meet = n, eps, meet
        return functional.batch_norm(x, mean, variance, scale, bias, False, 0.0, eps)

    @staticmethod
    @once_differentiable
    def backward(ctx, back):
        x, scale, mean, variance = ctx.saved_tensors
        needs_x, needs_weight, needs_bias, *_ = ctx.needs_input_grad
        if back.stride() != x.stride():  # kernels are quick and exact where layouts agree
            back = torch.empty_like(x).copy_(back)
        unused = mean.new_empty(0)
        of_x, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            back, x, scale, mean, variance, unused, unused, False, ctx.eps, [needs_x, True, True]
        )
        if needs_x:
            # Mean and variance follow the images of all lanes: their part of the gradient is a
            # line in x for each channel, and the kernel for evaluation draws it.
            sums = ctx.meet((of_weight, of_bias), _combine_sums)
            to_images = -scale / ((variance + ctx.eps).sqrt() * ctx.n)
            slope, offset = (to_images * part for part in sums)
            of_x += functional.batch_norm(x, mean, variance, slope, offset, False, 0.0, ctx.eps)
        of_weight = of_weight if needs_weight else None
        of_bias = of_bias if needs_bias else None
        return of_x, of_weight, of_bias, None, None, None, None, None


def _moments(x):
    """Mean, variance and number of the values of each channel, of one lane."""
    # The kernel computes in the type of the running statistics: these are there for that alone.
    running = x.new_zeros(2, x.shape[1], dtype=torch.promote_types(x.dtype, torch.float32))
    mean, variance = torch.batch_norm_update_stats(x, *running, 0.0)
    return mean, variance, x.numel() // x.shape[1]


def _combine_moments(lanes):
    n = sum(count for *_, count in lanes)
    mean = sum(count / n * mean.double() for mean, _, count in lanes)
    variance = sum(
        count / n * (var.double() + (own.double() - mean) ** 2) for own, var, count in lanes
    )
    dtype = lanes[0][0].dtype
    return mean.to(dtype), variance.to(dtype), n


def _combine_sums(lanes):
    return [sum(parts) for parts in zip(*lanes, strict=True)]


def _update(running_mean, running_var, mean, variance, n, momentum):
    running_mean.lerp_(mean.to(running_mean.dtype), momentum)
    unbiased = variance * (n / (n - 1))
    running_var.lerp_(unbiased.to(running_var.dtype), momentum)
