"""Learning-rate schedules."""

import math


def schedule_factor(
    schedule: str | None, epoch: int, *, max_epochs: int, step_size: int, gamma: float
) -> float:
    """Return what the learning rate is multiplied by in an epoch.

    Parameters
    ----------
    schedule : {"step", "cosine", None}
        ``"step"``: times `gamma` after every `step_size` epochs. ``"cosine"``: half a cycle, from
        1 in the first epoch to 0 after the last [1]_. None: always 1.
    epoch : int
        Epochs that are over, so 0 in the first.
    max_epochs : int
        Length of the cosine's half cycle, in epochs.
    step_size : int
        Epochs between two steps.
    gamma : float
        Factor of a step.

    Returns
    -------
    float

    References
    ----------
    .. [1] Loshchilov, I. and Hutter, F. "SGDR: stochastic gradient descent with warm restarts",
       ICLR 2017, arXiv:1608.03983.

    Examples
    --------
    >>> from dlboi.training import schedule_factor
    >>> [schedule_factor("step", epoch, max_epochs=6, step_size=2, gamma=0.5) for epoch in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    >>> schedule_factor("cosine", 50, max_epochs=50, step_size=10, gamma=0.1)
    0.0
    """
    if schedule == "step":
        return float(gamma ** (epoch // step_size))
    if schedule == "cosine":
        return (1 + math.cos(math.pi * min(epoch / max_epochs, 1))) / 2
    return 1.0
