"""Load a folder of images that has one sub-folder a class."""

from __future__ import annotations

import os
import re
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Options, StrOptions, validate_params

from dlboi.datasets._bunch import class_table, image_bunch
from dlboi.datasets._decode_files import decode_files
from dlboi.datasets._folder_groups import folder_groups
from dlboi.datasets._folder_like import settings_like
from dlboi.datasets._folder_scan import find_images
from dlboi.datasets._image_files import as_height_width
from dlboi.exceptions import ImageFolderError


@validate_params(
    {
        "path": [str, os.PathLike],
        "channels": [StrOptions({"auto"}), Options(Integral, {1, 3})],
        "like": [None, Bunch],
        "lazy": ["boolean"],
        "n_jobs": [None, Integral],
        "verbose": ["verbose"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_image_folder(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    crop: int | tuple[int, int] | None = None,
    channels: int | str = "auto",
    groups: str | re.Pattern | int | os.PathLike | tuple | None = None,
    like: Bunch | None = None,
    lazy: bool = False,
    n_jobs: int | None = None,
    verbose: int | bool = 0,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    r"""Load images whose class is the name of the sub-folder they are in.

    Folders below a class folder belong to that class. Hidden files and files that are no
    PNG, JPEG, TIFF, BMP or DICOM by their suffix are passed over; a file with such a suffix that
    cannot be read is an error. The order is that of the class names and, within a class, of
    the paths: the same on every machine and for any `n_jobs`.

    Each frame of a DICOM file is an image, with the group of its file. Files without suffix, or
    with numbers for one, are read where they are DICOM.

    Parameters
    ----------
    path : str or path-like
        Folder whose sub-folders are the classes.
    size : int or tuple (height, width), default=None
        Size in pixels to resize all images to, with antialiasing; the aspect ratio is not
        kept. None keeps the size of the files, which then has to be the same for all.
    crop : int or tuple (height, width), default=None
        Size in pixels of the top-left corner to cut out of each image before resizing.
    channels : {"auto", 1, 3}, default="auto"
        1 for grey, 3 for colour. "auto" takes grey where every image is grey, also when it
        is stored as colour with three equal channels. With `lazy`, "auto" looks at the first
        image alone.
    groups : str, re.Pattern, int, path-like or tuple, default=None
        Where to find the patient (or slide, or animal) of each image:

        - a regular expression, searched in the path of the image below `path`, written with
          forward slashes. The group is what the parentheses catch (several are joined by
          ``_``), or the whole match where there are none;
        - a folder level below `path`: 0 is the class folder, 1 the folder in it. Folders of
          the same name are the same group, whatever folder they are in;
        - a CSV file (a path that ends in ``.csv``), with a header, a column ``filename`` (the
          path below `path`, or the bare name where that is unique) and one other column;
          or a tuple (CSV file, column);
        - ``dicom:`` and the keyword of an element in the headers of DICOM files, as
          ``dicom:PatientID``.
    like : Bunch, default=None
        Another set, usually the training images, whose classes, codes, size, crop and
        channels are taken over. A class that `like` does not have is an error.
    lazy : bool, default=False
        Whether to return the paths instead of the pixels, for sets larger than memory.
        The classifiers decode paths as they need them, and resize where they are made with
        ``image_shape=dataset.image_shape``.
    n_jobs : int, default=None
        Number of threads that decode. None means 1, -1 means all processors.
    verbose : int or bool, default=0
        1 shows a progress bar.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of shape (n, height, width) or (n, height, width, 3)
            uint8, or uint16 for 16-bit grey in PNG and TIFF files. With `lazy`, the paths: str of
            shape (n,).
        target : ndarray of int of shape (n,)
            Position of the class in `target_names`.
        target_names : ndarray of str of shape (n_classes,)
            Names of the class folders, sorted.
        groups : ndarray of str of shape (n,), or None
            The group of each image; None where `groups` was not given.
        filenames : ndarray of str of shape (n,)
            Path of each file, beginning with `path`. Frames of a DICOM file that has several
            are ``scan.dcm[0]``, ``scan.dcm[1]``, ...; the classifiers take such names for paths.
        image_shape : tuple (channels, height, width)
            Shape of an image. With `lazy` it comes from `size`, or from the first image.
        size, crop, channels
            What `like` takes over from this set.
        DESCR : str
            What was loaded.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    MissingPathError
        If a folder or file is not there.
    ImageFolderError
        If there is no class folder, a class without image or without match in `like`, an
        image without group, or images that differ in size or depth. Also where the folder seems
        to be one level too high: all its sub-folders are called ``train``, ``test`` and the
        like, or none holds an image itself and all have the same sub-folders (with a level in
        `groups` these are taken for patients).
    ImageFileError
        If an image file is truncated, empty, larger than ``PIL.Image.MAX_IMAGE_PIXELS`` or of a
        kind that has no single meaning.
    PydicomImportError
        If there is a DICOM file and pydicom is not installed (the extra ``dicom`` does).
    ValueError
        If a parameter is not allowed, or contradicts `like`.

    See Also
    --------
    load_npy_classes : Images stored as NumPy arrays.
    make_chest_phantoms : Synthetic images, to try things out.

    Notes
    -----
    The array is allocated once. Where the first images are grey and a later one is the first
    in colour, the grey ones are kept meanwhile: a third more memory for that moment.

    DICOM images become uint8, as a viewer shows them at first: rescaled, through the first window
    or VOI table of the file [1]_, MONOCHROME1 inverted, palettes and YBR as RGB. Without a window,
    8-bit images stay as they are, and deeper ones are stretched from their smallest to their
    largest value; their grey levels cannot be compared between files. For another window, or more
    depth, window the values yourself and load them with :func:`load_npy_classes`. The header of
    each DICOM file is read to count its frames, also with `lazy`.

    References
    ----------
    .. [1] DICOM Standard, PS3.3, C.11.1 (modality LUT) and C.11.2 (VOI LUT).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from dlboi.datasets import load_image_folder
    >>> folder = tempfile.TemporaryDirectory()
    >>> for name in ["benign/p1_a", "benign/p1_b", "malignant/p2_a"]:
    ...     file = Path(folder.name, name + ".png")
    ...     file.parent.mkdir(exist_ok=True)
    ...     Image.fromarray(np.zeros((8, 8), dtype="uint8")).save(file)
    >>> dataset = load_image_folder(folder.name, groups=r"p\d+")
    >>> dataset.data.shape, dataset.target, dataset.groups
    ((3, 8, 8), array([0, 0, 1]), array(['p1', 'p1', 'p2'], dtype='<U2'))
    >>> folder.cleanup()
    """
    size, crop = (_checked_size(value, name) for value, name in ((size, "size"), (crop, "crop")))
    if lazy and crop is not None:
        raise ValueError(
            "The 'crop' parameter of load_image_folder must be None where lazy=True, as paths do "
            f"not carry it to the classifier. Got {crop!r} instead. Save cropped files, or load "
            "without lazy."
        )
    root = Path(path).expanduser()
    images, n_ignored = find_images(root, nested=isinstance(groups, Integral) and groups >= 1)
    expected = None
    if like is None:
        target_names = list(images)
    else:
        target_names, size, crop, channels, expected = settings_like(like, size, crop, channels)
        _check_classes_known(images, target_names, root)
        if lazy and crop is not None:
            raise ValueError(
                "The 'like' parameter of load_image_folder must be a set without crop where "
                f"lazy=True. Got one with crop={crop} instead."
            )

    files = [file for of_class in images.values() for file in of_class]
    target = np.repeat(
        [target_names.index(name) for name in images],
        [len(of_class) for of_class in images.values()],
    )
    group_of = folder_groups(files, groups, root)
    filenames = np.array([str(root / file) for file in files], dtype=str)

    if lazy:
        data, image_shape = filenames, _first_shape(filenames[0], size, channels, expected)
    else:
        data = decode_files(
            filenames.tolist(),
            size=size,
            crop=crop,
            channels=channels,
            expected=expected,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        image_shape = (data.shape[3] if data.ndim == 4 else 1, *data.shape[1:3])
    if return_X_y:
        return data, target
    return image_bunch(
        data=data,
        target=target,
        target_names=target_names,
        groups=group_of,
        filenames=filenames,
        image_shape=image_shape,
        descr=_describe(root, data, target, target_names, group_of, image_shape, crop, n_ignored),
        size=size,
        crop=crop,
        channels=image_shape[0],
    )


def _checked_size(value, name):
    if value is None:
        return None
    pair = value if isinstance(value, tuple | list) else (value, value)
    integers = all(isinstance(n, Integral) and not isinstance(n, bool) and n >= 1 for n in pair)
    if integers and len(pair) == 2:
        return as_height_width(value)
    raise ValueError(
        f"The '{name}' parameter of load_image_folder must be an int of 1 or more, a tuple "
        f"(height, width) of such, or None. Got {value!r} instead."
    )


def _check_classes_known(images, target_names, root):
    unknown = [name for name in images if name not in target_names]
    if unknown:
        raise ImageFolderError(
            f"The class folder '{root / unknown[0]}' is no class of 'like', which has "
            f"{', '.join(map(repr, target_names))}. Rename the folder, or take it away."
        )


def _first_shape(filename, size, channels, expected):
    first = decode_files(
        [filename],
        size=size,
        crop=None,
        channels=channels,
        expected=expected,
        n_jobs=1,
        verbose=0,
    )
    image = first[0]
    return (3 if image.ndim == 3 else 1, *image.shape[:2])


def _describe(root, data, target, target_names, groups, image_shape, crop, n_ignored):
    channels, height, width = image_shape
    kind = "paths, decoded when needed" if data.ndim == 1 else str(data.dtype)
    lines = [
        f"Images of the folder {root}",
        "",
        class_table(target, target_names, groups),
        "",
        f"{len(data)} images of {height}x{width} pixels, {'grey' if channels == 1 else 'colour'}, "
        f"{kind}",
    ]
    if groups is not None:
        lines.append(f"{len(np.unique(groups))} groups")
    if crop is not None:
        lines.append(f"cut from the top-left {crop[0]}x{crop[1]} pixels of each file")
    if n_ignored:
        lines.append(f"{n_ignored} other files passed over")
    return "\n".join(lines)
