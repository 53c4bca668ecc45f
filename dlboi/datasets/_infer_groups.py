"""Propose where in file names the patient stands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import ArrayLike

from dlboi.datasets._group_keys import scheme_keys
from dlboi.datasets._group_proposal import GroupProposal
from dlboi.datasets._name_scheme import name_schemes
from dlboi.datasets._pattern_candidates import (
    candidate_table,
    folder_candidates,
    name_candidate,
)

_MAX_SCHEMES = 12
_N_EXAMPLES = 3


def infer_groups(filenames: ArrayLike | Sequence[os.PathLike]) -> GroupProposal:
    r"""Propose a pattern of the patient in file names, and show what speaks for it.

    It proposes; nobody but you can know. Look at the examples and at the doubts that it names,
    test it with :func:`dlboi.bias.check_groups`, then pass the pattern on yourself.

    Parameters
    ----------
    filenames : array-like of str or sequence of path-like of shape (n_files,)
        Paths of the files, such as `filenames` of a loaded set; the files need not exist. Pass
        those of training and test set together.

    Returns
    -------
    proposal : GroupProposal
        `pattern`, `groups`, the candidates as a `table`, `reasons` and `examples`; printing it
        shows all of them. `pattern` is None where the names tell nothing.

    Raises
    ------
    ValueError
        Where `filenames` is empty, not 1-D, or holds anything but names of files.

    See Also
    --------
    load_image_folder : Takes the pattern as `groups`.
    dlboi.bias.check_groups : Tests groups on the images.

    Notes
    -----
    Names are read as words, numbers and what separates them, and names that are built alike are
    treated alike. Candidates are the folders above the images, the name up to each word or number
    that varies, and each number alone.

    A candidate may name patients where some group has two images, and where there are at least
    √n_files groups: fewer look like classes or sites. Of these, the outermost folder is proposed,
    then a number behind a word such as "patient", then what stands first in the name: images are
    counted within patients, and a key that is too coarse hides no leakage.

    Where words beside the number vary, the same number under two words may be one patient or two.
    The count of such numbers is compared with those that occur when the numbers of one word are
    shifted by 1 to 100, up and down, round their range. Where none of these reaches it, the
    numbers mean the same under both words, and the number alone is proposed. Otherwise the word is
    taken to be part of the patient, and the doubt is stated.

    Examples
    --------
    >>> from dlboi.datasets import infer_groups
    >>> names = [f"sick/P{patient:04d}_eye{eye}.png" for patient in range(8) for eye in (1, 2)]
    >>> proposal = infer_groups(names)
    >>> proposal.pattern
    '(P\\d+)'
    >>> proposal.groups[:4]
    array(['P0000', 'P0000', 'P0001', 'P0001'], dtype='<U5')
    >>> proposal.table["groups"], proposal.table["remark"][1]
    ([8, 16, 2], 'one image a group: it names images')
    """
    files = _below_common_folder(_as_text(filenames))
    names = [file.rsplit("/", 1)[-1].rsplit(".", 1)[0] for file in files]
    schemes = name_schemes(names)
    folders = folder_candidates(files)
    by_name, sharing, reasons = [], [], []
    if len(schemes) > _MAX_SCHEMES:
        reasons.append(f"Names are built in {len(schemes):,} ways: no common part was looked for.")
    else:
        keys = [scheme_keys(scheme) for scheme in schemes]
        sharing = [of_scheme[0].sharing for of_scheme in keys if of_scheme[0].sharing is not None]
        by_name = _name_candidates(files, schemes, keys)
    best = next((c for c in folders if not c.why_not), None) or next(
        (c for c in by_name[:1] if not c.why_not), None
    )
    candidates = [c for c in [best] if c] + [c for c in by_name + folders if c is not best]
    reasons += _reasons(best, candidates, sharing if best in by_name[:1] else [])
    return GroupProposal(
        pattern=None if best is None else best.pattern,
        groups=None if best is None else best.groups,
        table=candidate_table(candidates, files),
        reasons=reasons,
        examples={} if best is None else _examples(best.groups, files),
        filenames=np.array(files, dtype=str),
    )


def _as_text(filenames):
    entries = [] if isinstance(filenames, (str, os.PathLike)) else list(filenames)
    if not entries or not all(isinstance(entry, (str, os.PathLike)) for entry in entries):
        got = next((e for e in entries if not isinstance(e, (str, os.PathLike))), filenames)
        raise ValueError(
            "The 'filenames' parameter of infer_groups must hold at least one path, one an image. "
            f"Got {got!r} instead. A loaded set has them as dataset.filenames."
        )
    paths = [PurePosixPath(os.fspath(entry).replace("\\", "/")) for entry in entries]
    nameless = [entry for entry, path in zip(entries, paths, strict=True) if not path.name]
    if nameless:
        raise ValueError(
            f"The 'filenames' parameter of infer_groups must name files. Got {nameless[0]!r} in it "
            "instead."
        )
    return [str(path) for path in paths]


def _below_common_folder(paths):
    folders = [path.split("/")[:-1] for path in paths]
    n_common = 0
    for names in zip(*folders, strict=False):  # down to where the first path ends
        if len(set(names)) > 1:
            break
        n_common += 1
    return ["/".join(path.split("/")[n_common:]) for path in paths]


def _name_candidates(files, schemes, keys):
    """Return the most likely part of all schemes, then those with another part of one scheme."""
    best = [of_scheme[0] for of_scheme in keys]
    choices = [best]
    for number, of_scheme in enumerate(keys):
        choices += [[*best[:number], other, *best[number + 1 :]] for other in of_scheme[1:]]
    found = {}
    for choice in choices:
        candidate = name_candidate(files, schemes, choice)
        if candidate is not None and len(np.unique(candidate.groups)) > 1:
            found.setdefault(candidate.pattern, candidate)
    return list(found.values())


def _reasons(best, candidates, sharing):
    if best is None:
        return [
            "No folder and no part of the names has at least two images in some group and as many "
            "groups as patients might be. Name the patients by a CSV file, or a pattern that you "
            "know."
        ]
    n_usable = sum(not candidate.why_not for candidate in candidates)
    said = [
        f"Proposed is {best.text}. Of {len(candidates)} candidates, {n_usable} have a number of "
        "groups that may be that of patients; an outer folder is preferred to a name, a number "
        "behind a word such as 'patient' to others, and what stands first to what follows. This "
        "rests on the names alone: test it on the images with check_groups."
    ]
    return said + [_sharing_sentence(found) for found in sharing]


def _sharing_sentence(found):
    counts = ", ".join(f"{n:,} with {word!r}" for word, n in found.contexts.items())
    said = (
        f"The number occurs beside different words ({counts}); {found.n_shared:,} times one number "
        f"is shared by two words, where {found.by_chance:.1f} would be by chance. "
    )
    if found.more_than_chance:
        return said + "It seems to mean the same under each word, so the word is left out."
    return said + (
        "That is no more than chance: the number alone may merge different patients, so the word "
        "is kept. In doubt, compare both with check_groups(images, number, within=word and number)."
    )


def _examples(groups, files):
    names, sizes = np.unique(groups, return_counts=True)
    largest = names[np.argsort(-sizes, kind="stable")][:_N_EXAMPLES]
    return {
        str(name): [files[i] for i in np.flatnonzero(groups == name)[:_N_EXAMPLES]]
        for name in largest
    }
