"""One seed for one call, without the global random state."""

import secrets

import numpy as np
from sklearn.utils import check_random_state


def draw_seed(random_state: int | np.random.RandomState | None) -> int:
    """Return a seed in [0, 2**31).

    An int gives the same seed each time, a ``RandomState`` instance is drawn from, and None takes
    fresh entropy from the operating system, where scikit-learn would draw from (and so change)
    numpy's global state.
    """
    if random_state is None:
        return secrets.randbelow(2**31)
    return int(check_random_state(random_state).randint(2**31))
