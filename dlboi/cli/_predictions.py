"""Predictions of the images of a folder."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlboi.datasets._decode_files import decode_files
from dlboi.datasets._folder_groups import folder_groups
from dlboi.evaluation import Evaluation, evaluate
from dlboi.reporting._csv_text import csv_text
from dlboi.training._replacing import replacing


@dataclass(frozen=True)
class Predictions:
    """Predictions of images.

    Attributes
    ----------
    files : list of str
        Paths of the images.
    names : list of str
        Names of the classes.
    probabilities : ndarray of shape (n_files, n_classes)
        Of each image and class.
    evaluation : Evaluation or None
        Scores; None where the true classes are not known.
    """

    files: list[str]
    names: list[str]
    probabilities: np.ndarray
    evaluation: Evaluation | None

    @property
    def predicted(self) -> list[str]:
        """Name of the predicted class of each image."""
        return [self.names[code] for code in self.probabilities.argmax(axis=1)]

    @property
    def counts(self) -> dict[str, int]:
        """Number of images that each class is predicted for."""
        counts = np.bincount(self.probabilities.argmax(axis=1), minlength=len(self.names))
        return dict(zip(self.names, counts.tolist(), strict=True))

    @property
    def text(self) -> str:
        """What is printed."""
        counts = ", ".join(f"{name} {n}" for name, n in self.counts.items())
        said = f"Predicted for {len(self.files)} images: {counts}."
        if self.evaluation is None:
            return (
                f"{said} No accuracy: not all images are in folders of the model's classes "
                f"({', '.join(self.names)}); --classes names these."
            )
        return f"{said}\n\n{self.evaluation.to_markdown()}"

    @property
    def document(self) -> dict:
        """What is printed as JSON."""
        scores, times = None, None
        if self.evaluation is not None:
            scores = {name: s._asdict() for name, s in self.evaluation.scores.items()}
            times = self.evaluation.times_scored
        return {
            "n_images": len(self.files),
            "classes": self.names,
            "n_predicted": self.counts,
            "scores": scores,
            "times_scored": times,
        }


def predict_files(
    classifier, names: list[str], root: Path, files: list[str], *, groups: str | None, verbose: bool
) -> Predictions:
    """Predict images, and score the predictions where the folders are classes.

    Parameters
    ----------
    classifier : ImageClassifier
        A fitted one.
    names : list of str
        Names of its classes.
    root : Path
        Folder of the images.
    files : list of str
        Paths of the images below `root`.
    groups : str or None
        Regular expression that finds the patient in the path of a file.
    verbose : bool
        Whether to show a progress bar.

    Returns
    -------
    Predictions
    """
    patients = folder_groups(files, groups, root)
    channels, *size = classifier.image_shape_
    images = decode_files(
        [str(root / file) for file in files],
        size=tuple(size),
        crop=None,
        channels=channels,
        expected=None,
        n_jobs=-1,
        verbose=verbose,
    )
    folders = [file.rpartition("/")[0].partition("/")[0] for file in files]
    if not set(folders) <= set(names):
        return Predictions(files, names, classifier.predict_proba(images), None)
    codes = [names.index(folder) for folder in folders]
    evaluation = evaluate(
        classifier, images, classifier.classes_[codes], groups=patients, target_names=names
    )
    return Predictions(files, names, evaluation.y_proba, evaluation)


def write_predictions(found: Predictions, path: Path) -> None:
    """Write a CSV file, which is whole or not there.

    Parameters
    ----------
    found : Predictions
        What to write.
    path : Path
        The file.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "predicted", *(f"probability_{name}" for name in found.names)])
    for file, name, row in zip(found.files, found.predicted, found.probabilities, strict=True):
        writer.writerow([csv_text(file), csv_text(name), *map(repr, row.tolist())])
    with replacing(path) as draft:
        # Names of files may hold bytes that are no text.
        draft.write(text.getvalue().encode(errors="surrogateescape"))
