"""The figure of ``dlboi explain``."""

from pathlib import Path

import numpy as np

from dlboi.datasets._image_files import read_image
from dlboi.plotting import ActivationMapDisplay
from dlboi.training._replacing import replacing

_FORMATS = ("pdf", "png", "svg")


def check_format(path: Path) -> None:
    """Refuse a figure in a format that cannot be written."""
    if _format(path) not in _FORMATS:
        raise ValueError(
            f"The figure must end in {', '.join(f'.{name}' for name in _FORMATS)}. Got "
            f"{path.name!r} instead."
        )


def draw_map(classifier, names: list[str], image: Path, *, name: str | None, out: Path) -> dict:
    """Write the figure of a class activation map; it is whole or not there.

    Parameters
    ----------
    classifier : ImageClassifier
        A fitted one.
    names : list of str
        Names of its classes.
    image : Path
        Image file.
    name : str or None
        Class whose map is drawn; None takes the predicted one.
    out : Path
        File to write.

    Returns
    -------
    dict
        ``class`` of the map, ``predicted`` class and ``probabilities`` by class.
    """
    import matplotlib.pyplot as plt

    if not hasattr(classifier, "class_activation_map"):
        raise ValueError(
            f"{type(classifier).__name__} has no class activation map. Use a saved GAPClassifier "
            "or PretrainedClassifier."
        )
    if name is not None and name not in names:
        raise ValueError(
            f"--class must be one of the model's classes, {', '.join(map(repr, names))}. Got "
            f"{name!r} instead; --classes gives them other names."
        )
    channels, *size = classifier.image_shape_
    pixels = read_image(image, size=tuple(size), channels=channels)[np.newaxis]
    shares = classifier.predict_proba(pixels)[0]
    code = shares.argmax() if name is None else names.index(name)
    display = ActivationMapDisplay.from_estimator(
        classifier, pixels, classifier.classes_[[code]], display_labels=names
    )
    try:
        with replacing(out) as draft:
            display.figure_.savefig(draft, format=_format(out), dpi=150)
    finally:
        plt.close(display.figure_)
    return {
        "class": names[code],
        "predicted": names[shares.argmax()],
        "probabilities": dict(zip(names, shares.tolist(), strict=True)),
    }


def _format(path):
    return path.suffix.lower().removeprefix(".")
