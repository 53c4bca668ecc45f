"""What is said of a patient key in sentences."""

import numpy as np

from dlboi.reporting._words import counted, named

_FEW_IDS = 10


def group_sentences(check) -> list[str]:
    """Return what the images say of a patient key, and what they cannot say.

    Parameters
    ----------
    check : GroupCheck
        The check.

    Returns
    -------
    list of str
    """
    said = [
        f"{check.n_images:,} images of {counted(check.n_groups, 'id')}, "
        f"{check.n_repeated:,} of which {'has' if check.n_repeated == 1 else 'have'} two images or "
        "more.",
        _of_likeness(check),
    ]
    if check.across.n_ids:
        said.append(_of_parts(check.across))
    if check.between.n_ids:
        said.append(_of_nesting(check))
    said += _of_spans(check)
    if check.unlike:
        n, of = len(check.unlike), check.alike.n_ids
        said.append(
            f"Of {counted(of, 'id')} with images to compare, {n:,} "
            f"{'has' if n == 1 else 'have'} images less alike than those of different ids "
            f"({named(check.unlike)}); half of them would if ids meant nothing. An id among them "
            "may join different patients, or one patient's images may differ."
        )
    if check.look_alikes:
        pairs = [f"{a} and {b}" for a, b, _ in check.look_alikes]
        said.append(
            f"{counted(len(pairs), 'pair')} of ids {'is' if len(pairs) == 1 else 'are'} far more "
            f"alike than either is to any third ({named(pairs)}). Each may be one patient under "
            "two ids, and about one in ten is by chance: look at the images."
        )
    return said


def _of_likeness(check):
    alike = check.alike
    if check.n_groups == 1:
        return "There is one id only: nothing tells whether it is one patient."
    if not alike.n_ids:
        return (
            "No id has two images of one class and part, beside images of other ids: whether the "
            "ids are patients cannot be tested on the images."
        )
    measured = (
        f"An image is more like another one of its id than like one of a different id of its class "
        f"with probability {_interval(alike)}, over {counted(alike.n_ids, 'id')}; 0.5 would mean "
        f"that ids say nothing (permutation p = {alike.p_value:.3g})."
    )
    if alike.n_ids < _FEW_IDS:
        measured += f" {counted(alike.n_ids, 'id')} {'is' if alike.n_ids == 1 else 'are'} few."
    return (
        measured
        + {
            "supported": (
                " The ids tell which images belong together, as patients do; sessions, scanners or "
                "slides would do the same."
            ),
            "contradicted": (
                " Images of one id are hardly more alike than those of strangers: the ids are "
                "probably no patients, or join different ones."
            ),
            "undecided": " That does not decide whether the ids are patients.",
        }[check.verdict]
    )


def _of_parts(across):
    said = (
        f"{counted(across.n_ids, 'id')} {'has' if across.n_ids == 1 else 'have'} images of one "
        f"class in two parts; that such an id is more like itself in the other part than like a "
        f"different one has probability {_interval(across)} (p = {across.p_value:.3g})."
    )
    if across.p_value <= 0.05 and across.estimate > 0.5:
        return f"{said} They seem to be the same patients in both parts."
    if across.high < 0.55:
        return f"{said} They are probably different patients whose ids coincide."
    return f"{said} Whether they are the same patients or ids that coincide is not decided."


def _of_nesting(check):
    within, between = check.alike_within, check.between
    said = (
        f"Nested ids: for two images of one nested id the probability is {_interval(within)}, for "
        f"two nested ids of one id {_interval(between)} (p = {between.p_value:.3g}, "
        f"{counted(between.n_ids, 'id')})."
    )
    if between.high < 0.55:
        return (
            f"{said} Nested ids of one id are hardly more alike than strangers: the outer id "
            "probably joins different patients."
        )
    if between.high < within.low:
        said += " Nested ids of one id are less alike than the images of one nested id"
        if between.low > 0.5:
            return f"{said}, and more than strangers."
        return (
            f"{said}, and whether they are more alike than strangers is not decided: the outer id "
            "may join different patients."
        )
    if between.low > 0.5 and between.p_value <= 0.05:
        return f"{said} Nested ids of one id are more alike than strangers: split by the outer id."
    return f"{said} Whether the outer id joins different patients is not decided."


def _of_spans(check):
    said = []
    if check.spanning_classes:
        n = len(check.spanning_classes)
        said.append(
            f"{counted(n, 'id')} {'has' if n == 1 else 'have'} images in several classes "
            f"({named(check.spanning_classes)}): right for findings that vary within a patient, "
            "and a sign of a wrong key where a patient has one diagnosis."
        )
    if check.spanning_parts:
        n = len(check.spanning_parts)
        said.append(
            f"{counted(n, 'id')} {'has' if n == 1 else 'have'} images in several parts "
            f"({named(check.spanning_parts)}): leakage where they are the same patients."
        )
    if check.spanning_groups:
        n = len(check.spanning_groups)
        said.append(
            f"{counted(n, 'nested id')} {'occurs' if n == 1 else 'occur'} under several ids "
            f"({named(check.spanning_groups)}): taken as different ones."
        )
    return said


def _interval(found):
    if np.isnan(found.low):
        return f"{found.estimate:.2f} (no interval)"
    return f"{found.estimate:.2f} (95 % interval {found.low:.2f} to {found.high:.2f})"
