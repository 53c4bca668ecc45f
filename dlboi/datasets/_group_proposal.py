"""A pattern of the patient in file names, and what speaks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlboi.datasets._folder_groups import folder_groups


@dataclass(frozen=True, eq=False, repr=False)
class GroupProposal:
    """A proposed pattern of the patient in file names; see :func:`infer_groups`.

    Attributes
    ----------
    pattern : str or None
        Regular expression, for the parameter `groups` of
        :func:`~dlboi.datasets.load_image_folder`. None where the names tell nothing.
    groups : ndarray of str of shape (n_files,) or None
        Group of each file by the pattern.
    table : dict of str to list
        The candidates, one a row, the proposed one first: ``key`` (in words), ``pattern``,
        ``groups``, ``images_per_group``, ``largest``, ``single`` (groups of one image),
        ``in_several_classes`` and ``in_several_folders`` (groups with images in folders of
        several names, and in several folders), ``remark``.
    reasons : list of str
        Why this one is proposed, and what speaks against it.
    examples : dict of str to list of str
        The largest groups, with some of their files.
    filenames : ndarray of str of shape (n_files,)
        The names, with forward slashes, below the folder that all share.
    """

    pattern: str | None
    groups: np.ndarray | None
    table: dict
    reasons: list
    examples: dict
    filenames: np.ndarray

    def __repr__(self):
        if self.pattern is None:
            return f"<GroupProposal: none, {len(self.filenames)} files>"
        n_groups = len(np.unique(self.groups))
        return f"<GroupProposal: {self.pattern!r}, {n_groups} groups, {len(self.filenames)} files>"

    def __str__(self):
        proposed = f"{len(self.filenames):,} files. "
        if self.pattern is None:
            proposed += "No pattern of the patient is proposed."
        else:
            n_groups = len(np.unique(self.groups))
            proposed += f"Proposed pattern of the patient: {self.pattern} ({n_groups:,} groups)."
        lines = [proposed, *self.reasons]
        if self.examples:
            lines += ["Largest groups:"]
            lines += [f"  {group}: {', '.join(files)}" for group, files in self.examples.items()]
        if self.table["pattern"]:
            lines += ["Candidates:"]
            lines += [self._row(row) for row in range(len(self.table["pattern"]))]
        return "\n".join(lines)

    def groups_by(self, pattern: str | re.Pattern) -> np.ndarray:
        """Return the groups of the same files by another pattern, such as another candidate.

        Parameters
        ----------
        pattern : str or re.Pattern
            Regular expression, as for :func:`~dlboi.datasets.load_image_folder`.

        Returns
        -------
        groups : ndarray of str of shape (n_files,)

        Raises
        ------
        ImageFolderError
            Where a file does not match.
        """
        return folder_groups(self.filenames.tolist(), pattern, Path())

    def _row(self, row):
        cells = {name: column[row] for name, column in self.table.items()}
        text = (
            f"  {cells['pattern']} ({cells['key']}): {cells['groups']:,} groups, "
            f"{cells['images_per_group']:.1f} images each, {cells['largest']:,} at most, "
            f"{cells['single']:,} of one image; {cells['in_several_classes']:,} in several "
            f"classes, {cells['in_several_folders']:,} in several folders"
        )
        return f"{text}. {cells['remark'].capitalize()}." if cells["remark"] else f"{text}."
