"""What a study of pooled images concludes, in sentences that follow from intervals."""

import numpy as np

from dlboi.studies._pooled._divisions import AS_GIVEN, BY_IMAGE, BY_PATIENT
from dlboi.studies._pooled._origins import ALL, FROM_TEST, FROM_TRAIN, origin_names

#: What patients that are not known leave open; the warning of the study, and its first finding.
NO_PATIENTS = (
    "Patients are not known: the division by patient is left out, and what images of one patient "
    "on both sides of a division add is undecided. Name the patients as 'groups'."
)
_NO_CURE = (
    "Pooling asks another question than the given division does, and cures nothing: report both, "
    "with the accuracy by origin and by class, and keep the given test images as the external "
    "check."
)
_LEARNT = {
    BY_IMAGE: "others of their kind, and other images of their patients, are",
    BY_PATIENT: "others of their kind, of other patients, are",
}


def pooled_findings(result, found: dict) -> list[str]:
    """Say what pooling does to the accuracy, and what the mean of a pooled test part hides.

    Parameters
    ----------
    result : PooledShuffleResult
        The study.
    found : dict
        Its differences.

    Returns
    -------
    list of str
    """
    rows = _rows(result)
    pooled = [name for name in (BY_IMAGE, BY_PATIENT) if name in rows]
    sentences = [] if BY_PATIENT in rows else [NO_PATIENTS]
    sentences += [_as_given(rows[AS_GIVEN])]
    for name in pooled:
        sentences += [
            _against_given(rows[name], name, found[ALL, name, AS_GIVEN])
            + " "
            + _by_origin(result, rows[name], name, found[ALL, name, name]),
            _gain(result, name, found[FROM_TEST, name, AS_GIVEN]),
        ]
    if len(pooled) > 1:
        sentences += [_leakage(result, rows, found)]
    return [*sentences, _NO_CURE]


def _as_given(row):
    known = row["share_known"]
    shared = ""
    if known > 0:
        shared = (
            f" {100 * known:.1f} % of these test images have an image of their patient in training."
        )
    return (
        f"{AS_GIVEN.capitalize()}, {_percent(row, 'test')} of the test images are right, and "
        f"{_percent(row, 'validation')} of the validation images.{shared}"
    )


def _against_given(row, name, apart):
    score = f"{name.capitalize()}, {_percent(row, 'test')} of the test images are right"
    if not np.isfinite(apart.low):
        return f"{score}; whether that differs from the given division cannot be said."
    if apart.low <= 0 <= apart.high:
        return f"{score}; that may be as in the given division: {_points(apart)}."
    side = "more" if apart.estimate > 0 else "fewer"
    return f"{score}, {side} than as given: {_points(apart)}."


def _by_origin(result, row, name, apart):
    of_train, of_test = origin_names(result)
    for images, name in ((FROM_TRAIN, of_train), (FROM_TEST, of_test)):
        if not np.isfinite(row[images]):
            return f"None of these test images is one of the {name}."
    share = f"{100 * row['share_from_test']:.1f} % of these test images"
    scores = (
        f"{_percent(row, FROM_TEST)} of the {of_test} are right, and {_percent(row, FROM_TRAIN)} "
        f"of the {of_train}"
    )
    if not np.isfinite(apart.low):
        return f"{share} are {of_test}. {scores}; whether they differ cannot be said."
    if apart.low <= 0 <= apart.high:
        return (
            f"{share} are {of_test}. {scores}; whether they differ cannot be said: "
            f"{_points(apart)} between them."
        )
    if apart.estimate > 0:
        return (
            f"That mean hides how the {of_test} fare, which are {share}: {scores}, a difference of "
            f"{_points(apart)}."
        )
    return f"{share} are {of_test}, which fare better: {scores}, a difference of {_points(apart)}."


def _gain(result, name, apart):
    _, of_test = origin_names(result)
    if not np.isfinite(apart.low) or apart.low <= 0 <= apart.high:
        # Where no answer differs at all, an interval without width would say too much.
        found = f": {_points(apart)}" if apart.low < apart.high else ""
        return (
            f"Whether the same {of_test} are classified better {name}, than as given, cannot be "
            f"said{found}."
        )
    if apart.estimate < 0:
        return f"The same {of_test} are classified worse {name}, than as given: {_points(apart)}."
    return (
        f"The same {of_test} are classified better {name}, than as given: {_points(apart)}. There, "
        f"{_LEARNT[name]} learnt from: whether images of a kind that was never seen are "
        "classified well, only the given division asks."
    )


def _leakage(result, rows, found):
    known = [100 * rows[name]["share_known"] for name in (BY_IMAGE, BY_PATIENT)]
    shares = (
        f"By image, {known[0]:.1f} % of the test images have an image of their patient in "
        f"training, by patient {known[1]:.1f} %."
    )
    _, of_test = origin_names(result)
    sentences = [shares]
    for images, whose in ((ALL, "all test images"), (FROM_TEST, of_test)):
        apart = found[images, BY_IMAGE, BY_PATIENT]
        if not np.isfinite(apart.low) or apart.low <= 0 <= apart.high:
            size = f": {_points(apart)}" if np.isfinite(apart.low) else ""
            sentences.append(f"Whether that adds to the accuracy on {whose} cannot be said{size}.")
        else:
            side = "higher" if apart.estimate > 0 else "lower"
            sentences.append(
                f"The accuracy on {whose} is {side} by image than by patient: {_points(apart)}."
            )
    return " ".join(sentences)


def _rows(result):
    table = result.table
    return {
        name: {column: values[place] for column, values in table.items()}
        for place, name in enumerate(result.names)
    }


def _percent(row, column):
    estimate, low, high = (100 * row[column + bound] for bound in ("", "_low", "_high"))
    if not np.isfinite(estimate):
        return "an unknown share"
    interval = f" (95 % interval {low:.1f} to {high:.1f})" if np.isfinite(low) else ""
    return f"{estimate:.1f} %{interval}"


def _points(apart):
    estimate, low, high = (100 * value for value in apart[:3])
    return f"{estimate:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})"
