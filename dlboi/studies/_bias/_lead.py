"""The answer of a study of dataset bias, for a person who has never heard of covariate shift."""

import numpy as np

from dlboi.bias._verdict import NOT_SUPPORTED, SUPPORTED, UNDECIDED
from dlboi.reporting._words import as_sentence, listed, p_text
from dlboi.studies._bias._claims import CHANCE
from dlboi.studies._bias._explanations import OF_CLASS, explanation_of
from dlboi.studies._bias._origins import origin_accuracies
from dlboi.studies._bias._words import lost_or_gained, percent, points


def bias_lead(report) -> str:
    """Return what came out: the gap, what explains it, what does not, and what to do.

    Parameters
    ----------
    report : BiasReport
        The study.

    Returns
    -------
    str
        Paragraphs.
    """
    paragraphs = [_without_patients(report), _gap(report), _explains(report), _does_not(report)]
    paragraphs += [_undecided(report), _advice(report), _whose(report)]
    return "\n\n".join(filter(None, paragraphs))


def _gap(report):
    train, test = report.part_names
    if report.accuracies is None:
        return as_sentence(f"the gap was not measured: {report.steps.reasons['gap']}")
    validation, tested = map(percent, report.accuracies)
    effect = report.steps.get("gap").gap
    unseen = "of new patients" if _has_patients(report) else "that it has not seen"
    return (
        f"Learning from {train}, the classifier is right on {validation} of the images {unseen} of "
        f"{train} (validation), and on {tested} of those of {test}: {lost_or_gained(effect)}. "
        f"{_chance(report)}"
    )


def _has_patients(report):
    return report.settings["patients are named"]


def _chance(report):
    verdict, margin = report.verdict(CHANCE), report.settings["margin"]
    if verdict.verdict == SUPPORTED:
        return f"That is practically no difference: it lies within {100 * margin:g} points of zero."
    if verdict.verdict == NOT_SUPPORTED:
        p_value = report.steps.get("gap").p_value
        if p_value <= report.settings["alpha"]:
            return f"Chance does not explain that (permutation p-value {p_text(p_value)})."
        return "Chance does not explain that: other shares of the classes are a part of it."
    if verdict.effect.high < margin:
        return "There is no loss to explain."
    return "Whether it is more than chance cannot be decided with these images."


def _explains(report):
    found = [verdict for verdict in report.verdicts if verdict.verdict == SUPPORTED]
    found = [verdict for verdict in found if verdict.name != CHANCE]
    if not found and report.verdict(CHANCE).verdict == NOT_SUPPORTED:
        return "Which cause it is, the images do not show clearly."
    if not found:
        return ""
    found.sort(key=lambda verdict: -np.nan_to_num(verdict.effect.low, nan=-1.0))
    shown = (f"{_brief(report, verdict)}{_cost(verdict)}" for verdict in found)
    return as_sentence(f"what the images show: {'; '.join(shown)}")


def _does_not(report):
    found = [
        _brief(report, verdict)
        for verdict in report.verdicts
        if verdict.verdict == NOT_SUPPORTED and verdict.name != CHANCE
    ]
    if not found:
        return ""
    return as_sentence(f"what they speak against: that {'; that '.join(found)}")


def _undecided(report):
    # "threshold only" follows from two others.
    undecided = [verdict for verdict in report.verdicts if verdict.verdict == UNDECIDED]
    undecided = [v for v in undecided if v.name not in (CHANCE, "threshold only")]
    measured = [v for v in undecided if v.effect.estimate == v.effect.estimate]
    others = [verdict.name for verdict in undecided if verdict not in measured]
    said = []
    if measured:
        open_ = "; whether ".join(_brief(report, v) + _cost(v) for v in measured)
        said.append(as_sentence(f"what they leave open: whether {open_}"))
    if others:
        said.append(as_sentence(f"nothing is known of: {listed(others)}; below it says why"))
    return " ".join(said)


def _brief(report, verdict):
    return explanation_of(verdict.name, report.part_names).brief


def _cost(verdict):
    """Return what is lost, e.g. " (3.1 points, 1.2 to 5.0)"."""
    estimate, low, high, _ = verdict.effect
    if estimate != estimate:
        return ""
    of = " of its recall" if verdict.name.startswith(OF_CLASS) else ""
    of = " of what these reach" if verdict.name == "shortcut risk" else of
    interval = f", {points(low)} to {points(high)}" if low == low else ""
    return f" ({points(estimate)} points{of}{interval})"


def _without_patients(report):
    if _has_patients(report):
        return ""
    return (
        "NO PATIENTS WERE NAMED. Images of one patient may be on both sides of every division, "
        "nothing can be said of leakage, and all intervals are too narrow if patients have several "
        "images. Name them with 'groups'."
    )


def _advice(report):
    train, test = report.part_names
    return (
        f"Report both scores, that of the validation by patient and that of {test}, with their "
        f"intervals and for each class, and keep {test} as it is, as the check from outside. To "
        f"pool {train} and {test} and divide them anew is no cure: the difference would be hidden "
        f"in the mean, not gone. {_pooled(report)}".rstrip()
    )


def _pooled(report):
    """Return what pooling does to the images of each part."""
    found = origin_accuracies(report)
    if found is None or len(found[0]) == 1:
        return ""
    train, test = map(percent, found[1][0, -1])
    how = "by patient" if _has_patients(report) else "by image"
    return (
        f"After pooling and dividing {how}, the classifier, which then learns from both, is right "
        f"on {test} of the images of {report.part_names[1]} and on {train} of those of "
        f"{report.part_names[0]}."
    )


def _whose(report):
    return as_sentence(f"these are statements about {report.whose_in_full}")
