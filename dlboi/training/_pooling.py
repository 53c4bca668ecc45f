"""Gradients of max pooling in memory that is kept from one part of a batch to the next."""

import contextlib
import threading

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_aten = torch.ops.aten
_POOLINGS = {functional.max_pool2d, torch.max_pool2d}


def keep_pooling_memory(module: nn.Module) -> "PoolingMemory | contextlib.nullcontext":
    """Return a context to train a network in, which keeps that memory if the network pools.

    Parameters
    ----------
    module : Module
        The network.
    """
    pools = any(type(layer) is nn.MaxPool2d for layer in module.modules())
    on_cpu = all(p.device.type == "cpu" for p in module.parameters())
    return PoolingMemory() if pools and on_cpu else contextlib.nullcontext()


class PoolingMemory(TorchFunctionMode):
    """Context in which max pooling writes its gradients into the same memory in every pass.

    They are as large as what is pooled, the largest activation of most networks, and nearly all
    zeros. New memory for each is fetched from the system page by page, and that takes longer than
    anything else in a pass. A pass forward and backward belongs between entry and exit: the next
    one overwrites its gradients. Threads may share the context; each has memory of its own.
    """

    def __init__(self):
        super().__init__()
        self._blocks = threading.local()

    def __enter__(self):
        self._blocks.n_used = 0
        return super().__enter__()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func in _POOLINGS and torch.is_grad_enabled():
            return self._pool(*args, **kwargs)
        return func(*args, **kwargs)

    def _pool(
        self,
        input,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        ceil_mode=False,
        return_indices=False,
    ):
        window = kernel_size, stride or kernel_size, padding, dilation
        window = [[value, value] if isinstance(value, int) else list(value) for value in window]
        if return_indices or not input.requires_grad:
            return functional.max_pool2d(
                input, *window, ceil_mode=ceil_mode, return_indices=return_indices
            )
        return _MaxPool.apply(input, (*window, ceil_mode), self._block())

    def _block(self):
        """Memory of this call, which is the same in each pass: a list of one tensor at most."""
        blocks = self._blocks
        blocks.all = getattr(blocks, "all", [])
        if blocks.n_used == len(blocks.all):
            blocks.all.append([])
        blocks.n_used += 1
        return blocks.all[blocks.n_used - 1]


class _MaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, window, block):
        output, index = _aten.max_pool2d_with_indices(x, *window)
        ctx.save_for_backward(x, index)
        ctx.window, ctx.block = window, block
        return output

    @staticmethod
    def backward(ctx, back):
        x, index = ctx.saved_tensors
        backward = _aten.max_pool2d_with_indices_backward
        if torch.is_grad_enabled():  # it is to be derived once more
            return backward(back, x, *ctx.window, index), None, None
        kept = [(block.shape, block.stride(), block.dtype) for block in ctx.block]
        if kept != [(x.shape, x.stride(), x.dtype)]:
            ctx.block[:] = [torch.empty_like(x)]
        backward.grad_input(back, x, *ctx.window, index, grad_input=ctx.block[0])
        return ctx.block[0], None, None
