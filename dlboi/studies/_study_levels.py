"""The classifiers of a study: the settings of an experiment, and what the levels change."""

from collections.abc import Mapping


def study_levels(
    study: str,
    levels: Mapping[str, tuple[type, Mapping]],
    *,
    recipe: Mapping,
    parameters: Mapping | None,
    callbacks=(),
) -> dict:
    """Make the classifiers of a study.

    Parameters
    ----------
    study : str
        Name of the function, for errors.
    levels : mapping of str to tuple of (type, mapping)
        Class of the classifier of each level, and the parameters that make the level.
    recipe : mapping of str to object
        Parameters that all levels share: those of the experiment.
    parameters : mapping of str to object or None
        What the user puts in the place of parts of the recipe, or adds to it.
    callbacks : sequence of skorch.callbacks.Callback, default=()
        Come after those among the parameters.

    Returns
    -------
    dict of str to classifier

    Raises
    ------
    ValueError
        A parameter is none of a classifier's, or is one that a level sets.
    """
    given = dict(parameters or {})
    estimators = {}
    for name, (kind, own) in levels.items():
        known = kind().get_params(deep=False)
        wrong = [parameter for parameter in given if parameter not in known or parameter in own]
        if wrong:
            reason = "the levels set it" if wrong[0] in own else "it has no such parameter"
            raise ValueError(
                f"The 'parameters' parameter of {study} must hold parameters of {kind.__name__} "
                f"that the levels do not set. Got {wrong[0]!r} instead: {reason}."
            )
        settings = {**recipe, **given, **own}
        if callbacks:
            settings["callbacks"] = [*(settings.get("callbacks") or ()), *callbacks]
        estimators[name] = kind(**settings)
    return estimators
