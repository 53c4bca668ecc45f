"""Levels that are one classifier with different parameters."""

from collections.abc import Mapping

from sklearn.base import clone

from dlboi.studies._study_levels import study_levels


def variants(
    study: str,
    own: Mapping[str, Mapping],
    *,
    estimator,
    kind: type,
    recipe: Mapping,
    parameters: Mapping | None,
) -> dict:
    """Make the classifiers of a study whose levels are variants of one.

    Parameters
    ----------
    study : str
        Name of the function, for errors.
    own : mapping of str to mapping of str to object
        The parameters that make each level.
    estimator : classifier or None
        None takes one of `kind` with `recipe`.
    kind : type
        Its class.
    recipe : mapping of str to object
        Its parameters.
    parameters : mapping of str to object or None
        What the user puts in the place of parts of these, or adds.

    Returns
    -------
    dict of str to classifier

    Raises
    ------
    ValueError
        A parameter is none of the classifier's, or is one that a level sets.
    """
    if estimator is None:
        levels = {name: (kind, settings) for name, settings in own.items()}
        return study_levels(study, levels, recipe=recipe, parameters=parameters)
    given = dict(parameters or {})
    return {
        name: clone(estimator).set_params(**{**given, **settings}) for name, settings in own.items()
    }
