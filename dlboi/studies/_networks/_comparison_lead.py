"""The answer of a comparison of networks, in a paragraph."""

import numpy as np

from dlboi.studies._networks._overlap import overlap_sentences


def comparison_lead(comparison) -> str:
    """Return which network was best, how good it is, and what speaks against believing it."""
    cohort = comparison.cohort
    sentences = [
        *_answer(comparison.results, cohort),
        *_beside_the_most_frequent(comparison.results, cohort),
        *_missing_classes(cohort),
        *_drop(comparison.results),
        *overlap_sentences(cohort),
    ]
    if cohort.training.groups is None:
        sentences.append(
            "No patients were given, so images of one patient may be on both sides of a division, "
            "and the accuracies may be too high."
        )
    return " ".join(sentences)


def _answer(results, cohort):
    validation, names = results["validation_accuracy"], results["network"]
    best = int(np.argmax(validation))
    tied = [str(name) for name in names[validation == validation[best]]]
    accuracy, low, high = _accuracy(results, "test")
    test = (
        f"classified {_percent(accuracy)} of the {len(cohort.test.target)} test images correctly "
        f"(95 % interval {_percent(low)} to {_percent(high)})."
    )
    correct = f"on the validation images ({_percent(validation[best])} correct)"
    if len(tied) == 1:
        return [f"{tied[0]} was best {correct} and {test}"]
    shown = f"{', '.join(tied[:-1])} and {tied[-1]}"
    return [f"{shown} were equally good {correct}.", f"{tied[0]}, the first of them, {test}"]


def _beside_the_most_frequent(results, cohort):
    share = cohort.test.share_of(cohort.most_frequent)
    accuracy, low, _ = _accuracy(results, "test")
    if low > share:
        return []
    difference = (
        "the network is not better than that"
        if accuracy <= share
        else "chance may explain the difference"
    )
    return [
        f"To answer '{cohort.most_frequent}', the most frequent class in training, for every test "
        f"image is right for {_percent(share)} of them: {difference}."
    ]


def _missing_classes(cohort):
    for part_name in ("validation", "test"):
        missing = np.setdiff1d(cohort.target_names, getattr(cohort, part_name).target)
        if len(missing):
            shown = ", ".join(f"'{name}'" for name in missing)
            yield f"The {part_name} images hold no image of {shown}."


def _drop(results):
    before, after = (_accuracy(results, part) for part in ("validation", "test"))
    if before[1] <= after[2] and after[1] <= before[2]:
        return []
    gap = before[0] - after[0]
    return [
        f"In the test, the share is {100 * abs(gap):.1f} points {'lower' if gap > 0 else 'higher'} "
        "than in validation, and the two intervals do not overlap: chance alone does not explain "
        "it. The test images may differ from the training images; that the validation images "
        "chose the epoch and the network can explain a part."
    ]


def _accuracy(results, part):
    best = int(np.argmax(results["validation_accuracy"]))
    return [float(results[f"{part}_{name}"][best]) for name in ("accuracy", "low", "high")]


def _percent(share):
    return f"{100 * share:.1f} %"
