"""Load images that are stored as NumPy arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import StrOptions, validate_params

from dlboi.datasets._bunch import class_table, image_bunch
from dlboi.datasets._npy_files import open_image_array
from dlboi.datasets._npy_groups import array_groups
from dlboi.exceptions import ImageFileError


@validate_params(
    {
        "files": [Mapping, list, tuple, str, os.PathLike],
        "class_sizes": [None, "array-like"],
        "target_names": [None, "array-like"],
        "mmap_mode": [None, StrOptions({"r", "c"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_npy_classes(
    files: Mapping[str, str | os.PathLike[str]]
    | Sequence[str | os.PathLike[str]]
    | str
    | os.PathLike[str],
    *,
    groups: Sequence | np.ndarray | str | os.PathLike | tuple | None = None,
    class_sizes: Sequence[int] | None = None,
    target_names: Sequence[str] | None = None,
    mmap_mode: str | None = "r",
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Load one ``.npy`` array a class, or one array with the classes stacked in order.

    Parameters
    ----------
    files : dict, list or path
        A dict {class name: path} or a list of paths, one ``.npy`` file a class; or the path
        of one file that holds all classes, for which `class_sizes` is needed. Arrays have the
        shape (n, height, width) or (n, height, width, 3) and the type uint8, uint16 or
        float. The classes are numbered in the order given.
    groups : array-like, path or tuple, default=None
        Patient of each image, in the order of the images in `data`: an array, a ``.npy``
        file, a CSV file with a header and one other column than ``filename``, or a tuple
        (CSV file, column).
    class_sizes : sequence of int, default=None
        Number of images of each class in the one stacked array.
    target_names : sequence of str, default=None
        Names of the classes where `files` is no dict. None takes the names of the files
        without suffix, or, for a stacked array, "0", "1", ...
    mmap_mode : {"r", "c", None}, default="r"
        How the files are mapped into memory, see :func:`numpy.load`. None reads a file as a
        whole.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of shape (n, height, width) or (n, height, width, 3)
            The images. A stacked array stays mapped into memory and is read as needed.
        target : ndarray of int of shape (n,)
            Position of the class in `target_names`.
        target_names : ndarray of str of shape (n_classes,)
            Names of the classes.
        groups : ndarray of shape (n,), or None
            The group of each image; None where `groups` was not given.
        filenames : ndarray of str of shape (n,)
            File and position of each image, as ``normal.npy[17]``.
        image_shape : tuple (channels, height, width)
            Shape of an image.
        DESCR : str
            What was loaded.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    MissingPathError
        If a file is not there.
    ImageFileError
        If a file is truncated, no ``.npy`` file, holds Python objects, or differs from the
        others in shape or type.
    ValueError
        If a parameter is not allowed or does not fit the arrays.

    See Also
    --------
    load_image_folder : Images stored as files, one folder a class.

    Notes
    -----
    Several files have to become one array: they are copied once into `data`, from the
    mapped files, so that memory holds the images once. A stacked array is not copied,
    unless its byte order is not that of the machine. Nothing is ever unpickled.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from dlboi.datasets import load_npy_classes
    >>> folder = tempfile.TemporaryDirectory()
    >>> normal, pneumonia = Path(folder.name, "normal.npy"), Path(folder.name, "pneumonia.npy")
    >>> np.save(normal, np.zeros((3, 8, 8), dtype="uint8"))
    >>> np.save(pneumonia, np.ones((2, 8, 8), dtype="uint8"))
    >>> dataset = load_npy_classes([normal, pneumonia])
    >>> dataset.data.shape, dataset.target, dataset.target_names
    ((5, 8, 8), array([0, 0, 0, 1, 1]), array(['normal', 'pneumonia'], dtype='<U9'))
    >>> folder.cleanup()
    """
    stacked = isinstance(files, str | os.PathLike)
    if stacked != (class_sizes is not None):
        raise ValueError(
            "The 'class_sizes' parameter of load_npy_classes must be the number of images of "
            "each class where 'files' is one path, and None where it has a file a class. "
            f"Got {class_sizes!r} with {'one path' if stacked else 'several paths'} instead."
        )
    paths = [files] if stacked else list(files.values() if isinstance(files, Mapping) else files)
    if not paths:
        raise ValueError(
            "The 'files' parameter of load_npy_classes must name one file or more. "
            f"Got {files!r} instead."
        )
    paths = [Path(path).expanduser() for path in paths]
    arrays = [open_image_array(path, mmap_mode) for path in paths]
    if stacked:
        data, sizes = arrays[0], _checked_class_sizes(class_sizes, len(arrays[0]))
    else:
        data, sizes = _joined(arrays, paths), [len(array) for array in arrays]
    names = _checked_names(files, paths, target_names, len(sizes))
    target = np.repeat(np.arange(len(sizes)), sizes)
    group_of = array_groups(groups, len(data))
    if return_X_y:
        return data, target
    return image_bunch(
        data=data,
        target=target,
        target_names=names,
        groups=group_of,
        filenames=np.array(
            [
                f"{path}[{i}]"
                for path, array in zip(paths, arrays, strict=True)
                for i in range(len(array))
            ],
            dtype=str,
        ),
        descr="\n".join(
            [
                f"Images of {', '.join(map(str, paths))}",
                "",
                class_table(target, names, group_of),
                "",
                f"array of shape {data.shape}, {data.dtype}",
            ]
        ),
    )


def _joined(arrays, paths):
    for array, path in zip(arrays, paths, strict=True):
        if (array.shape[1:], array.dtype) != (arrays[0].shape[1:], arrays[0].dtype):
            raise ImageFileError(
                f"The arrays of the classes differ: '{paths[0]}' holds {arrays[0].dtype} images "
                f"of shape {arrays[0].shape[1:]}, '{path}' {array.dtype} images of shape "
                f"{array.shape[1:]}. Save them with one shape and type."
            )
    data = np.empty((sum(map(len, arrays)), *arrays[0].shape[1:]), arrays[0].dtype)
    start = 0
    for array in arrays:
        data[start : start + len(array)] = array
        start += len(array)
    return data


def _checked_class_sizes(class_sizes, n_images):
    sizes = list(class_sizes)
    integers = all(isinstance(size, Integral) and size >= 1 for size in sizes)
    if not integers or sum(sizes) != n_images:
        raise ValueError(
            "The 'class_sizes' parameter of load_npy_classes must be ints of 1 or more that sum "
            f"to the {n_images} images of the file. Got {class_sizes!r} instead."
        )
    return sizes


def _checked_names(files, paths, target_names, n_classes):
    if isinstance(files, Mapping):
        if target_names is not None:
            raise ValueError(
                "The 'target_names' parameter of load_npy_classes must be None where 'files' is "
                f"a dict, whose keys are the names. Got {target_names!r} instead."
            )
        names = [str(name) for name in files]
    elif target_names is not None:
        names = [str(name) for name in target_names]
    elif len(paths) == n_classes:
        names = [path.stem for path in paths]
    else:
        names = [str(code) for code in range(n_classes)]
    if len(names) != n_classes or len(set(names)) != n_classes:
        raise ValueError(
            "The 'target_names' parameter of load_npy_classes must be one name for each of the "
            f"{n_classes} classes, all different. Got {names!r} instead."
        )
    return names
