"""Successive halving of candidates before a study trains those that are left to the end."""

import numpy as np
from sklearn.base import clone

from dlboi.evaluation._study_data import StudyData

_FACTOR = 2


def halve(study: str, levels: dict, own: dict, sets: dict, plan: list, *, metric, n_jobs) -> tuple:
    """Leave the better half of the candidates, again and again, with more epochs each time.

    Parameters
    ----------
    study : str
        Name of the function, for errors.
    levels : dict of str to classifier
        The candidates.
    own : dict of str to dict
        The parameters that make each of them.
    sets : dict of str to StudyData
        ``data``, and ``validation`` if it is a set of its own.
    plan : list of Split
        The divisions.
    metric : str
        Name of a scorer of scikit-learn.
    n_jobs : int or None
        Fits at once.

    Returns
    -------
    left : list of str
        Two candidates or more, in their order.
    table : dict of str to ndarray
        Round, epochs, candidate and mean validation score.

    Raises
    ------
    ValueError
        The classifier has no `max_epochs`, or too few to halve.
    """
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes the next import
    from sklearn.model_selection import HalvingGridSearchCV

    estimator = clone(next(iter(levels.values())))
    max_epochs = estimator.get_params().get("max_epochs", 0)
    if max_epochs < 2 * _FACTOR:
        raise ValueError(
            f"The 'search' parameter of {study} must be 'grid' for a classifier with fewer than "
            f"{2 * _FACTOR} max_epochs, which cannot be halved. Got 'halving' instead."
        )
    images, cv = _divisions(sets, plan)
    search = HalvingGridSearchCV(
        _for_a_search(estimator, plan[0].seed),
        [{name: [value] for name, value in settings.items()} for settings in own.values()],
        factor=_FACTOR,
        resource="max_epochs",
        max_resources=max_epochs // _FACTOR,
        scoring=metric,
        cv=cv,
        n_jobs=n_jobs,
        refit=False,
        random_state=plan[0].seed,
        error_score="raise",
    ).fit(images.images, images.target)
    found = search.cv_results_
    names = {repr(sorted(settings.items())): name for name, settings in own.items()}
    without_epochs = [
        sorted((key, value) for key, value in settings.items() if key != "max_epochs")
        for settings in found["params"]
    ]
    candidates = np.array([names[repr(settings)] for settings in without_epochs])
    table = {
        "round": found["iter"] + 1,
        "epochs": found["n_resources"],
        "candidate": candidates,
        f"validation {metric.replace('_', ' ')}": found["mean_test_score"],
    }
    return _left(levels, candidates, found), table


def _left(levels, candidates, found):
    """Return the better half of the last round, of the one before where that is one candidate."""
    for number in range(found["iter"].max(), -1, -1):
        rows = np.flatnonzero(found["iter"] == number)
        if len(rows) > 1:
            break
    order = rows[np.argsort(-found["mean_test_score"][rows], kind="stable")]
    left = candidates[order[: max(2, -(-len(rows) // _FACTOR))]]
    return [name for name in levels if name in left]


def _for_a_search(estimator, seed):
    """Return the classifier as scikit-learn's searches can fit it, which hand no validation set."""
    parameters = {"restore_best": None, "random_state": seed}
    given = estimator.get_params()
    if given.get("random_state") is not None:
        del parameters["random_state"]
    return estimator.set_params(**{k: v for k, v in parameters.items() if k in given})


def _divisions(sets, plan):
    """Return all images to train and validate on, and the divisions as scikit-learn takes them."""
    data, validation = sets["data"], sets.get("validation")
    if validation is None:
        return data, [(split.training, split.validation) for split in plan]
    images = StudyData(
        np.concatenate([data.images, validation.images]),
        np.concatenate([data.target, validation.target]),
        None,
        data.names,
    )
    n_training = len(data)
    return images, [(np.arange(n_training), np.arange(n_training, len(images)))]
