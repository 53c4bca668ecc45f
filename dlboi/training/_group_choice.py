"""Patients whose images together are as near as possible to wanted numbers of each class."""

import numpy as np

#: So many patients are computed at once while some of them move; ever more while none does.
_BLOCK = 128


def group_counts(groups: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Count the images of each patient by class.

    Parameters
    ----------
    groups, y : ndarray of int of shape (n_samples,)
        Codes of the patients and of the classes.

    Returns
    -------
    ndarray of float of shape (n_groups, n_classes)
    """
    shape = (groups.max() + 1, y.max() + 1)
    counts = np.bincount(np.ravel_multi_index((groups, y), shape), minlength=np.prod(shape))
    return counts.reshape(shape).astype(float)


def choose_groups(counts: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move patients in and out of a part until no single move brings it nearer.

    Patients are visited in a random order, drawn anew for each round. One joins (or leaves) if that
    makes the sum over the classes of (got - wanted)² / wanted smaller. It ends with a round
    without a move.

    Parameters
    ----------
    counts : ndarray of shape (n_groups, n_classes)
        Images of each patient by class.
    wanted : ndarray of shape (n_classes,)
        Images of each class that the part should have. Where that is none, the sum is divided by 1.
    rng : Generator
        Draws the orders.

    Returns
    -------
    ndarray of bool of shape (n_groups,)
        Who is chosen.
    """
    scale = np.sqrt(np.where(wanted > 0, wanted, 1))
    missing = wanted / scale
    moves = -counts / scale  # what the move of a patient adds to what is missing
    squares = np.einsum("ij,ij->i", moves, moves)
    chosen = np.zeros(len(counts), dtype=bool)
    has_moved = True
    while has_moved:
        has_moved = False
        order = rng.permutation(len(counts))
        start, size = 0, _BLOCK
        while start < len(order):
            visited = order[start : start + size]
            offered = moves.take(visited, axis=0)
            willing = _is_nearer(offered @ missing, squares[visited], missing @ missing)
            if not willing.any():
                start, size = start + size, 4 * size
                continue
            start += willing.argmax()  # those before it stay
            visited = order[start : start + _BLOCK]
            takes, missing = _move_in_turn(moves.take(visited, axis=0), squares[visited], missing)
            moved = visited[takes]
            chosen[moved] = ~chosen[moved]
            moves[moved] *= -1
            has_moved = True
            start, size = start + _BLOCK, _BLOCK
    return chosen


def _is_nearer(product, square, distance):
    """Say whether |missing + move|² < |missing|², from the parts of the square."""
    return 2 * product + square < -1e-9 * distance  # no endless exchange of rounding


def _move_in_turn(moves, squares, missing):
    """Return which patients of a block move, each after those before it, and what is then missing.

    All are decided at once from a guess of what is missing when each is visited, and again from
    what follows of the decisions, until they stay. Each time, one more is right at least.
    """
    takes = _is_nearer(moves @ missing, squares, missing @ missing)
    path = np.empty((len(moves) + 1, len(missing)))
    path[0] = missing
    while True:
        np.multiply(moves, takes[:, np.newaxis], out=path[1:])
        np.cumsum(path, axis=0, out=path)
        before = path[:-1]
        products = np.einsum("ij,ij->i", before, moves)
        again = _is_nearer(products, squares, np.einsum("ij,ij->i", before, before))
        if np.array_equal(again, takes):
            return takes, path[-1].copy()
        takes = again
