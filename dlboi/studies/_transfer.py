"""The study of transfer, how far pretrained networks are trained and which one."""

from collections.abc import Mapping
from dataclasses import replace

from dlboi.classifiers import PretrainedClassifier
from dlboi.studies._compare import compare
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._study_levels import study_levels
from dlboi.studies._transfer_findings import seconds_table, transfer_findings
from dlboi.studies._transfer_recipe import TRANSFER_RECIPE
from dlboi.training import read_weights

#: What sets the ways of training apart.
_MODES = {
    "fixed": {"freeze_backbone": True},
    "fine-tuned": {"freeze_backbone": False},
    "from scratch": {"freeze_backbone": False, "weights": None},
}

_SECONDS = (
    "Seconds of a run, over all of its epochs. Features of a fixed backbone are kept: only a run "
    "that meets an image for the first time computes them."
)


def transfer_study(
    data,
    *,
    backbones=("resnet18", "resnet34"),
    modes=("fixed", "fine-tuned", "from scratch"),
    weights="DEFAULT",
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Compare pretrained backbones that stay fixed, are fine-tuned, or start at random.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    backbones : sequence of str, default=("resnet18", "resnet34")
        Names of classification models of torchvision.
    modes : sequence of str, default=("fixed", "fine-tuned", "from scratch")
        ``"fixed"``: only the last layer learns, and the backbone is a function. ``"fine-tuned"``:
        all of it learns, from the pretrained weights on. ``"from scratch"``: from random ones.
    weights : str, path-like, None or mapping of these by backbone, default="DEFAULT"
        As in :class:`dlboi.PretrainedClassifier`. They are read before anything is trained. None:
        there are none, and only ``"from scratch"`` can be run.
    parameters : mapping, default=None
        Parameters of :class:`dlboi.PretrainedClassifier` for all levels, in the place of those
        under Notes.
    n_repeats : int, default=3
        Repeats, each with a seed of its own.
    **options
        Of :func:`compare`: `validation`, `test`, `cv`, `n_jobs`, `random_state`, `memory` and
        others.

    Returns
    -------
    StudyResult
        Its levels are named ``"<backbone>, <mode>"``. A further table gives seconds.

    Raises
    ------
    ValueError
        A mode that there is not, or fewer than two levels are left.
    MissingPathError
        Weights cannot be read or downloaded: the message says which file to put where.

    See Also
    --------
    pool_size_study : Cells that the feature map is averaged to.
    augmentation_study : Random changes of the training images.

    Notes
    -----
    Cross entropy, Adam with lr 1e-3, half a cycle of a cosine over 30 epochs, batches of 32, and
    the weights of the epoch with the best validation accuracy. Pixels are normalised as the
    weights expect it.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import transfer_study
    >>> phantoms = make_chest_phantoms(40, image_size=32, random_state=0)
    >>> result = transfer_study(
    ...     phantoms,
    ...     backbones=("squeezenet1_1", "shufflenet_v2_x0_5"),
    ...     weights=None,
    ...     parameters={"max_epochs": 2},
    ...     test=0.25,
    ...     n_repeats=2,
    ...     verbose=0,
    ... )
    >>> result.names
    ['squeezenet1_1, from scratch', 'shufflenet_v2_x0_5, from scratch']
    """
    given = _weights_of(backbones, weights)
    left_out = _check_modes(modes, given)
    own = {
        f"{backbone}, {mode}": {
            "backbone": backbone,
            "weights": given[backbone],
            **_MODES[mode],
        }
        for backbone in backbones
        for mode in modes
        if (backbone, mode) not in left_out
    }
    levels = study_levels(
        "transfer_study",
        {name: (PretrainedClassifier, settings) for name, settings in own.items()},
        recipe=TRANSFER_RECIPE,
        parameters=parameters,
    )
    if len(levels) < 2:
        raise ValueError(
            "transfer_study needs two levels or more. Got "
            f"{list(levels)} of backbones {list(backbones)} and modes {list(modes)}, weights "
            f"{weights!r}. Without weights only 'from scratch' can be run: name more backbones, or "
            "pass the path of a state dict."
        )
    result = compare(levels, data, n_repeats=n_repeats, **options)
    findings = transfer_findings(result, backbones, modes)
    if left_out:
        names = [", ".join(level) for level in left_out]
        findings.append(
            f"Not run, for there were no weights: {'; '.join(names)}. Nothing is said of them."
        )
    return replace(result, findings=findings, tables={_SECONDS: seconds_table(result)})


def _weights_of(backbones, weights):
    if not isinstance(weights, Mapping):
        return dict.fromkeys(backbones, weights)
    missing = [backbone for backbone in backbones if backbone not in weights]
    if missing:
        raise ValueError(
            "The 'weights' parameter of transfer_study must name weights, or None, for each "
            f"backbone. Got {list(weights)} instead, without {missing[0]!r}."
        )
    return {backbone: weights[backbone] for backbone in backbones}


def _check_modes(modes, given):
    """Return the levels that cannot be run without weights, and read the weights of the others."""
    unknown = [mode for mode in modes if mode not in _MODES]
    if unknown:
        raise ValueError(
            f"The 'modes' parameter of transfer_study must hold some of {list(_MODES)}. Got "
            f"{unknown[0]!r} instead."
        )
    with_weights = [mode for mode in modes if mode != "from scratch"]
    for backbone, weights in given.items():
        if with_weights and weights is not None:
            read_weights(backbone, weights)
    return [(b, mode) for b, weights in given.items() for mode in with_weights if weights is None]
