"""Read the parts of file names: words, numbers, and what stands between them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

_TOKENS = re.compile(r"\d+|[^\W\d_]+|[\W_]+")
_MIN_FIXED_WIDTH = 4


@dataclass
class NameScheme:
    """Names that are built alike, such as ``person23_bacteria_81``.

    Attributes
    ----------
    members : list of int
        Positions of the names in the list that was read.
    rows : list of tuple of str
        Tokens of each of these names.
    n_shared : int
        Number of tokens that all of them have; some may have more.
    """

    members: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    n_shared: int = 0

    def values(self, position: int) -> set[str]:
        """Return what stands at a position, in all names."""
        return {row[position] for row in self.rows}

    def is_number(self, position: int) -> bool:
        """Whether a number stands at a position."""
        return self.rows[0][position].isdecimal()

    def is_word(self, position: int) -> bool:
        """Whether a word stands at a position."""
        return self.rows[0][position].isalpha()

    @property
    def varying(self) -> list[int]:
        """Positions at which words or numbers differ."""
        return [
            position
            for position in range(self.n_shared)
            if (self.is_number(position) or self.is_word(position))
            and len(self.values(position)) > 1
        ]

    def regex(self, start: int, stop: int) -> str:
        """Return a regular expression of the tokens from `start` up to `stop`."""
        return "".join(self._token_regex(position) for position in range(start, stop))

    def number_regex(self, position: int) -> str:
        """Return a regular expression of a number, with its width where that is always the same."""
        widths = {len(value) for value in self.values(position)}
        fixed = len(widths) == 1 and min(widths) >= _MIN_FIXED_WIDTH
        return rf"\d{{{min(widths)}}}" if fixed else r"\d+"

    def _token_regex(self, position):
        values = self.values(position)
        if len(values) == 1:
            return re.escape(*values).replace(r"\-", "-")
        if self.is_number(position):
            return r"\d+"
        if not self.is_word(position):
            return r"[\W_]+"
        text = "".join(values)
        if not text.isascii():
            return r"[^\W\d_]+"
        return "[a-z]+" if text.islower() else "[A-Z]+" if text.isupper() else "[A-Za-z]+"


def name_schemes(names: list[str]) -> list[NameScheme]:
    """Group names by how they are built, the most frequent scheme first.

    Parameters
    ----------
    names : list of str
        Names of files, without folder and suffix.

    Returns
    -------
    list of NameScheme
        Names that go on where others end (``IM-11-1`` and ``IM-11-1-2``) are of one scheme.
    """
    by_shape = defaultdict(NameScheme)
    for position, name in enumerate(names):
        tokens = tuple(_TOKENS.findall(name))
        scheme = by_shape[_shape(tokens)]
        scheme.members.append(position)
        scheme.rows.append(tokens)
        scheme.n_shared = len(tokens)
    merged = {}
    for shape in sorted(by_shape, key=len):
        scheme = by_shape[shape]
        base = next((base for base in merged if _continues(merged, base, shape, scheme)), None)
        if base is None:
            merged[shape] = scheme
        else:
            merged[base].members += scheme.members
            merged[base].rows += scheme.rows
    return sorted(merged.values(), key=lambda scheme: -len(scheme.members))


def _shape(tokens):
    return tuple(
        "0" if token.isdecimal() else "A" if token.isalpha() else token for token in tokens
    )


def _continues(merged, base, shape, scheme):
    """Whether names of a shape go on, behind a separator, where those of another scheme end."""
    if shape[: len(base)] != base or "0" not in base or shape[len(base)] in ("0", "A"):
        return False
    words = (position for position, kind in enumerate(base) if kind == "A")
    return all(scheme.values(word) & merged[base].values(word) for word in words)
