"""The numbers of a verdict, in sentences."""

from dlboi.reporting._words import counted, p_text
from dlboi.studies._bias._explanations import OF_CLASS
from dlboi.studies._bias._words import lost_or_gained, percent, points


def number_sentences(report, verdict) -> list[str]:
    """Return the numbers that a verdict rests on.

    Parameters
    ----------
    report : BiasReport
        The study.
    verdict : Verdict
        One of its verdicts.

    Returns
    -------
    list of str
        Empty where nothing was measured.
    """
    if verdict.name == "duplicates across splits":
        return _of_duplicates(report.steps.get("duplicates"))
    said = _of_effect(verdict)
    if verdict.name == "chance explains the gap" and said:
        said += _of_permutations(report.steps.get("gap"))
    if verdict.name.startswith(OF_CLASS):
        said += _of_shift(report.steps.get("covariate_shift"), verdict.name.removeprefix(OF_CLASS))
    if verdict.name == "shortcut risk" and report.steps.get("shortcut"):
        said = [*_of_statistics(report.steps.get("shortcut"), report.part_names), *said]
    return said


def _of_effect(verdict):
    effect = verdict.effect
    if effect.estimate != effect.estimate:
        return []
    said = [f"{lost_or_gained(effect)}."]
    if verdict.p_adjusted == verdict.p_adjusted:
        said.append(
            f"P-value of the claim, adjusted for all verdicts: {p_text(verdict.p_adjusted)}."
        )
    if verdict.smallest == verdict.smallest:
        said.append(
            f"Images like these would have shown a loss of {points(verdict.smallest)} points in "
            "four of five studies."
        )
    return said


def _of_permutations(gap):
    if not len(gap.null_gaps):
        return []
    return [
        "That p-value is small where the gap is practically nothing. The other way round, "
        f"{counted(len(gap.null_gaps), 'permutation')} give a p-value of {p_text(gap.p_value)}, "
        "small where the two parts differ."
    ]


def _of_duplicates(found):
    if found is None:
        return []
    n_exact = int((found.cross_split & (found.kinds == "exact")).sum())
    n_near = int(found.cross_split.sum()) - n_exact
    said = [
        f"{counted(n_exact, 'exact pair')} and {counted(n_near, 'near pair')} across the parts; "
        f"{counted(len(found.pairs), 'pair')} in all."
    ]
    if found.recall:
        said.append(
            f"Of changed copies that were planted for a test, the search found "
            f"{percent(found.recall['all'])}."
        )
    return said


def _of_shift(shift, name):
    found = [each for each in getattr(shift, "classes", ()) if each.name == name]
    if not found or not found[0].is_decided:
        return []
    controls = found[0].controls
    return [
        f"The parts are told apart with an area under the ROC curve of {controls.auc:.2f}; 0.5 is "
        f"not at all. Parts of the training images that follow each other stay below "
        f"{controls.bound:.2f}."
    ]


def _of_statistics(found, part_names):
    alone, model = found.by_statistics, found.by_model
    return [
        f"Balanced accuracy of the statistics alone: {percent(alone[0].estimate)} inside "
        f"{part_names[0]}, where the classifier has {percent(model[0].estimate)}; "
        f"{percent(alone[1].estimate)} on {part_names[1]}, where it has "
        f"{percent(model[1].estimate)}. What follows is about the statistics:"
    ]
