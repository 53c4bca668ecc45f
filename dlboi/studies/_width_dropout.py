"""The study of the width of a hidden layer and of dropout."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import ANNClassifier
from dlboi.studies._compare import compare
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._run_statistics import HOLDS_FOR, of_level, table_of_means
from dlboi.studies._study_findings import accuracy_findings
from dlboi.studies._study_levels import study_levels
from dlboi.studies._training_score import TrainingScore

_RECIPE = {
    "batch_norm": True,
    "optimizer": "adam",
    "lr": 1e-3,
    "schedule": "cosine",
    "batch_size": 32,
    "max_epochs": 90,
}
_LEARNING, _FIXED, _VALIDATION = (
    "training accuracy, while learning",
    "training accuracy, fixed weights, no dropout",
    "validation accuracy",
)


def width_dropout_study(
    data,
    *,
    widths: Sequence[int] = (64, 256),
    dropouts: Sequence[float] = (0.0, 0.5),
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Ask what a wider hidden layer and dropout do for a fully connected network.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    widths : sequence of int, default=(64, 256)
        Neurons of the one hidden layer.
    dropouts : sequence of float, default=(0.0, 0.5)
        Probabilities that a hidden neuron is left out of a training step. Each width with each of
        these is a level.
    parameters : mapping of str to object, default=None
        Parameters of :class:`~dlboi.ANNClassifier` for all levels, beside or in the place of those
        of the experiment: batch normalisation, Adam, learning rate 1e-3 that falls to 0 as a
        cosine, batches of 32 images, 90 epochs.
    n_repeats : int, default=3
        Repeats, each with a seed of its own.
    **options
        Other options of :func:`compare`: `validation`, `test`, `cv`, `n_jobs` and so on.

    Returns
    -------
    StudyResult
        `tables` holds the accuracy on the training images, while the network learns and after.

    Raises
    ------
    ValueError
        A parameter cannot be used.

    See Also
    --------
    architecture_study : Other kinds of networks.

    Notes
    -----
    With dropout the accuracy that is recorded in training is one of a network with neurons left
    out, and may lie below the validation accuracy for that reason alone. The training images are
    therefore scored once more after each epoch, as the validation images are.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import width_dropout_study
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> result = width_dropout_study(
    ...     phantoms, widths=(8,), parameters={"max_epochs": 2}, n_repeats=1, verbose=0
    ... )
    >>> result.names
    ['8 neurons, dropout 0', '8 neurons, dropout 0.5']
    """
    levels = {
        f"{width} neurons, dropout {dropout:g}": (
            ANNClassifier,
            {"hidden_layer_sizes": (width,), "dropout": dropout},
        )
        for width in widths
        for dropout in dropouts
    }
    estimators = study_levels(
        "width_dropout_study",
        levels,
        recipe=_RECIPE,
        parameters=parameters,
        callbacks=[TrainingScore()],
    )
    result = compare(estimators, data, n_repeats=n_repeats, **options)
    scores = {
        _LEARNING: result.runs["train_accuracy"],
        _FIXED: _of_the_best_epoch(result, "training_images_accuracy"),
        _VALIDATION: result.runs["validation_accuracy"],
    }
    caption = (
        f"Accuracy at the epoch that was kept, means and differences to {result.reference} "
        f"({HOLDS_FOR})."
    )
    findings = [*accuracy_findings(result), *_training_findings(result, scores)]
    table = table_of_means(result, scores, within=(0, 1))
    return replace(result, findings=findings, tables={caption: table})


def _of_the_best_epoch(result, key):
    values = np.full(len(result.arrays), np.nan)
    for name in result.names:
        for run, history in zip(result.done(name), result.histories[name], strict=True):
            values[run] = history[key][int(result.runs["best_epoch"][run]) - 1]
    return values


def _training_findings(result, scores):
    for name in result.names:
        learning, fixed, validation = (
            100 * of_level(result, name, scores[key]).estimate
            for key in (_LEARNING, _FIXED, _VALIDATION)
        )
        if learning < validation:
            sentence = (
                f"{name}: while it learns, {learning:.1f} % of the training images are classified "
                f"correctly, fewer than of the validation images ({validation:.1f} %); with fixed "
                f"weights and without dropout it is {fixed:.1f} %."
            )
            if fixed >= validation:
                sentence += " The lower number is one of the way it is recorded."
            yield sentence
