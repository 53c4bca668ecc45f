"""The study of the pooling in GAP networks."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from sklearn.base import clone

from dlboi.classifiers import GAPClassifier
from dlboi.classifiers._input import check_images
from dlboi.evaluation._study_data import study_data
from dlboi.networks import ConvBlocks
from dlboi.studies._compare import compare
from dlboi.studies._recipes import NETWORK_RECIPE
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._run_statistics import HOLDS_FOR, difference, table_of_means
from dlboi.studies._study_findings import accuracy_findings, difference_finding
from dlboi.studies._study_levels import study_levels

_LEVELS = {
    "GAP, p = 2": {"pool_size": 2},
    "GAP, p = 4": {"pool_size": 4},
    "GAP-16, p = 2": {"pool_size": 2, "output_size": 16},
}


def gap_pooling_study(
    data,
    *,
    levels: Mapping[str, Mapping] | None = None,
    parameters: Mapping | None = None,
    n_repeats: int = 3,
    **options,
) -> StudyResult:
    """Ask whether global average pooling loses accuracy because it averages too large a map.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    levels : mapping of str to mapping, default=None
        Parameters of each level, by its name. None takes those of the experiment: max pooling
        with side p = 2, with p = 4, and with p = 2 but averages on a grid of 16×16 cells.
    parameters : mapping of str to object, default=None
        Parameters of :class:`~dlboi.GAPClassifier` for all levels, beside or in the place of those
        of the experiment: Adam, learning rate 1e-3 and a tenth of it every 10 epochs, weight decay
        0.01, batches of 32 images, 50 epochs.
    n_repeats : int, default=3
        Repeats, each with a seed of its own.
    **options
        Other options of :func:`compare`: `validation`, `test`, `cv`, `n_jobs` and so on.

    Returns
    -------
    StudyResult
        `tables` holds the sizes of the maps, and the losses.

    Raises
    ------
    ValueError
        A parameter cannot be used.

    See Also
    --------
    architecture_study : GAP beside networks without such pooling.

    Notes
    -----
    A larger p makes the map smaller, and lets each of its cells see more of the image: if it is
    more accurate, either may be the reason. The grid of 16×16 averages fewer cells of the same
    map, but has more parameters.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import gap_pooling_study
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> result = gap_pooling_study(
    ...     phantoms,
    ...     levels={"p = 2": {"pool_size": 2}, "p = 3": {"pool_size": 3}},
    ...     parameters={"max_epochs": 2},
    ...     n_repeats=1,
    ...     verbose=0,
    ... )
    >>> maps, losses = result.tables.values()
    >>> maps["map"].tolist()
    ['4×4', '1×1']
    """
    estimators = study_levels(
        "gap_pooling_study",
        {name: (GAPClassifier, own) for name, own in (levels or _LEVELS).items()},
        recipe={**NETWORK_RECIPE, "weight_decay": 0.01},
        parameters=parameters,
    )
    maps = _maps(estimators, study_data(data, "data").images)
    result = compare(estimators, data, n_repeats=n_repeats, **options)
    losses = {
        f"{part} loss": result.runs[f"{key}_loss"]
        for part, key in (("training", "train"), ("validation", "validation"))
    }
    tables = {
        "Feature map before the average pooling, and how many of its cells a mean is of.": maps,
        f"Losses of the epoch that was kept, in nats, means and differences to {result.reference} "
        f"({HOLDS_FOR}).": table_of_means(result, losses),
    }
    findings = [*accuracy_findings(result), *_loss_findings(result, losses)]
    return replace(result, findings=findings, tables=tables)


def _maps(estimators, images):
    """Return the sizes of the maps of all levels."""
    columns = {"level": [], "p": [], "map": [], "grid of means": [], "cells a mean": []}
    for name, estimator in estimators.items():
        input_shape = check_images(clone(estimator), images[:2]).image_shape
        with torch.device("meta"):  # shapes alone: no memory, and no random numbers
            blocks = ConvBlocks(
                input_shape,
                n_filters=estimator.n_filters,
                kernel_size=estimator.kernel_size,
                pool_size=estimator.pool_size,
            )
        _, height, width = blocks.output_shape
        side = estimator.output_size
        row = (name, estimator.pool_size, f"{height}×{width}", f"{side}×{side}")
        for column, value in zip(
            columns.values(), (*row, max(height / side, 1) * max(width / side, 1)), strict=True
        ):
            column.append(value)
    return {column: np.array(values) for column, values in columns.items()}


def _loss_findings(result, losses):
    for name in result.names:
        if name != result.reference:
            for quantity, values in losses.items():
                if np.isfinite(values).any():
                    apart = difference(result, name, values)
                    yield difference_finding(
                        f"the {quantity}", name, result.reference, apart, "nats"
                    )
