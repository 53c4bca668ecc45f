"""Random numbers of torch without its global generator."""

import contextlib
import functools
import inspect

import numpy as np
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from dlboi.training._dropouts import DROPOUTS, drop

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
_OF_A_TENSOR = {
    torch.bernoulli,
    torch.binomial,
    torch.multinomial,
    torch.poisson,
    torch.rrelu,
    torch.rrelu_,
    torch._sample_dirichlet,
    torch._standard_gamma,
    torch.Tensor.bernoulli,
    torch.Tensor.multinomial,
}
_LIKE = {torch.rand_like: torch.rand, torch.randn_like: torch.randn}


def _attention_draws(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, **kwargs):
    return dropout_p > 0


def _multi_head_attention_draws(*args, **kwargs):
    signature = inspect.signature(functional.multi_head_attention_forward)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments["dropout_p"] > 0 and bound.arguments["training"]


def _recurrence_draws(*args):
    # The first bool is has_biases, in the forms for padded and for packed sequences.
    first = next(position for position, value in enumerate(args) if isinstance(value, bool))
    n_layers, dropout, training = args[first + 1 : first + 4]
    return n_layers > 1 and dropout > 0 and training


def _pooling_draws(*args, _random_samples=None, **kwargs):
    return _random_samples is None and len(args) < 6


def _always_draws(*args, **kwargs):
    return True


_WITHOUT_DROPOUT = "Use dropout 0 there, and a torch.nn.Dropout layer where it is wanted."
#: Functions that draw from torch's global generator and take no other: when, and the way out.
_NOT_LOCAL = {
    functional.scaled_dot_product_attention: (_attention_draws, _WITHOUT_DROPOUT),
    functional.multi_head_attention_forward: (_multi_head_attention_draws, _WITHOUT_DROPOUT),
    torch.lstm: (_recurrence_draws, _WITHOUT_DROPOUT),
    torch.gru: (_recurrence_draws, _WITHOUT_DROPOUT),
    torch.rnn_tanh: (_recurrence_draws, _WITHOUT_DROPOUT),
    torch.rnn_relu: (_recurrence_draws, _WITHOUT_DROPOUT),
    torch.native_dropout: (_always_draws, "Use torch.nn.functional.dropout."),
    torch.svd_lowrank: (_always_draws, "Use torch.linalg.svd."),
    torch.pca_lowrank: (_always_draws, "Use torch.linalg.svd."),
    **dict.fromkeys(
        [
            functional.fractional_max_pool2d,
            functional.fractional_max_pool2d_with_indices,
            functional.fractional_max_pool3d,
            functional.fractional_max_pool3d_with_indices,
        ],
        (_pooling_draws, "Pass _random_samples, or use max_pool2d."),
    ),
}


class LocalRandomness(TorchFunctionMode):
    """Context in which this thread's torch functions draw from a generator of their own.

    Layers (``nn.init``, dropout) and torchvision transforms draw from torch's global generator and
    offer no other. Inside this context their calls are given `seed`'s generator instead; torch's
    global one is neither read nor changed, and other threads are not affected.

    Parameters
    ----------
    seed : int or sequence of int
        Seed of the generators, one for each device that is used.

    Raises
    ------
    NotImplementedError
        Inside the context: a function is called that would draw and takes no generator, such as
        the dropout inside of an LSTM or of an attention.

    Notes
    -----
    Only torch is covered: what a transform draws from ``random`` or ``numpy.random`` is left as
    it is.
    """

    def __init__(self, *seed: int):
        super().__init__()
        self._seed = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1)
        self._generators = {}

    @property
    def has_drawn(self) -> bool:
        """Whether anything has been drawn so far."""
        return bool(self._generators)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {} if kwargs is None else kwargs
        if func in DROPOUTS:
            return drop(func, self._generator, *args, **kwargs)
        if func is functional.gumbel_softmax:
            return self._gumbel_softmax(*args, **kwargs)
        if func is functional.rrelu:
            return self._rrelu(*args, **kwargs)
        if func in _NOT_LOCAL:
            draws, way_out = _NOT_LOCAL[func]
            if draws(*args, **kwargs):
                raise NotImplementedError(
                    f"torch's {func.__name__} draws from the global random state of torch and "
                    f"takes no generator, so that results could not be repeated. {way_out}"
                )
        if kwargs.get("generator") is None:
            if func is torch.randint_like:
                return self._randint_like(*args, **kwargs)
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

    def _randint_like(self, tensor, *bounds, **kwargs):
        if "high" in kwargs:
            low = kwargs.pop("low", bounds[0] if bounds else 0)
            bounds = (low, kwargs.pop("high"))

        def factory(shape, **kwargs):
            return torch.randint(*(int(bound) for bound in bounds), shape, **kwargs)

        return self._like(factory, tensor, **kwargs)

    def _gumbel_softmax(self, logits, tau=1.0, hard=False, eps=1e-10, dim=-1):
        exponential = torch.empty_like(logits, memory_format=torch.contiguous_format)
        noise = exponential.exponential_(generator=self._generator(logits.device)).log()
        soft = ((logits - noise) / tau).softmax(dim)
        if not hard:
            return soft
        one_hot = torch.zeros_like(logits).scatter_(dim, soft.argmax(dim, keepdim=True), 1.0)
        return one_hot - soft.detach() + soft

    def _rrelu(self, input, lower=1 / 8, upper=1 / 3, training=False, inplace=False):
        function = torch.rrelu_ if inplace else torch.rrelu
        generator = self._generator(input.device)
        return function(input, lower, upper, training, generator=generator)


@functools.cache
def _takes_generator(func):
    """Whether `func` is one of torch's Python functions (nn.init) with a generator parameter."""
    with contextlib.suppress(TypeError, ValueError):
        return "generator" in inspect.signature(func).parameters
    return False
