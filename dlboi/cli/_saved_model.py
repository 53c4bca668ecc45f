"""A saved classifier, with names for its classes."""

from pathlib import Path

from dlboi.classifiers import load


def load_model(path: Path, classes: list[str] | None):
    """Read a classifier that ``save`` has written.

    Parameters
    ----------
    path : Path
        The file.
    classes : list of str or None
        Names of its classes, in the order of its labels; None takes the labels.

    Returns
    -------
    classifier : ImageClassifier
        A fitted one.
    names : list of str
        Names of its classes.
    """
    classifier = load(path)
    labels = [str(label) for label in classifier.classes_.tolist()]
    names = labels if classes is None else classes
    if len(names) != len(labels) or len(set(names)) < len(names):
        raise ValueError(
            f"--classes must give {len(labels)} different names, for the labels "
            f"{', '.join(labels)} of {str(path)!r}. Got {', '.join(map(repr, names))} instead."
        )
    return classifier, names
