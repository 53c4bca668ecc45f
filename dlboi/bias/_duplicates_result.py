"""What a search for duplicates found."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dlboi.reporting import Table


@dataclass(frozen=True)
class Duplicates:
    """Pairs of images that are the same, and how well they were searched for.

    Attributes
    ----------
    pairs : ndarray of int of shape (n_pairs, 2)
        Indices of the images, the lower one first. Of copies with equal pixels, each is paired with
        the first one, and further near duplicates are those of the first one. Of more than 50 near
        duplicates of one image there are enough pairs to connect them.
    kinds : ndarray of str of shape (n_pairs,)
        "exact" where all pixels are equal, otherwise "near".
    similarities : ndarray of float of shape (n_pairs,)
        Correlation of the fine detail after alignment; 1 for exact duplicates.
    symmetries : ndarray of str of shape (n_pairs,)
        How the second image has to be flipped or turned (to the left) to lie as the first one.
    cross_split, cross_class, cross_patient : ndarray of bool of shape (n_pairs,) or None
        Whether the two images are of different parts, classes or patients; None where `in_test`,
        `y` or `groups` is not given.
    threshold : float
        Similarity from which a pair is near.
    calibration : str
        Where the threshold comes from, in a sentence.
    candidate_threshold : float
        Similarity of thumbnails from which pairs were looked at closely.
    n_compared : int
        Pairs whose thumbnails were compared.
    n_candidates : int
        Pairs that were looked at closely.
    n_blank : int
        Images whose pixels are all the same. They are compared by their content only.
    joined_groups : ndarray of int of shape (n_images,)
        Codes of the patients, from 0, where patients who share an image count as one; without
        `groups` each image and its duplicates.
    recall : mapping of str to float
        Part of the planted copies that was found, by the change, and of "all"; empty where none
        were planted.
    tables : tuple of Table
        Numbers of pairs, the pairs, and the recall where copies were planted.
    notes : tuple of str
        What is to be known of the search, in sentences.
    """

    pairs: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    symmetries: np.ndarray
    cross_split: np.ndarray | None
    cross_class: np.ndarray | None
    cross_patient: np.ndarray | None
    threshold: float
    calibration: str
    candidate_threshold: float
    n_compared: int
    n_candidates: int
    n_blank: int
    joined_groups: np.ndarray
    recall: Mapping[str, float]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
