"""Names of candidates, and their parameters as text."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from numbers import Integral, Real

from joblib import hash as content_hash


def candidate_names(study: str, candidates: Iterable[Mapping]) -> dict[str, dict]:
    """Name candidates by their parameters.

    Parameters
    ----------
    study : str
        Name of the function, for errors.
    candidates : iterable of mapping of str to object
        The parameters of each. One that comes twice is one candidate.

    Returns
    -------
    dict of str to dict
        The candidates, by their names.

    Raises
    ------
    ValueError
        Different candidates would have the same name.
    """
    candidates = list({content_hash(settings): settings for settings in candidates}.values())
    named = {}
    for settings, texts in zip(candidates, parameter_texts(candidates), strict=True):
        name = ", ".join(f"{key}={text}" for key, text in texts.items())
        if name in named:
            raise ValueError(
                f"The 'param_grid' parameter of {study} must hold values that can be told apart by "
                f"their repr. Got two candidates {name!r} instead: leave one of them out."
            )
        named[name] = settings
    return named


def parameter_texts(candidates: Iterable[Mapping]) -> list[dict[str, str]]:
    """Write the parameters of candidates, with six digits where these tell the values apart.

    Parameters
    ----------
    candidates : iterable of mapping of str to object
        The parameters of each.

    Returns
    -------
    list of dict of str to str
        The texts of each.
    """
    candidates = list(candidates)
    alike = defaultdict(set)
    for settings in candidates:
        for key, value in settings.items():
            alike[key, _short(value)].add(_full(value))
    return [
        {
            key: _short(value) if len(alike[key, _short(value)]) == 1 else _full(value)
            for key, value in settings.items()
        }
        for settings in candidates
    ]


def _short(value):
    is_float = isinstance(value, Real) and not isinstance(value, Integral)
    return f"{value:g}" if is_float else str(value)


def _full(value):
    # numpy's own repr holds the type, in which equal numbers may differ.
    return repr(value.item() if isinstance(value, Real) and hasattr(value, "item") else value)
