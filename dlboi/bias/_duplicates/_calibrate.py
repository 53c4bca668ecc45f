"""Thresholds from pairs of images of different patients, which are no duplicates as a rule."""

from __future__ import annotations

import numpy as np
import torch
from scipy import stats

from dlboi.bias._duplicates._thumbnails import (
    Thumbnails,
    greatest_similarities,
    parity_parts,
)

#: Expected pairs of different patients an image that are looked at closely: at least, and at most
#: where planted copies are less alike than those.
FALSE_CANDIDATES = 2.0, 5.0
#: So many are always looked at, where there are as many.
_FEW_CANDIDATES = 3000
#: Bounds of the level of candidates; copies saved anew or flipped lie above the upper one.
_LEAST, _MOST = 0.3, 0.95
#: Expected pairs of different patients, in the whole set, that pass as duplicates.
FALSE_PAIRS = 0.01
#: Threshold where there is nothing to calibrate on.
FIXED = 0.9
#: Images of fewer pixels a side hardly have finer detail than their thumbnails: those of different
#: patients reach what changed copies reach, and only nearly equal ones are believed.
SMALL, STRICT = 64, 0.99
#: Bounds of the level that pairs of different patients do not reach. Two images that share less
#: than half of the variance of their detail are not the same; and where many candidates are
#: duplicates, they are not to raise the level above themselves.
_BOUNDS = 0.7, 0.9
#: Part of the planted copies that lies below the upper level of the threshold.
_MISSED = 0.01
#: Part of the copies of a kind that may be missed as thumbnails; nothing finds them any more.
_NEVER_SEEN = 0.001
_N_IMAGES, _N_PAIRS, _FEWEST_PAIRS = 1000, 300, 20
_MAD_TO_SD = 1.4826


def candidate_threshold(
    thumbnails: Thumbnails, groups: np.ndarray, planted: np.ndarray, rng: np.random.Generator
) -> float:
    """Return the similarity of thumbnails from which pairs are looked at closely.

    Parameters
    ----------
    thumbnails : Thumbnails
        Of n images.
    groups : ndarray of int of shape (n,)
        Their patients.
    planted : ndarray of float of shape (n_planted, n_kinds)
        Similarities of planted near duplicates with their originals, by the kind of change.
    rng : numpy.random.Generator
        Draws the images of which the pairs are.

    Returns
    -------
    float
        0.3 to 0.95.
    """
    n = len(groups)
    if n < 2:
        return _LEAST
    few = max(FALSE_CANDIDATES[0], _FEW_CANDIDATES / n)
    shares = 2 * np.array([few, max(few, FALSE_CANDIDATES[1])]) / (n - 1)
    drawn = rng.permutation(n)[:_N_IMAGES]
    sample = thumbnails.take(torch.from_numpy(drawn))
    parts, everything = (parity_parts(part) for part in sample[:2]), slice(None)
    similarity = greatest_similarities(*parts, everything, everything).numpy()
    differ = np.triu(groups[drawn][:, None] != groups[drawn], k=1)
    if not differ.any():
        differ = np.triu(np.ones_like(differ), k=1)
    usual, lowest = np.quantile(similarity[differ], 1 - np.minimum(shares, 1))
    wanted = _reached(planted) if len(planted) else usual
    return float(np.clip(np.clip(wanted, lowest, usual), _LEAST, _MOST))


def _reached(planted):
    """Return what all but one in a thousand copies reach, of the kind that is least alike."""
    # Few copies are planted of each kind: a normal quantile of Fisher's z lies below all of them.
    z = np.arctanh(np.clip(planted, -0.9999, 0.9999))
    return np.tanh((z.mean(axis=0) + stats.norm.ppf(_NEVER_SEEN) * z.std(axis=0)).min())


def verified_threshold(
    similarity: np.ndarray, n_pairs: int, planted: np.ndarray
) -> tuple[float, str]:
    """Return the similarity of fine detail from which a pair is a duplicate, and its rule.

    Parameters
    ----------
    similarity : ndarray of float of shape (n_drawn,)
        Of pairs of different patients that were drawn from the candidates.
    n_pairs : int
        How many pairs of different patients there are among the candidates.
    planted : ndarray of float
        Of planted near duplicates with their originals; may be empty.

    Returns
    -------
    threshold : float
    rule : str
    """
    if len(similarity) < _FEWEST_PAIRS:
        return FIXED, (
            f"fixed at {FIXED:g}, for only {len(similarity)} pairs of different patients are alike "
            "enough as thumbnails to calibrate it on"
        )
    z = np.arctanh(np.clip(similarity, -0.999, 0.999))
    middle = np.median(z)
    spread = _MAD_TO_SD * np.median(np.abs(z - middle))
    quantile = stats.norm.isf(min(0.5, FALSE_PAIRS / n_pairs))
    level = float(np.clip(np.tanh(middle + quantile * spread), *_BOUNDS))
    rule = (
        f"calibrated on {len(similarity)} of the {n_pairs} pairs of different patients that are "
        f"most alike as thumbnails: at {level:.3f} at most {FALSE_PAIRS:g} false pairs are "
        "expected (normal tail of Fisher's z)"
    )
    if len(planted) and (reached := float(np.quantile(planted, _MISSED))) > level:
        threshold = float(np.tanh((np.arctanh(level) + np.arctanh(min(reached, 0.9999))) / 2))
        return threshold, (
            f"{rule}; planted copies reach {reached:.3f} but for {_MISSED:.0%}, and the threshold "
            "lies halfway"
        )
    return level, rule


def drawn_pairs(differ: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw some of the candidates that are of different patients; return their positions."""
    return rng.permutation(np.flatnonzero(differ))[:_N_PAIRS]
