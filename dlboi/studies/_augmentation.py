"""The study of augmentation, random changes of the training images."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import PretrainedClassifier
from dlboi.metrics import MeanInterval
from dlboi.studies._compare import compare
from dlboi.studies._fit_gap import fit_gap
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._study_findings import accuracy_findings, difference_finding
from dlboi.studies._study_sentences import score_text
from dlboi.studies._transfer_recipe import TISSUE_RECIPE
from dlboi.studies._variants import variants

_GAPS = (
    "Training less validation accuracy at the kept epoch, with 95 % intervals. Changed images are "
    "harder to learn: with augmentation the training accuracy is that of changed images"
)


def augmentation_study(
    data,
    *,
    augmentations: Sequence | Mapping = (None, "histology"),
    estimator=None,
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Compare a classifier without and with random changes of its training images.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    augmentations : sequence, or mapping by name, default=(None, "histology")
        None or names of :data:`dlboi.training.AUGMENT_PRESETS`; in a mapping also transforms that
        take and return an image. The first is the reference.
    estimator : classifier of dlboi, default=None
        None takes that under Notes.
    parameters : mapping, default=None
        Parameters of it for all levels.
    n_repeats : int, default=3
        Repeats, each with a seed of its own.
    **options
        Of :func:`compare`: `validation`, `test`, `cv`, `n_jobs`, `random_state`, `memory` and
        others.

    Returns
    -------
    StudyResult
        A further table gives the gap between training and validation.

    Raises
    ------
    ValueError
        A parameter cannot be used.

    See Also
    --------
    dlboi.training.make_augmentation : What the presets change.

    Notes
    -----
    The default is a fine-tuned ResNet-34: cross entropy, Adam with lr 1e-3, half a cycle of a
    cosine over 100 epochs, batches of 32, the weights of the epoch with the best validation
    accuracy. With augmentation a network may need more epochs than without: a difference is one at
    this number of epochs.

    Examples
    --------
    >>> from dlboi import GAPClassifier
    >>> from dlboi.datasets import make_tissue_phantoms
    >>> from dlboi.studies import augmentation_study
    >>> phantoms = make_tissue_phantoms(60, image_size=32, random_state=0)
    >>> gap = GAPClassifier(max_epochs=1)
    >>> result = augmentation_study(phantoms, estimator=gap, test=0.3, n_repeats=2, verbose=0)
    >>> result.names
    ['no augmentation', 'histology']
    """
    if not isinstance(augmentations, Mapping):
        augmentations = {"no augmentation" if a is None else a: a for a in augmentations}
    own = {str(name): {"augment": augment} for name, augment in augmentations.items()}
    kind = {"estimator": estimator, "kind": PretrainedClassifier, "recipe": TISSUE_RECIPE}
    levels = variants("augmentation_study", own, parameters=parameters, **kind)
    result = compare(levels, data, n_repeats=n_repeats, **options)
    findings = [
        f"{result.reference} reaches {score_text(result, result.reference)} on the "
        f"{result.scored[-1]} images.",
        *accuracy_findings(result),
    ]
    if "validation" not in result.scored:
        return replace(result, findings=findings)
    gaps = [fit_gap(result, name) for name in result.names]
    for name in result.names[1:]:
        apart = MeanInterval(*fit_gap(result, name, result.reference))
        quantity = "the gap between training and validation accuracy"
        findings.append(difference_finding(quantity, name, result.reference, apart))
    columns = {
        "level": np.array(result.names),
        "training accuracy": np.array(
            [result.runs["train_accuracy"][result.done(name)].mean() for name in result.names]
        ),
        **{
            name: np.array([gap[place] for gap in gaps])
            for place, name in enumerate(("gap", "low", "high"))
        },
    }
    return replace(result, findings=findings, tables={_GAPS: columns})
