"""The study of division, how many images validate and how many there are to learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import PretrainedClassifier
from dlboi.metrics import MeanInterval
from dlboi.studies._compare import compare
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._result._table import interval_of_runs
from dlboi.studies._study_findings import accuracy_findings
from dlboi.studies._transfer_recipe import TRANSFER_RECIPE
from dlboi.studies._variants import variants

_CURVE = (
    "Learning curve: accuracy on the test images against the number of training images (about, "
    "where patients are kept together)"
)


def split_ratio_study(
    data,
    *,
    shares: Sequence[float] = (0.2, 0.3, 0.4),
    test=0.2,
    estimator=None,
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Compare divisions into training and validation images, tested on the same images.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from and to validate on.
    shares : sequence of float, default=(0.2, 0.3, 0.4)
        Shares of these that validate, and choose the epoch. The first is the reference. With
        larger ones the learning curve becomes longer.
    test : float, Bunch or tuple, default=0.2
        Images that choose nothing, the same for all divisions of a repeat: a set of its own, or a
        share that is drawn anew for each repeat.
    estimator : classifier of dlboi, default=None
        None takes that under Notes.
    parameters : mapping, default=None
        Parameters of it for all levels.
    n_repeats : int, default=3
        Repeats, each with divisions and a seed of its own.
    **options
        Of :func:`compare`: `cv` (with ``test=None``), `n_jobs`, `random_state`, `memory` and others
        but `validation`.

    Returns
    -------
    StudyResult
        Its levels are named by the share of training and validation images. A further table is the
        learning curve.

    Raises
    ------
    ValueError
        A share is not between 0 and 1, or `validation` is given.

    See Also
    --------
    dlboi.training.validation_split : How the images are divided.

    Notes
    -----
    Each classifier divides the images itself (`validation_fraction`), stratified and by patient.
    The division changes two things at once: fewer images to learn from, and more to choose the
    epoch on.

    The default is a fine-tuned ResNet-18: cross entropy, Adam with lr 1e-3, half a cycle of a
    cosine over 30 epochs, batches of 32, the weights of the epoch with the best validation
    accuracy.

    What a doubling of the training images brings is, for each test image, the least-squares slope
    of being right over the logarithm of their number, averaged over images and repeats.

    Examples
    --------
    >>> from dlboi import GAPClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import split_ratio_study
    >>> phantoms = make_chest_phantoms(80, image_size=32, random_state=0)
    >>> result = split_ratio_study(
    ...     phantoms, shares=(0.2, 0.4), estimator=GAPClassifier(max_epochs=1), verbose=0
    ... )
    >>> [table["training images"].tolist() for table in result.tables.values()]
    [[51, 38]]
    """
    if "validation" in options:
        raise ValueError(
            "split_ratio_study takes no 'validation' parameter: each level divides the images "
            "itself. Pass 'shares'."
        )
    for share in shares:
        if not 0 < share < 1:
            raise ValueError(
                "The 'shares' parameter of split_ratio_study must hold shares between 0 and 1. Got "
                f"{share!r} instead."
            )
    own = {
        f"{100 * (1 - share):.4g} % / {100 * share:.4g} %": {"validation_fraction": share}
        for share in shares
    }
    kind = {"estimator": estimator, "kind": PretrainedClassifier, "recipe": TRANSFER_RECIPE}
    levels = variants("split_ratio_study", own, parameters=parameters, **kind)
    result = compare(levels, data, validation=None, test=test, n_repeats=n_repeats, **options)
    result = _with_divisions(result, dict(zip(result.names, shares, strict=True)))
    sizes = {
        f"{title} images": np.array(
            [round(result.runs[f"n_{part}"][result.runs["level"] == name].mean()) for name in own]
        )
        for title, part in (("training", "train"), ("validation", "validation"))
    }
    curve = {
        "division": np.array(result.names),
        **sizes,
        "accuracy": result.table["test"],
        "low": result.table["test_low"],
        "high": result.table["test_high"],
    }
    gain = _gain_of_doubling(result, sizes["training images"])
    findings = [*accuracy_findings(result), _gain_finding(gain, sizes["training images"])]
    return replace(result, findings=findings, tables={_CURVE: curve})


def _with_divisions(result, shares):
    """Return a result that tells the training images of a run from its validation images."""
    runs = result.runs
    n_images = runs["n_train"]
    of_run = np.array([shares[name] for name in runs["level"]])
    n_validation = np.ceil(np.round(of_run * n_images, 6)).astype(int)
    own = {
        "n_train": n_images - n_validation,
        "n_validation": n_validation,
        "train_ms_per_image": runs["train_ms_per_image"] * n_images / (n_images - n_validation),
    }
    return replace(result, runs={**runs, **own})


def _gain_of_doubling(result, n_training):
    """Return the slope of the test accuracy over the base-2 logarithm of the training images."""
    log_sizes = np.log2(n_training)
    weights = log_sizes - log_sizes.mean()
    weights /= weights @ weights
    first = result.names[0]
    runs = {run: [run] for run in result.done(first)}
    for name in result.names[1:]:
        pairs = dict(result.pairs(first, name))
        runs = {run: [*others, pairs[run]] for run, others in runs.items() if run in pairs}

    def slopes(run):
        return sum(
            weight * result.correct(other, "test")
            for weight, other in zip(weights, runs[run], strict=True)
        )

    if not runs:
        return MeanInterval(*[np.nan] * 4)
    return MeanInterval(*interval_of_runs(result, "test", np.array(list(runs)), slopes))


def _gain_finding(gain, n_training):
    span = f"Between {min(n_training)} and {max(n_training)} training images"
    if not np.isfinite(gain.low):
        return f"{span}: what more of them bring cannot be said from these runs."
    measured = (
        f"{100 * gain.estimate:+.1f} points of accuracy for twice as many (95 % interval "
        f"{100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
    )
    if gain.low <= 0 <= gain.high:
        return f"{span}, whether more of them help cannot be said: {measured}."
    return f"{span}, more of them {'help' if gain.low > 0 else 'harm'}: {measured}."
