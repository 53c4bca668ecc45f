"""What a study of transfer says of its levels."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from dlboi.studies._choice_adjust import choice_adjust
from dlboi.studies._study_findings import accuracy_findings
from dlboi.studies._study_sentences import ALPHA, best_level, score_text, some_levels


def transfer_findings(result, backbones: Sequence[str], modes: Sequence[str]) -> list[str]:
    """Say which level does best, and compare the modes of a backbone and the backbones of a mode.

    Parameters
    ----------
    result : StudyResult
        Its levels are named ``"<backbone>, <mode>"``.
    backbones, modes : sequence of str
        Of the levels, some of which may be missing.

    Returns
    -------
    list of str
        Modes are compared with fine-tuning, backbones with the first. The level that does best is
        chosen by these scores, and p-values of differences to it are adjusted for the choice.
    """
    families = _families(result, backbones, modes)
    differences = (accuracy_findings(some_levels(result, names)) for names in families)
    return [_best_sentence(result), *chain.from_iterable(differences)]


def seconds_table(result) -> dict[str, np.ndarray]:
    """Return the seconds of training and validation of each level.

    Parameters
    ----------
    result : StudyResult
        The study.

    Returns
    -------
    dict of str to ndarray
        ``level``, training of the first run, mean of the others, and validation.
    """
    rows = []
    for name in result.names:
        runs = result.done(name)
        training, scoring = (
            result.runs[f"{part}_seconds"][runs] for part in ("train", "validation")
        )
        first, later = (v.mean() if len(v) else np.nan for v in (training[:1], training[1:]))
        rows.append((name, first, later, scoring.mean() if len(scoring) else np.nan))
    names = ("level", "training, first run", "training, mean of the others", "validation, mean")
    columns = zip(*rows, strict=True)
    return {name: np.array(column) for name, column in zip(names, columns, strict=True)}


def _families(result, backbones, modes):
    """Yield names of levels to compare: the modes of a backbone, then the backbones of a mode."""
    ordered = sorted(modes, key=lambda mode: mode != "fine-tuned")
    families = [[f"{backbone}, {mode}" for mode in ordered] for backbone in backbones]
    families += [[f"{backbone}, {mode}" for backbone in backbones] for mode in modes]
    for family in families:
        names = [name for name in family if name in result.names]
        if len(names) > 1:
            yield names


def _best_sentence(result):
    """Say which level does best, and which smaller one is not clearly worse."""
    best = best_level(result)
    table = replace(result, reference=best).table
    p_values = choice_adjust(table["p_value"], len(result.names))
    size = dict(zip(result.names, table["n_parameters"], strict=True))
    smaller = [
        name
        for name, p_value in zip(result.names, p_values, strict=True)
        if size[name] < size[best] and not p_value < ALPHA
    ]
    sentence = (
        f"{best} does best on the {result.scored[0]} images: {score_text(result, best)} on the "
        f"{result.scored[-1]} images."
    )
    if not smaller:
        return sentence
    smallest = min(smaller, key=size.get)
    row = result.names.index(smallest)
    low, high = (100 * table[f"difference_{bound}"][row] for bound in ("low", "high"))
    return (
        f"{sentence} {smallest}, with {size[smallest]:,.0f} in the place of {size[best]:,.0f} "
        f"parameters, is not clearly worse, adjusted for the choice (95 % interval of the "
        f"difference, not adjusted, {low:+.1f} to {high:+.1f} points)."
    )
