"""Sums of gradients."""

import torch


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
