"""What callbacks remember from one epoch to the next."""

from skorch.callbacks import (
    EarlyStopping,
    EpochScoring,
    EpochTimer,
    GradientNormClipping,
    PrintLog,
)

#: Attributes that hold the state of skorch's callbacks.
_ATTRIBUTES = {
    EarlyStopping: ("misses_", "dynamic_threshold_", "best_epoch_"),
    EpochScoring: ("best_score_",),
    EpochTimer: (),
    GradientNormClipping: (),
    PrintLog: (),
}


def can_be_saved(callback) -> bool:
    """Whether a user's callback can go on in another process.

    Parameters
    ----------
    callback : skorch.callbacks.Callback
        One with ``state_dict`` and ``load_state_dict``, or one of skorch's.

    Returns
    -------
    bool
    """
    if _has_methods(callback):
        return True
    # Weights that EarlyStopping keeps are not among its attributes above.
    return type(callback) in _ATTRIBUTES and not getattr(callback, "load_best", False)


def callback_state(callback) -> dict:
    """Return the state of a callback: tensors, and what JSON can hold, by name."""
    if _has_methods(callback):
        return callback.state_dict()
    return {name: getattr(callback, name) for name in _ATTRIBUTES.get(type(callback), ())}


def load_callback_state(callback, state: dict) -> None:
    """Give a callback the state that :func:`callback_state` has returned."""
    if _has_methods(callback):
        callback.load_state_dict(state)
        return
    for name, value in state.items():
        setattr(callback, name, value)


def _has_methods(callback):
    return hasattr(callback, "state_dict") and hasattr(callback, "load_state_dict")
