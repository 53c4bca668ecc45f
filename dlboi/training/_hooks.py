"""Whether something listens to the layers of a network."""

from torch import nn


def has_hooks(*modules: nn.Module) -> bool:
    """Return whether any of the modules has a hook, which must be called in the usual way."""
    return any(
        name.endswith("_hooks") and hooks
        for module in modules
        for name, hooks in vars(module).items()
    )
