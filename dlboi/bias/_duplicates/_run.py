"""The search from images to pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from dlboi.bias._duplicates._calibrate import (
    FIXED,
    SMALL,
    STRICT,
    candidate_threshold,
    drawn_pairs,
    verified_threshold,
)
from dlboi.bias._duplicates._planted import (
    copy_similarities,
    found_copies,
    greatest_by_kind,
    plant,
)
from dlboi.bias._duplicates._reader import ImageReader
from dlboi.bias._duplicates._scan import scan
from dlboi.bias._duplicates._search import candidates, first_of_each_pair, verify
from dlboi.bias._duplicates._symmetries import NAMES
from dlboi.bias._duplicates._verify import detail_similarity

_N_TUNING = 30


class Search(NamedTuple):
    """What was found, and how; as in :class:`dlboi.bias.Duplicates`.

    Attributes
    ----------
    copy_kinds : list of str
        Changes that were planted.
    found_copies : ndarray of bool of shape (n_images, n_kinds) or None
        Which of them were found; None where none were planted.
    """

    pairs: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    symmetries: np.ndarray
    threshold: float
    calibration: str
    candidate_threshold: float
    n_compared: int
    n_candidates: int
    n_blank: int
    copy_kinds: list
    found_copies: np.ndarray | None
    notes: tuple


def run_search(
    reader: ImageReader,
    groups: np.ndarray | None,
    *,
    threshold: float | None,
    n_planted: int,
    rng: np.random.Generator,
) -> Search:
    """Search for duplicates.

    Parameters
    ----------
    reader : ImageReader
        The images.
    groups : ndarray of int or None
        Their patients.
    threshold : float or None
        Least similarity of near duplicates; None calibrates it.
    n_planted : int
        Number of images whose changed copies are searched for.
    rng : numpy.random.Generator
        Source of all random numbers.

    Returns
    -------
    Search
    """
    scanned = scan(reader)
    n = len(scanned.index)
    patients = np.arange(n) if groups is None else groups[scanned.index]
    scored, tuning = _planted(reader, scanned, n_planted, rng)
    reached = np.array([]) if tuning is None else greatest_by_kind(tuning)
    coarse = candidate_threshold(scanned.views.thumbnails, patients, reached, rng)
    trials, n_candidates = candidates(scanned.views.thumbnails, coarse)
    if threshold is not None:
        calibration = f"given as {threshold:g}"
    elif scanned.side < SMALL:
        threshold = STRICT
        calibration = (
            f"fixed at {STRICT:g}, for in images of fewer than {SMALL} pixels a side the detail of "
            "different patients is as alike as that of copies; nothing was calibrated"
        )
    elif groups is None:
        threshold = FIXED
        calibration = f"fixed at {FIXED:g}, for patients are not known; nothing was calibrated"
    else:
        threshold, calibration = _calibrated(scanned, trials, patients, tuning, rng)
    near = verify(scanned.views, trials, threshold)
    found = None if scored is None else found_copies(scanned, scored, coarse, threshold)
    copies = np.flatnonzero(scanned.equal_to != np.arange(len(reader)))
    pairs = np.stack([scanned.equal_to[copies], copies], axis=1)
    notes = _notes(scanned, n_candidates, calibration, found)
    return Search(
        pairs=np.concatenate([pairs, np.sort(scanned.index[near.pairs], axis=1)]),
        kinds=np.repeat(["exact", "near"], [len(copies), len(near.codes)]),
        similarities=np.concatenate([np.ones(len(copies)), near.similarity]),
        symmetries=np.array(NAMES)[np.concatenate([np.zeros(len(copies), int), near.codes])],
        threshold=threshold,
        calibration=calibration,
        candidate_threshold=coarse,
        n_compared=n * (n - 1) // 2,
        n_candidates=n_candidates,
        n_blank=int(scanned.is_blank.sum()),
        copy_kinds=[] if scored is None else scored.kinds,
        found_copies=found,
        notes=notes,
    )


def _planted(reader, scanned, n_planted, rng):
    """Plant copies to measure the recall by, and copies of other images to set thresholds by."""
    drawn = rng.permutation(len(scanned.index))
    n_scored = min(n_planted, (len(drawn) + 1) // 2)
    parts = drawn[:n_scored], drawn[n_scored : n_scored + min(n_planted, _N_TUNING)]
    return [plant(reader, scanned, part, rng) if len(part) else None for part in parts]


def _calibrated(scanned, trials, patients, tuning, rng):
    trials = first_of_each_pair(trials)
    first, second = trials.pairs.numpy().T
    differ = patients[first] != patients[second]
    drawn = torch.from_numpy(drawn_pairs(differ, rng))
    similarity = detail_similarity(scanned.views, scanned.views, trials.take(drawn), least=-1.0)
    reached = np.array([]) if tuning is None else copy_similarities(scanned, tuning)
    return verified_threshold(similarity.numpy(), int(differ.sum()), reached)


def _notes(scanned, n_candidates, calibration, found):
    n = len(scanned.index)
    notes = [
        f"{n * (n - 1) // 2} pairs of images were compared as thumbnails, and {n_candidates} of "
        f"them closely at {scanned.side} pixels. The threshold of their similarity is "
        f"{calibration}."
    ]
    if found is None:
        notes.append("The recall of the search was not measured.")
    else:
        notes.append(
            f"Of {found.size} changed copies of {len(found)} images of this set, the search finds "
            f"{found.sum()} ({found.mean():.1%})."
        )
    n_blank = int(scanned.is_blank.sum())
    if n_blank:
        notes.append(
            f"{n_blank} images are blank: all their pixels are the same. Equal ones count as "
            "copies of the first of them."
        )
    return tuple(notes)
