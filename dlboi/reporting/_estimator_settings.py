"""What decides the runs of a study, as text: for its journal, its page and its readers."""

import re

from dlboi.reporting import environment

#: Parameters of an estimator that do not change what is learnt.
_WITHOUT_EFFECT = ("verbose", "n_threads", "n_jobs", "memory")


def level_settings(estimator) -> dict[str, str]:
    """Return the parameters of an estimator that decide what it learns, by name.

    Parameters
    ----------
    estimator : estimator
        Any of scikit-learn's kind; nested ones are listed too.

    Returns
    -------
    dict of str to str
    """
    settings = {"class": type(estimator).__name__}
    for name, value in sorted(estimator.get_params(deep=True).items()):
        if name.rpartition("__")[2] not in _WITHOUT_EFFECT:
            settings[name] = _text(value)
    return settings


def short_settings(estimator) -> str:
    """Return the parameters of an estimator that differ from their defaults, in one line.

    Parameters
    ----------
    estimator : estimator
        Any of scikit-learn's kind.

    Returns
    -------
    str
    """
    return _text(estimator)


def software() -> dict[str, str]:
    """Return the versions that the numbers of a run depend on."""
    versions = environment()
    return {name: versions[name] for name in ("dlboi", "torch", "scikit-learn", "numpy")}


def _text(value):
    """Return a repr in one line and without addresses, which differ between processes."""
    return " ".join(re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value)).split())
