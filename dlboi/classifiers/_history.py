"""The history of a fit as arrays."""

import numpy as np

_COLUMNS = {
    "epoch": "epoch",
    "train_loss": "train_loss",
    "train_accuracy": "train_accuracy",
    "valid_loss": "validation_loss",
    "valid_accuracy": "validation_accuracy",
}
_LAST_COLUMNS = {
    "lr": "lr",
    "train_seconds": "train_seconds",
    "valid_seconds": "validation_seconds",
}


_OF_SKORCH = ("batches", "train_loss_best", "valid_loss_best")


def history_arrays(history, n_epochs: int) -> dict[str, np.ndarray]:
    """Return one array a record, of the first `n_epochs` epochs of a skorch history.

    Parameters
    ----------
    history : skorch.history.History
        One row an epoch.
    n_epochs : int
        Complete epochs; an interrupted one has a row that lacks records.

    Returns
    -------
    dict of ndarray of shape (n_epochs,)
        skorch's ``valid_`` is spelled ``validation_``; what callbacks record stands between the
        losses and the learning rate.
    """
    rows = history[:n_epochs]
    known = {**_COLUMNS, **_LAST_COLUMNS, **dict.fromkeys(_OF_SKORCH)}
    others = {name: name for name in rows[0] if name not in known}
    return {
        title: np.array([row[name] for row in rows])
        for name, title in {**_COLUMNS, **others, **_LAST_COLUMNS}.items()
        if all(name in row for row in rows)
    }
