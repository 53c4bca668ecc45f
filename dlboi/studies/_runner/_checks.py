"""Checks of the parameters of a study."""

from collections.abc import Mapping
from numbers import Integral, Real

from sklearn.base import is_classifier

METRICS = ("accuracy", "balanced_accuracy")


def check_levels(estimators) -> dict:
    """Return the classifiers of a study by name, two or more."""
    pairs = list(estimators.items() if isinstance(estimators, Mapping) else estimators)
    names = [str(name) for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or len(names) < 2:
        got = f"the name {twice[0]!r} twice" if twice else f"{len(names)}"
        raise ValueError(
            "The 'estimators' parameter of compare must hold at least two classifiers with names "
            f"of their own. Got {got} instead."
        )
    for name, estimator in pairs:
        if not hasattr(estimator, "fit") or not is_classifier(estimator):
            raise ValueError(
                "The 'estimators' parameter of compare must hold classifiers. Got "
                f"{estimator!r} for {name!r} instead."
            )
    return dict(zip(names, (estimator for _, estimator in pairs), strict=True))


def check_choices(levels: dict, *, reference, metric, validation, test, cv, n_repeats) -> None:
    """Raise a ValueError for a choice that cannot be used."""
    if reference not in levels:
        raise ValueError(
            f"The 'reference' parameter of compare must be one of {list(levels)}. Got "
            f"{reference!r} instead."
        )
    if metric not in METRICS:
        raise ValueError(
            f"The 'metric' parameter of compare must be one of {list(METRICS)}. Got {metric!r} "
            "instead."
        )
    if test is not None and cv is not None:
        raise ValueError("Pass either 'test' or 'cv' to compare, not both: each says what to test.")
    if validation is None and test is None and cv is None:
        raise ValueError("Pass 'validation', 'test' or 'cv': without them nothing can be compared.")
    for name, given in (("validation", validation), ("test", test)):
        if isinstance(given, Real) and not 0 < given < 1:
            raise ValueError(
                f"The '{name}' parameter of compare must be a share between 0 and 1, a set of "
                f"images, or None. Got {given!r} instead."
            )
    if not isinstance(n_repeats, Integral) or isinstance(n_repeats, bool) or n_repeats < 1:
        raise ValueError(
            "The 'n_repeats' parameter of compare must be an int, at least 1. Got "
            f"{n_repeats!r} instead."
        )


def check_names(sets: dict) -> None:
    """Raise a ValueError where a code stands for another class in another set, or for none."""
    known = {name: part for name, part in sets.items() if part.names}
    for name, part in known.items():
        odd = sorted(set(part.target.tolist()) - set(part.names))
        if odd:
            raise ValueError(
                f"The target of '{name}' must hold indices of its target_names, 0 to "
                f"{len(part.names) - 1}. Got {odd[:3]} in it instead."
            )
        if part.names != sets["data"].names and sets["data"].names:
            raise ValueError(
                f"The target_names of '{name}' must be those of 'data', "
                f"{list(sets['data'].names.values())}. Got {list(part.names.values())} instead: "
                "load it with load_image_folder(..., like=the training images)."
            )


def check_seed(study: str, memory, random_state) -> None:
    """Raise a ValueError where a journal is to go on with a study of another seed at each call."""
    if memory is not None and not isinstance(random_state, Integral):
        raise ValueError(
            f"The 'random_state' parameter of {study} must be an int with 'memory': another seed "
            f"at each call could not go on with a study. Got {random_state!r} instead."
        )
