"""The study of weight decay against overfitting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dlboi.classifiers import CNNClassifier
from dlboi.metrics import loss_slope
from dlboi.studies._compare import compare
from dlboi.studies._late_epochs import (
    check_last,
    has_entry,
    late_curves,
    late_epochs,
    late_values,
    mean_of_curves,
)
from dlboi.studies._recipes import NETWORK_RECIPE
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._run_statistics import HOLDS_FOR, table_of_means
from dlboi.studies._study_findings import accuracy_findings
from dlboi.studies._study_levels import study_levels
from dlboi.studies._weight_decay_findings import (
    PARTS,
    penalty_findings,
    rate_findings,
    settled_findings,
    slope_findings,
)
from dlboi.studies._weight_norm import WeightNorm


def weight_decay_study(
    data,
    *,
    weight_decays: Sequence[float] = (0.0, 0.01),
    last: float = 0.4,
    parameters: Mapping | None = None,
    n_repeats: int = 5,
    **options,
) -> StudyResult:
    """Ask whether weight decay (an L2 penalty) reduces the overfitting of the CNN.

    The slope of the losses over the last epochs tells overfitting, a validation loss that rises
    while the training loss falls. It has an interval over the repeats, as the epochs of one run
    depend on each other.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    weight_decays : sequence of float, default=(0.0, 0.01)
        The levels: the optimizer's coefficient, twice the λ of a penalty λΣw².
    last : float, default=0.4
        Share of the epochs, the last ones, over which slopes and settled losses are taken.
    parameters : mapping of str to object, default=None
        Parameters of :class:`~dlboi.CNNClassifier` for all levels, beside or in the place of those
        of the experiment: Adam, learning rate 1e-3 and a tenth of it every 10 epochs, batches of
        32 images, 50 epochs.
    n_repeats : int, default=5
        Repeats, each with a seed of its own. Slopes need several.
    **options
        Other options of :func:`compare`: `validation`, `test`, `cv`, `n_jobs` and so on.

    Returns
    -------
    StudyResult
        `tables` holds the slopes with the learning rates of those epochs, and the settled losses
        with their gap and the penalty.

    Raises
    ------
    ValueError
        A parameter cannot be used.

    See Also
    --------
    dlboi.metrics.loss_slope : The slopes.
    dlboi.plotting.LossSlopeDisplay : Draws them.

    Notes
    -----
    The losses that are logged are those of the images alone: the penalty is not in them, and
    stands beside them. Under Adam, `weight_decay` adds ``weight_decay * w`` to the gradient, which
    is then divided by its own size; it is not the shrinking of weights that plain gradient descent
    makes of it, for which there is ``parameters={"optimizer": "adamw"}`` [1]_.

    References
    ----------
    .. [1] Loshchilov, I. and Hutter, F. "Decoupled weight decay regularization", ICLR 2019,
       arXiv:1711.05101.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import weight_decay_study
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> few = {"max_epochs": 5, "n_filters": (8, 8)}
    >>> result = weight_decay_study(phantoms, parameters=few, n_repeats=2, verbose=0)
    >>> result.names
    ['weight_decay = 0', 'weight_decay = 0.01']
    >>> slopes, losses, weights = result.tables.values()
    >>> slopes["loss"].tolist()
    ['training', 'validation', 'training', 'validation']
    """
    decays = {f"weight_decay = {decay:g}": float(decay) for decay in weight_decays}
    estimators = study_levels(
        "weight_decay_study",
        {name: (CNNClassifier, {"weight_decay": decay}) for name, decay in decays.items()},
        recipe=NETWORK_RECIPE,
        parameters=parameters,
        callbacks=[WeightNorm()],
    )
    check_last("weight_decay_study", last, estimators, minimum=2)
    result = compare(estimators, data, n_repeats=n_repeats, **options)
    epochs = late_epochs(result, last)
    parts = [part for part in PARTS if has_entry(result, f"{part}_loss")]
    slopes = _slopes(result, parts, epochs)
    settled, weights = _settled(result, parts, epochs), _weights(result, epochs, decays)
    span = f"epochs {epochs[0]} to {epochs[-1]}"
    beside = f"differences to {result.reference} ({HOLDS_FOR})"
    tables = {
        f"Slope of the loss over {span}, in nats an epoch, with the learning rates of these "
        f"epochs ({HOLDS_FOR}).": _slope_table(result, slopes, epochs),
        f"Losses over {span}, in nats, means and {beside}. The training loss is a mean over an "
        "epoch in which the weights change.": table_of_means(result, settled),
        f"Weights over {span}, means and {beside}. The penalty λΣw², λ = weight_decay/2, is not in "
        "the losses.": table_of_means(result, weights, within=(0, np.inf)),
    }
    findings = [
        *accuracy_findings(result),
        *slope_findings(slopes, span),
        *rate_findings(result, epochs, span),
        *settled_findings(result, settled),
        *penalty_findings(result, weights),
    ]
    return replace(result, findings=findings, tables=tables)


def _slopes(result, parts, epochs):
    slopes = {}
    for name in result.names:
        for part in parts:
            curves = late_curves(result, name, f"{part}_loss", epochs)
            if len(curves) and len(epochs) > 1:
                slopes[name, part] = loss_slope(curves, epochs=epochs)
    return slopes


def _slope_table(result, slopes, epochs):
    rates = {name: _rates(result, name, epochs) for name in result.names}
    return {
        "level": np.array([name for name, _ in slopes]),
        "loss": np.array([PARTS[part] for _, part in slopes]),
        "slope": np.array([slope.estimate for slope in slopes.values()]),
        "low": np.array([slope.low for slope in slopes.values()]),
        "high": np.array([slope.high for slope in slopes.values()]),
        "p": np.array([slope.p_value for slope in slopes.values()]),
        "first learning rate": np.array([rates[name][0] for name, _ in slopes]),
        "last learning rate": np.array([rates[name][-1] for name, _ in slopes]),
    }


def _rates(result, name, epochs):
    return late_curves(result, name, "lr", epochs).mean(axis=0)


def _settled(result, parts, epochs):
    """Return the settled losses of each run, and their gap."""
    means = {p: late_values(result, f"{p}_loss", epochs, mean_of_curves) for p in parts}
    settled = {f"{PARTS[part]} loss": values for part, values in means.items()}
    if len(means) == 2:
        settled["gap between validation and training loss"] = means["validation"] - means["train"]
    return settled


def _weights(result, epochs, decays):
    """Return the sum of squared weights of each run, and the penalty that it makes."""
    squares = late_values(result, "l2_norm_squared", epochs, mean_of_curves)
    factors = np.array([decays[name] / 2 for name in result.runs["level"].tolist()])
    return {"sum of squared weights": squares, "penalty, nats": factors * squares}
