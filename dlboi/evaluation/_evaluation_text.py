"""What is said of an evaluation in sentences."""

import numpy as np

from dlboi.reporting._words import counted


def headline(evaluation) -> str:
    """Return the accuracy with its interval, and what it is to be held against.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.

    Returns
    -------
    str
    """
    estimate, low, high = evaluation.scores["accuracy"]
    interval = "no interval"
    if np.isfinite(low):
        interval = f"{100 * evaluation.confidence_level:g} % interval {low:.3f} to {high:.3f}"
    support = evaluation.per_class["support"]
    return (
        f"Accuracy {estimate:.3f} ({interval}) on {_size(evaluation)}. Always giving the same "
        f"answer would reach {support.max() / support.sum():.3f} at best."
    )


def remarks(evaluation) -> list[str]:
    """Return what a reader must know besides: scorings of the set, what is missing and why.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.

    Returns
    -------
    list of str
    """
    said = [evaluation.scorings.sentences]
    absent = [
        name
        for name, n in zip(evaluation.target_names, evaluation.per_class["support"], strict=True)
        if n == 0
    ]
    if absent:
        said.append(f"No image is of class {', '.join(absent)}: scores that need one are n/a.")
    if evaluation.n_patients == 1:
        said.append("All images are of one patient: nothing says how patients differ.")
    elif 1 in evaluation.per_class.get("n_patients", ()):
        said.append(
            "Where a class has images of one patient only, scores that need it have no interval."
        )
    if evaluation.y_proba is None:
        said.append("The classifier gives no probabilities: scores that need them are n/a.")
    else:
        likely = evaluation.classes[evaluation.y_proba.argmax(axis=1)]
        n_other = np.count_nonzero(likely != evaluation.y_pred)
        if n_other:
            said.append(
                f"For {n_other} of {len(likely)} images the classifier predicts another class than "
                "the most probable one. The tables are of what it predicts, the confusion matrix "
                "in the figure is of the most probable class."
            )
    return said


def over(evaluation) -> str:
    """Return what the intervals are over, "patients" or "images"."""
    return "images" if evaluation.groups is None else "patients"


def _size(evaluation):
    images = counted(evaluation.n_images, "image")
    if evaluation.groups is None:
        return images
    patients = counted(evaluation.n_patients, "patient")
    if evaluation.aggregate is None:
        return f"{images} of {patients}"
    return f"{patients}, each scored by the mean over its images ({images} in all)"
