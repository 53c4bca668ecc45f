"""One part of a division: near its wanted size, with a patient of each class, and not empty."""

import numpy as np

from dlboi.model_selection._patient_table import PatientTable
from dlboi.training._group_choice import choose_groups

#: So often patients are drawn anew where a class cannot be brought to both sides by single moves.
_N_ATTEMPTS = 10


def choose_part(
    table: PatientTable,
    wanted: np.ndarray,
    rng: np.random.Generator,
    *,
    among: np.ndarray | None = None,
    n_rest: np.ndarray | int = 1,
    name: str,
    size: str,
) -> np.ndarray:
    """Choose the patients of a part.

    Parameters
    ----------
    table : PatientTable
        All patients.
    wanted : ndarray of shape (n_classes,)
        Images of each class that the part should have. Where that is not 0, it has one at least.
    rng : Generator
        Draws the order of the patients.
    among : ndarray of bool of shape (n_patients,), default=None
        Patients to choose from; None chooses from all.
    n_rest : int or ndarray of int of shape (n_classes,), default=1
        Number of patients of each class to leave for other parts.
    name : str
        Name of the part, for messages.
    size : str
        Parameter that says how large it should be, for messages.

    Returns
    -------
    ndarray of bool of shape (n_patients,)
        Who is chosen.

    Raises
    ------
    ValueError
        The part, or what it leaves, is less than half of any patient; a class cannot be on both
        sides.
    """
    among = np.arange(len(table.counts)) if among is None else np.flatnonzero(among)
    counts = table.counts[among]
    n_rest = np.broadcast_to(n_rest, wanted.shape)
    _refuse_size(table, counts, wanted, n_rest, name, size)
    for _ in range(_N_ATTEMPTS):
        chosen = choose_groups(counts, wanted, rng)
        lacking = _mend(chosen, counts, wanted, n_rest, rng)
        if not lacking.any():
            part = np.zeros(len(table.counts), dtype=bool)
            part[among[chosen]] = True
            return part
    those = table.those_of(np.flatnonzero(lacking)[0])
    raise ValueError(
        f"The '{size}' parameter of {table.caller} must allow {those} both in and beside the "
        f"{name} part. Got {_N_ATTEMPTS} divisions without instead: those who could move have the "
        f"last images of another class. Add {table.unit}s, or leave that class out."
    )


def _refuse_size(table, counts, wanted, n_rest, name, size):
    """Raise a ValueError if no image at all is nearer to the size of a side than one patient."""
    asked, total, smallest = wanted.sum(), counts.sum(), counts.sum(axis=1).min()
    is_too_small, is_too_large = 2 * asked < smallest, 2 * (total - asked) < smallest
    if is_too_small or (is_too_large and n_rest.any()):
        raise ValueError(
            f"The '{size}' parameter of {table.caller} must leave whole {table.unit}s in and "
            f"beside the {name} part. Got a part of {asked:.4g} of {total:.0f} images instead, "
            f"where each {table.unit} has {smallest:.0f} or more: ask for a "
            f"{'larger' if is_too_small else 'smaller'} one."
        )


def _mend(chosen, counts, wanted, n_rest, rng):
    """Move patients, in place, until no class is short in a part; return where that fails.

    Of those who make classes less short, the one moves who leaves the part nearest to `wanted`.
    """
    present = (counts > 0).astype(int)
    inside, n_present = present[chosen].sum(axis=0), present.sum(axis=0)
    while (short := _short(inside, n_present, wanted, n_rest)).any():
        signs = np.where(chosen, -1, 1)[:, np.newaxis]
        left = _short(inside + signs * present, n_present, wanted, n_rest).sum(axis=1)
        helpful = rng.permutation(np.flatnonzero(left < short.sum()))
        if not helpful.size:
            break
        got = counts[chosen].sum(axis=0) + signs[helpful] * counts[helpful]
        distances = ((got - wanted) ** 2 / np.where(wanted > 0, wanted, 1)).sum(axis=1)
        mover = helpful[distances.argmin()]
        inside = inside + signs[mover] * present[mover]
        chosen[mover] = ~chosen[mover]
    return short > 0


def _short(inside, n_present, wanted, n_rest):
    """Return how many patients of each class are lacking, in the part and beside it."""
    lacking_inside = (inside < 1) & (wanted > 0)
    return lacking_inside + np.maximum(n_rest - (n_present - inside), 0)
