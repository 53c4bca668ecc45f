"""Classifiers in files: weights as safetensors, everything else as JSON, nothing executable."""

import json
import warnings
from pathlib import Path

import numpy as np

from dlboi._version import __version__
from dlboi.exceptions import DlboiWarning, MissingPathError, ModelFileError
from dlboi.training._history_rows import rows_as_read, rows_to_write
from dlboi.training._replacing import replacing
from dlboi.training._tensor_file import pack_tensors, plain, read_tensors

_LONGEST_LABEL = 2**20  # bytes; memory is taken for as many, whatever stands in them
_FORMAT = 1


def save_classifier(classifier, path) -> None:
    """Write a fitted classifier; the file is complete or it is not there.

    Parameters
    ----------
    classifier : ImageClassifier
        A fitted one.
    path : str or path-like
        File to write; an existing one is replaced.
    """
    parameters, left_out = {}, []
    for name, value in classifier.get_params(deep=False).items():
        try:
            # JSON would make strings of the keys of class_weight.
            value = {"pairs": list(value.items())} if isinstance(value, dict) else value
            json.dumps(value, default=plain)
            parameters[name] = value
        except TypeError:
            left_out.append(name)
    if left_out:
        warnings.warn(
            f"{left_out} of {type(classifier).__name__} cannot be written as JSON; the saved "
            "classifier predicts the same, but has the default values there.",
            DlboiWarning,
            stacklevel=3,
        )
    header = {
        "format": _FORMAT,
        "version": __version__,
        "classifier": type(classifier).__name__,
        "parameters": parameters,
        "network": classifier._network_to_save(),
        "n_outputs": classifier.net_.get_params_for("module")["n_outputs"],
        "classes": {"dtype": _dtype_name(classifier.classes_), "values": classifier.classes_},
        "image_shape": classifier.image_shape_,
        "feature_names": getattr(classifier, "feature_names_in_", None),
        "history": classifier.history_,
        "best_epoch": classifier.best_epoch_,
        "skipped_files": classifier.skipped_files_,
        "pixel_max": classifier._pixel_max,
        "drawn": classifier._drawn,
        "seed": classifier.net_.seed,
        "skorch_history": rows_to_write(classifier.net_.history),
    }
    data = pack_tensors(classifier.net_.module_.state_dict(), header)
    _write_whole(Path(path), data)


def load(path):
    """Read a classifier that ``save`` has written. Nothing in the file is executed.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    ImageClassifier
        A fitted classifier, ready to predict; it computes on the device that its ``device``
        parameter names, or on the processor where this machine has no such device. With
        ``warm_start`` it goes on from the weights and the epoch, but with a fresh optimizer: what
        the optimizer remembered is in a pickle and not in this file.

    Raises
    ------
    MissingPathError
        There is no such file.
    ModelFileError
        The file is damaged, or ``save`` did not write it.

    Examples
    --------
    >>> import tempfile, pathlib, dlboi
    >>> from dlboi.datasets import make_chest_phantoms
    >>> X, y = make_chest_phantoms(40, image_size=32, random_state=0, return_X_y=True)
    >>> clf = dlboi.GAPClassifier(max_epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clf.save(pathlib.Path(folder) / "gap.safetensors")
    ...     again = dlboi.load(pathlib.Path(folder) / "gap.safetensors")
    >>> bool((again.predict_proba(X) == clf.predict_proba(X)).all())
    True
    """
    from dlboi import classifiers

    path = Path(path)
    header, weights = _read(path)
    try:
        cls = getattr(classifiers, header["classifier"])
        if header["classifier"] not in classifiers.__all__ or not isinstance(cls, type):
            raise KeyError(header["classifier"])
        names = cls._get_param_names()
        parameters = {k: _unpacked(v) for k, v in header["parameters"].items() if k in names}
        classifier = cls(**parameters)
        classes = np.array(header["classes"]["values"], dtype=_dtype(header["classes"]["dtype"]))
        history = {name: np.array(values) for name, values in header["history"].items()}
        classifier._restore(
            network=_unpacked_arguments(header.get("network")),
            n_outputs=header.get("n_outputs"),
            classes=classes,
            image_shape=tuple(header["image_shape"]),
            feature_names=header["feature_names"],
            weights=weights,
            seed=header["seed"],
            skorch_history=rows_as_read(header["skorch_history"]),
            pixel_max=header["pixel_max"],
            drawn=header["drawn"],
            history=history,
            best_epoch=header["best_epoch"],
            skipped_files=header.get("skipped_files", []),
        )
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        RuntimeError,
    ) as error:
        raise ModelFileError(
            f"{path} cannot be read as a classifier of dlboi {__version__} (it says version "
            f"{header.get('version')}): {str(error).splitlines()[0]}"
        ) from error
    return classifier


def _read(path):
    from safetensors import SafetensorError

    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise MissingPathError(f"{path} {what}. Give the path of the file that save() wrote.")
    try:
        text, weights = read_tensors(path)
    except (SafetensorError, OSError) as error:
        raise ModelFileError(
            f"{path} is damaged or is no safetensors file ({error}). Save the classifier again, or "
            "read a pickle, if it is one and you trust it, with joblib.load."
        ) from error
    try:
        header = json.loads(text)
        if header["format"] != _FORMAT:
            raise ModelFileError(
                f"{path} has format {header['format']}, this version of dlboi reads {_FORMAT}: it "
                f"was written by dlboi {header['version']}; use that version or a newer one."
            )
    except (KeyError, TypeError, json.JSONDecodeError, RecursionError) as error:
        raise ModelFileError(
            f"{path} holds weights, but no classifier that dlboi saved. Use clf.save(path), not "
            "safetensors alone."
        ) from error
    return header, weights


def _write_whole(path, data):
    if not path.parent.is_dir():
        raise MissingPathError(
            f"There is no folder {path.parent} to write {path.name} to. Make it first."
        )
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Name a file in it.")
    try:
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise type(error)(
            error.errno, f"The file cannot be written: {error.strerror}", str(path)
        ) from error


def _unpacked(value):
    """Return a parameter with the tuples and dicts that JSON has no form for."""
    if isinstance(value, dict):
        return dict(value["pairs"])
    return tuple(_unpacked(element) for element in value) if isinstance(value, list) else value


def _unpacked_arguments(arguments):
    return None if arguments is None else {k: _unpacked(v) for k, v in arguments.items()}


def _dtype_name(classes):
    return "object" if classes.dtype == object else classes.dtype.str


def _dtype(name):
    dtype = np.dtype(name)
    if dtype.kind not in "biufUO" or dtype.itemsize > _LONGEST_LABEL:
        raise ValueError(f"labels cannot be of type {name}")
    return dtype
