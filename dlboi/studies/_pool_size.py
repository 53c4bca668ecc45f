"""The study of pooled size, the number of cells that a feature map is averaged to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from sklearn.base import clone

from dlboi.classifiers import PretrainedClassifier
from dlboi.classifiers._input import check_images
from dlboi.evaluation._study_data import study_data
from dlboi.networks import PretrainedNetwork
from dlboi.studies._compare import compare
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._run_statistics import of_level
from dlboi.studies._study_findings import accuracy_findings
from dlboi.studies._study_levels import study_levels
from dlboi.studies._transfer_recipe import TISSUE_RECIPE

_CAPTION = (
    "Feature map and head of each level. Losses are those of the kept epoch, means over runs."
)


def pool_size_study(
    data,
    *,
    sizes: Sequence[int] = (1, 2, 4, 8),
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Compare sizes to which the last feature map of a pretrained network is averaged.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    sizes : sequence of int, default=(1, 2, 4, 8)
        Each averages the map to n×n cells; the first is the reference.
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
        Its levels are named ``"n×n"``. A further table gives the size of map and head.

    Raises
    ------
    BackboneError
        The backbone has no feature map, or does not take images of this size.

    Warns
    -----
    FeatureMapWarning
        The feature map has fewer than n×n cells: they only repeat, and the head learns nothing
        from them that it could not learn from fewer.

    See Also
    --------
    transfer_study : Fixed or fine-tuned.

    Notes
    -----
    A ResNet-34 with weights of ImageNet, all of which learns, and dropout 0.5 before the last
    layer: cross entropy, Adam with lr 1e-3, half a cycle of a cosine over 100 epochs, batches of
    32, and the weights of the epoch with the best validation accuracy.

    Examples
    --------
    >>> from dlboi.datasets import make_tissue_phantoms
    >>> from dlboi.studies import pool_size_study
    >>> phantoms = make_tissue_phantoms(48, image_size=64, random_state=0)
    >>> quick = {"backbone": "squeezenet1_1", "weights": None, "max_epochs": 1}
    >>> result = pool_size_study(
    ...     phantoms, sizes=(1, 3), parameters=quick, test=0.25, n_repeats=1, verbose=0
    ... )
    >>> [table["parameters of the head"].tolist() for table in result.tables.values()]
    [[3078, 27654]]
    """
    data = study_data(data, "data")
    levels = study_levels(
        "pool_size_study",
        {f"{n}×{n}": (PretrainedClassifier, {"pool_output_size": n}) for n in sizes},
        recipe={**TISSUE_RECIPE, "dropout": 0.5},
        parameters=parameters,
    )
    result = compare(levels, data, n_repeats=n_repeats, **options)
    heads = {name: _head(level, data, len(result.classes)) for name, level in levels.items()}
    repeats = {name: n > min(heads[name][0]) for name, n in zip(levels, sizes, strict=True)}
    findings = [*accuracy_findings(result), *_map_findings(heads, repeats)]
    return replace(result, findings=findings, tables={_CAPTION: _table(result, heads, repeats)})


def _head(level, data, n_classes):
    """Return height and width of the feature map, and the number of parameters of the head."""
    with torch.device("meta"):  # shapes alone
        network = PretrainedNetwork(
            check_images(clone(level), data.images).image_shape,
            n_classes,
            backbone=level.backbone,
            pool_output_size=level.pool_output_size,
            input_size=level.input_size,
        )
    n_parameters = sum(p.numel() for p in network.head.parameters())
    return network.feature_map_shape[1:], n_parameters


def _map_findings(heads, repeats):
    ((height, width), n_parameters), *_ = heads.values()
    if any(repeats.values()):
        names = ", ".join(name for name in heads if repeats[name])
        yield (
            f"The feature map has {height}×{width} cells. At {names} cells only repeat: that shows "
            "what a larger head does, not what more detail does. A larger input_size gives more "
            "cells."
        )
    yield (
        f"The last layer has {n_parameters:,} parameters at {next(iter(heads))} and "
        f"{max(n for _, n in heads.values()):,} at most. Cells and parameters grow together: what "
        "makes a difference between levels, this study cannot say."
    )


def _table(result, heads, repeats):
    shapes, n_parameters = zip(*heads.values(), strict=True)
    return {
        "level": np.array(result.names),
        "cells of the map": np.array([f"{height}×{width}" for height, width in shapes]),
        "cells repeat": np.array(["yes" if repeats[name] else "no" for name in result.names]),
        "parameters of the head": np.array(n_parameters),
        **{
            name: np.array([of_level(result, level, losses)[0] for level in result.names])
            for name, losses in (
                ("training loss", result.runs["train_loss"]),
                ("validation loss", result.runs["validation_loss"]),
            )
        },
    }
