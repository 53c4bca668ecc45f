"""What decides what an estimator learns, as text: for journals, checkpoints, pages and readers."""

import contextlib
import hashlib
import inspect
import os
import re
from pathlib import Path

import joblib
import numpy as np

#: Parameters of an estimator that do not change what is learnt from the images that it is shown.
_WITHOUT_EFFECT = ("verbose", "n_threads", "n_jobs", "memory", "on_bad_file")


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
    settings = {"class": f"{type(estimator).__module__}.{type(estimator).__qualname__}"}
    for name, value in sorted(estimator.get_params(deep=True).items()):
        if name.rpartition("__")[2] not in _WITHOUT_EFFECT:
            settings[name] = _text(value) + _content(value)
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


def _text(value):
    """Return a repr in one line and without addresses, which differ between processes."""
    value = value.item() if isinstance(value, np.generic) else value
    return " ".join(_without_addresses(repr(value)).split())


def _without_addresses(text):
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _content(value):
    """Return a hash of what the text of a value does not say: code, state, content of a file."""
    if inspect.isfunction(value):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        code = value.__code__
        parts = repr((code.co_code, code.co_consts, code.co_names, value.__defaults__, cells))
        return f" {hashlib.sha256(_without_addresses(parts).encode()).hexdigest()[:12]}"
    if isinstance(value, (np.random.RandomState, np.random.Generator)):
        return f" {joblib.hash(value)[:12]}"
    if isinstance(value, (str, os.PathLike)):
        with contextlib.suppress(OSError, ValueError), Path(value).open("rb") as file:
            return f" {hashlib.file_digest(file, 'sha256').hexdigest()[:12]}"
    return ""
