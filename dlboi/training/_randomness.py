"""Random numbers of torch without its global generator."""

import contextlib
import functools
import inspect

import numpy as np
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_FACTORIES = {torch.rand, torch.randn, torch.randint, torch.randperm, torch.normal}
_IN_PLACE = {
    torch.Tensor.uniform_,
    torch.Tensor.normal_,
    torch.Tensor.bernoulli_,
    torch.Tensor.exponential_,
    torch.Tensor.random_,
    torch.Tensor.log_normal_,
    torch.Tensor.cauchy_,
    torch.Tensor.geometric_,
}
_OF_A_TENSOR = {torch.bernoulli, torch.multinomial, torch.poisson, torch.Tensor.multinomial}
_LIKE = {torch.rand_like: torch.rand, torch.randn_like: torch.randn}
_DROPOUTS = {
    functional.dropout: 0,
    functional.dropout1d: 2,
    functional.dropout2d: 2,
    functional.dropout3d: 2,
}


class LocalRandomness(TorchFunctionMode):
    """Context in which this thread's torch functions draw from a generator of their own.

    Layers (``nn.init``, dropout) and torchvision transforms draw from torch's global generator and
    offer no other. Inside this context their calls are given `seed`'s generator instead; the
    global one is neither read nor changed, and other threads are not affected.

    Parameters
    ----------
    seed : int or sequence of int
        Seed of the generators, one for each device that is used.
    """

    def __init__(self, *seed: int):
        super().__init__()
        self._seed = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1)
        self._generators = {}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func in _DROPOUTS:
            return self._dropout(func, *args, **kwargs)
        if kwargs.get("generator") is None:
            if func in _LIKE:
                return self._like(_LIKE[func], *args, **kwargs)
            if func in _FACTORIES:
                device = kwargs.get("device") or torch.get_default_device()
                kwargs = {**kwargs, "generator": self._generator(device)}
            elif func in _IN_PLACE or func in _OF_A_TENSOR or _takes_generator(func):
                tensor = args[0] if args else next(iter(kwargs.values()))
                kwargs = {**kwargs, "generator": self._generator(tensor.device)}
        return func(*args, **kwargs)

    def _generator(self, device):
        device = torch.device(device)
        if device.type == "meta":
            return None
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]

    def _like(self, factory, tensor, *, dtype=None, device=None, **kwargs):
        device = device or tensor.device
        kwargs.pop("memory_format", None)
        return factory(
            tensor.shape,
            dtype=dtype or tensor.dtype,
            device=device,
            generator=self._generator(device),
            **kwargs,
        )

    def _dropout(self, func, input, p=0.5, training=True, inplace=False):
        if not training or p == 0:
            return input
        n_axes = _DROPOUTS[func]
        shape = input.shape if n_axes == 0 else input.shape[:n_axes] + (1,) * (input.ndim - n_axes)
        mask = torch.empty(shape, dtype=input.dtype, device=input.device)
        mask.bernoulli_(1 - p, generator=self._generator(input.device))
        if p < 1:
            mask.div_(1 - p)
        return input.mul_(mask) if inplace else input * mask


@functools.cache
def _takes_generator(func):
    """Whether `func` is one of torch's Python functions (nn.init) with a generator parameter."""
    with contextlib.suppress(TypeError, ValueError):
        return "generator" in inspect.signature(func).parameters
    return False
