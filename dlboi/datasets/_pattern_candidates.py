"""Patterns of the patient that fit all files of a set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlboi.datasets._folder_groups import folder_groups
from dlboi.datasets._group_keys import SchemeKey, why_no_patients
from dlboi.exceptions import ImageFolderError


@dataclass(frozen=True, eq=False)
class PatternCandidate:
    """A pattern and its groups.

    Attributes
    ----------
    text : str
        What the pattern catches, in words.
    pattern : str
        Regular expression.
    groups : ndarray of str of shape (n_files,)
        Group of each file.
    """

    text: str
    pattern: str
    groups: np.ndarray

    @property
    def why_not(self) -> str:
        """Why it names no patients by its numbers alone; empty where it may."""
        return why_no_patients(len(np.unique(self.groups)), len(self.groups))


def folder_candidates(files: list[str]) -> list[PatternCandidate]:
    """Return the folders that may be patients, the outermost first.

    Parameters
    ----------
    files : list of str
        Paths below the folder that all share.

    Returns
    -------
    list of PatternCandidate
    """
    depth = min(file.count("/") for file in files)
    found = []
    for level in range(depth, 0, -1):
        name = "the folder of the image" if level == 1 else f"the folder {level} levels up"
        pattern = r"([^/]+)" + "/[^/]+" * level + "$"
        try:
            groups = folder_groups(files, pattern, Path())
        except ImageFolderError:  # a path that begins with a slash has no folder there
            continue
        if len(np.unique(groups)) > 1:
            found.append(PatternCandidate(name, pattern, groups))
    return found


def name_candidate(
    files: list[str], schemes: list, keys: list[SchemeKey]
) -> PatternCandidate | None:
    """Join the parts of the schemes to one pattern.

    Parameters
    ----------
    files : list of str
        Paths below the folder that all share.
    schemes : list of NameScheme
        How names are built.
    keys : list of SchemeKey
        The part of each scheme.

    Returns
    -------
    PatternCandidate or None
        None where no pattern divides the files as the parts do.
    """
    groups = [""] * len(files)
    for number, (scheme, key) in enumerate(zip(schemes, keys, strict=True)):
        for member, value in zip(scheme.members, key.values, strict=True):
            # Schemes that are told apart by their words alone stay apart.
            groups[member] = f"{number if key.is_bare else ''}/{value}"
    wanted = np.unique(groups, return_inverse=True)[1]
    names = [file.rsplit("/", 1)[-1] for file in files]
    texts = dict.fromkeys(key.text for key in keys)
    for pattern in _patterns(keys):
        try:
            by_path, by_name = (folder_groups(x, pattern, Path()) for x in (files, names))
        except ImageFolderError:
            continue
        if all(_same_division(wanted, found) for found in (by_path, by_name)):
            return PatternCandidate("; or ".join(texts), pattern, by_path)
    return None


def candidate_table(candidates: list[PatternCandidate], files: list[str]) -> dict[str, list]:
    """Return the columns that :class:`~dlboi.datasets.GroupProposal` describes.

    Parameters
    ----------
    candidates : list of PatternCandidate
        One a row.
    files : list of str
        Paths below the folder that all share.

    Returns
    -------
    dict of str to list
    """
    folders = [file.rpartition("/")[0] for file in files]
    classes = [folder.rpartition("/")[2] for folder in folders]
    rows = []
    for candidate in candidates:
        sizes = np.unique(candidate.groups, return_counts=True)[1]
        rows.append(
            {
                "key": candidate.text,
                "pattern": candidate.pattern,
                "groups": len(sizes),
                "images_per_group": float(sizes.mean()),
                "largest": int(sizes.max()),
                "single": int(np.count_nonzero(sizes == 1)),
                "in_several_classes": _n_spanning(candidate.groups, classes),
                "in_several_folders": _n_spanning(candidate.groups, folders),
                "remark": candidate.why_not,
            }
        )
    names = "key pattern groups images_per_group largest single in_several_classes"
    columns = [*names.split(), "in_several_folders", "remark"]
    return {name: [row[name] for row in rows] for name in columns}


def _patterns(keys):
    """Yield regular expressions, the most readable first."""
    # The longest first: what is caught by one may be the end of another.
    keys = sorted(keys, key=lambda key: -len(key.before + key.caught))
    plain = dict.fromkeys(key.caught for key in keys)
    yield f"({'|'.join(plain)})"
    yield rf"(?:^|/)({'|'.join(plain)})[^/]*$"
    whole = "|".join(dict.fromkeys(f"{key.before}({key.caught})" for key in keys))
    yield whole
    yield rf"(?:^|/)(?:{whole})[^/]*$"


def _same_division(codes, groups):
    found = np.unique(groups, return_inverse=True)[1]
    n_pairs = len(np.unique(np.column_stack([codes, found]), axis=0))
    return n_pairs == codes.max() + 1 == found.max() + 1


def _n_spanning(groups, places):
    pairs = np.unique(np.column_stack([groups, places]), axis=0)
    return int(np.count_nonzero(np.unique(pairs[:, 0], return_counts=True)[1] > 1))
