"""What in the names of files may name the patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

from dlboi.datasets._name_scheme import NameScheme
from dlboi.datasets._shared_numbers import SharedNumbers, shared_numbers

# Digits of a number that are compared; more would not fit into 64 bits.
_MAX_DIGITS = 15

#: Words that often stand before the number of a patient.
_HINTS = {
    *("animal", "case", "donor", "id", "mouse", "p", "pat", "patient", "person", "pt", "s"),
    *("slide", "sub", "subj", "subject"),
}


@dataclass(frozen=True)
class SchemeKey:
    """A part of the names of one scheme.

    Attributes
    ----------
    before, caught : str
        Regular expressions of what precedes the part, empty where nothing has to, and of the part.
    values : tuple of str
        The part, in each name of the scheme.
    text : str
        Which part it is, in words.
    cut : int
        Position of its last token.
    is_hinted : bool
        Whether a word such as "patient" stands before its last number.
    is_bare : bool
        Whether it is a number without what precedes it.
    sharing : SharedNumbers or None
        Where words beside the number vary: what numbers they share.
    """

    before: str
    caught: str
    values: tuple
    text: str
    cut: int
    is_hinted: bool = False
    is_bare: bool = False
    sharing: SharedNumbers | None = None

    @property
    def n_groups(self) -> int:
        """Number of different values."""
        return len(set(self.values))

    @property
    def why_not(self) -> str:
        """Why it names no patients by its numbers alone; empty where it may."""
        return why_no_patients(self.n_groups, len(self.values))


def why_no_patients(n_groups: int, n_images: int) -> str:
    """Say why so many groups are no patients; empty where they may be.

    Parameters
    ----------
    n_groups, n_images : int
        Numbers of groups and of images.

    Returns
    -------
    str
    """
    if n_groups == n_images:
        return "one image a group: it names images"
    if n_groups < sqrt(n_images):
        return "fewer groups than the root of the number of images: it names classes or sites"
    return ""


def scheme_keys(scheme: NameScheme) -> list[SchemeKey]:
    """Return the parts of the names that may name the patient, the most likely first.

    Parameters
    ----------
    scheme : NameScheme
        Names that are built alike.

    Returns
    -------
    list of SchemeKey
        At least one.
    """
    keys = [key for position in scheme.varying for key in _keys_at(scheme, position)]
    if not keys:
        whole = scheme.regex(0, scheme.n_shared)
        values = tuple("".join(row[: scheme.n_shared]) for row in scheme.rows)
        return [SchemeKey("", whole, values, "the whole name", scheme.n_shared)]
    usable = [key for key in keys if not key.why_not]
    # Where each image is a patient of its own in this scheme, the first number still names it.
    single = [key for key in keys if key.n_groups == len(key.values) and not key.is_bare]
    pool = usable or single or keys
    first = min(pool, key=lambda key: (not key.is_hinted, key.cut, key.is_bare))
    best = _with_words(scheme, pool, first)
    return [best, *(key for key in keys if key.caught != best.caught or key.before != best.before)]


def _keys_at(scheme, position):
    number = _ordinal(scheme, position)
    is_hinted = scheme.is_number(position) and any(
        scheme.rows[0][before].lower() in _HINTS
        for before in range(max(0, position - 2), position)
        if scheme.is_word(before)
    )
    prefix = SchemeKey(
        before="",
        caught=scheme.regex(0, position + 1),
        values=tuple("".join(row[: position + 1]) for row in scheme.rows),
        text=f"the name up to {number}",
        cut=position,
        is_hinted=is_hinted,
    )
    varying_before = any(before < position for before in scheme.varying)
    if not scheme.is_number(position) or not varying_before:
        return [prefix]
    bare = replace(
        prefix,
        before=scheme.regex(0, position),
        caught=scheme.number_regex(position),
        values=tuple(row[position] for row in scheme.rows),
        text=f"{number} alone",
        is_bare=True,
    )
    return [prefix, bare]


def _with_words(scheme, pool, key):
    """Decide whether the varying words beside the number of a key are part of it."""
    number = key.cut
    if not scheme.is_number(number):
        return key
    later = [position for position in scheme.varying if position > number]
    after = [later[0]] if later and scheme.is_word(later[0]) else []
    before = [position for position in scheme.varying if position < number]
    words = [position for position in before + after if scheme.is_word(position)]
    if not words or any(scheme.is_number(position) for position in before):
        return key
    sharing = shared_numbers(
        [int(row[number][-_MAX_DIGITS:]) for row in scheme.rows],
        ["".join(row[word] for word in words) for row in scheme.rows],
    )
    wanted_cut = number if sharing.more_than_chance else max(*words, number)
    bare = sharing.more_than_chance and bool(before)
    fitting = [k for k in pool if k.cut == wanted_cut and k.is_bare == bare]
    return replace(fitting[0] if fitting else key, sharing=sharing)


def _ordinal(scheme, position):
    is_number = scheme.is_number(position)
    n_before = sum(
        (scheme.is_number if is_number else scheme.is_word)(before) for before in range(position)
    )
    names = ("first", "second", "third", "fourth", "fifth")
    which = names[n_before] if n_before < len(names) else f"{n_before + 1}th"
    return f"the {which} {'number' if is_number else 'word'}"
