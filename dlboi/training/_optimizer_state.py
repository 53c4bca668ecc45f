"""What an optimizer remembers, as tensors and numbers."""

import torch


def optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, torch.Tensor], list[dict]]:
    """Return the state of an optimizer.

    Parameters
    ----------
    optimizer : Optimizer
        One whose state is tensors, as that of Adam, AdamW and plain gradient descent is.

    Returns
    -------
    tensors : dict of str to Tensor
        Moments and steps, by number of the parameter and name.
    groups : list of dict
        The numbers of each group of parameters, the learning rate among them.
    """
    state = optimizer.state_dict()
    tensors = {
        f"{number}.{name}": tensor
        for number, tensors in state["state"].items()
        for name, tensor in tensors.items()
    }
    return tensors, [_numbers(group) for group in state["param_groups"]]


def load_optimizer_state(
    optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor], groups: list[dict]
) -> None:
    """Give a new optimizer of the same parameters the state of another.

    Parameters
    ----------
    optimizer : Optimizer
        It has not taken a step.
    tensors, groups
        As :func:`optimizer_state` has returned them.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state = {}
    for name, tensor in tensors.items():
        number, name = name.split(".", 1)
        state.setdefault(int(number), {})[name] = _laid_out(tensor, parameters[int(number)])
    known = optimizer.state_dict()["param_groups"]
    groups = [{**group, **numbers} for group, numbers in zip(known, groups, strict=True)]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _numbers(group):
    return {name: value for name, value in group.items() if isinstance(value, (int, float))}


def _laid_out(tensor, parameter):
    """Return a moment that lies in memory as its parameter does: fused steps go by address."""
    if tensor.shape != parameter.shape:
        return tensor
    return torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)
