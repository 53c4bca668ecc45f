"""Sentences about the levels of a study, each with its interval and what it does not show."""

import numpy as np


def accuracy_findings(result) -> list[str]:
    """Say of each level how its accuracy differs from that of the reference.

    Parameters
    ----------
    result : StudyResult
        The study.

    Returns
    -------
    list of str
        One sentence or two for each level but the reference, and one for each level that has learnt
        nothing in some of its runs.
    """
    table, part = result.table, result.scored[-1]
    score = result.metric.replace("_", " ")
    base = table[part][result.names.index(result.reference)]
    others = len(result.names) - 1
    sentences = []
    for place, name in enumerate(result.names):
        if name == result.reference:
            continue
        estimate, apart, low, high, p_value = (
            float(table[column][place])
            for column in (part, "difference", "difference_low", "difference_high", "p_holm")
        )
        if not np.isfinite(apart):
            sentences.append(f"{name} and {result.reference} have no run in common to compare.")
            continue
        adjusted = f", adjusted for {others} comparisons" if others > 1 else ""
        bounds = "no interval"
        if np.isfinite([low, high]).all():
            bounds = f"95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
        if np.isfinite(p_value):
            bounds += f"; p {'< 0.001' if p_value < 0.001 else f'= {p_value:.3f}'}{adjusted}"
        sentence = (
            f"{name}: {part} {score} {100 * estimate:.1f} %, against {100 * base:.1f} % of "
            f"{result.reference}; difference {100 * apart:+.1f} points ({bounds})."
        )
        if not p_value < 0.05:
            sentence += " That may be chance: this study does not tell the two apart."
        sentences.append(sentence)
    return [*sentences, *_nothing_learnt(result)]


def _nothing_learnt(result):
    """Say which networks call all images the same: a mean over such runs and others misleads."""
    part = result.scored[-1]
    for name in result.names:
        done = result.done(name)
        same = [run for run in done if np.ptp(result.arrays[run][f"{part}_predicted"]) == 0]
        same = [run for run in same if np.ptp(result.truth_of(run, part)) > 0]
        if same:
            loss = np.mean(result.runs["train_loss"][same])
            yield (
                f"{name} says of all {part} images that they are of one class in {len(same)} of "
                f"{len(done)} runs: it has learnt nothing there (training loss {loss:.3f} nats). "
                "Train it longer, with another learning rate or with less weight decay before it "
                "is compared."
            )


def difference_finding(quantity: str, name: str, reference: str, apart, unit: str = "") -> str:
    """Say whether a quantity of a level differs from that of another one.

    Parameters
    ----------
    quantity : str
        What is compared, with its article.
    name, reference : str
        The levels.
    apart : MeanInterval
        The difference, that of `reference` taken from that of `name`.
    unit : str, default=""
        Unit of the quantity.

    Returns
    -------
    str
    """
    if not np.isfinite(apart.low):
        found = f"{apart.estimate:+.3g}{_unit(unit)}" if np.isfinite(apart.estimate) else "unknown"
        return (
            f"Whether {quantity} of {name} differs from that of {reference} cannot be said: the "
            f"difference is {found}, and these runs give no interval."
        )
    interval = f"95 % interval {apart.low:+.3g} to {apart.high:+.3g}"
    if apart.low <= 0 <= apart.high:
        return (
            f"Whether {quantity} of {name} differs from that of {reference} cannot be said: the "
            f"difference is {apart.estimate:+.3g}{_unit(unit)} ({interval})."
        )
    side = "higher" if apart.estimate > 0 else "lower"
    size = f"{abs(apart.estimate):.3g}{_unit(unit)}"
    return f"{_capital(quantity)} of {name} is {size} {side} than that of {reference} ({interval})."


def _unit(unit):
    return f" {unit}" if unit else ""


def _capital(text):
    return text[:1].upper() + text[1:]
