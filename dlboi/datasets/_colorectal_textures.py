"""Fetch the textures of colorectal cancer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from dlboi.datasets._bunch import image_bunch
from dlboi.datasets._data_home import COLORECTAL_TEXTURES_FOLDER, get_data_home
from dlboi.datasets._decode_files import decode_files
from dlboi.datasets._download import download
from dlboi.datasets._facts import COLORECTAL_TEXTURES
from dlboi.datasets._folder_groups import folder_groups
from dlboi.datasets._folder_scan import find_images
from dlboi.datasets._held_lock import held_lock
from dlboi.datasets._unpack import unpack_zip
from dlboi.exceptions import ImageFolderError

_TILE = 150  # pixels
_SLIDE = r"CRC-Prim-HE-\d+"
_MAX_FILES, _MAX_BYTES = 10_000, 10**9  # twice what the archive holds


@validate_params(
    {
        "classes": [None, "array-like"],
        "crop": [None, Interval(Integral, 1, _TILE, closed="both")],
        "n_jobs": [None, Integral],
        "data_home": [None, str, os.PathLike],
        "download_if_missing": ["boolean"],
        "verbose": ["verbose"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_colorectal_textures(
    *,
    classes: Sequence[str] | None = None,
    crop: int | None = None,
    n_jobs: int | None = None,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    verbose: int | bool = 0,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    r"""Fetch tiles of eight kinds of tissue in colorectal cancer.

    The set of Kather et al. [1]_: 5000 colour tiles of 150x150 pixels (74x74 micrometres), 625 a
    class, from haematoxylin-eosin sections on ten slides. There are no fixed subsets: divide the
    tiles by slide, with `groups`.

    Parameters
    ----------
    classes : sequence of str, default=None
        The classes to take, in the order of their codes. None takes all eight: ``"tumor"``,
        ``"stroma"``, ``"complex"``, ``"lympho"``, ``"debris"``, ``"mucosa"``, ``"adipose"`` and
        ``"empty"``.
    crop : int, default=None
        Height and width, in pixels, of the top-left corner to cut out. None keeps 150.
    n_jobs : int, default=None
        Number of threads that decode. None means 1, -1 means all processors.
    data_home : str or path-like, default=None
        Where the files are kept, in the folder ``colorectal_textures``; see
        :func:`get_data_home`.
    download_if_missing : bool, default=True
        Whether the archive (258 MB) is downloaded where it is not there.
    verbose : int or bool, default=0
        1 shows progress bars.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of uint8 of shape (n, height, width, 3)
            The tiles: 625 of each class, in the order of the classes.
        target : ndarray of int of shape (n,)
            Position of the class in `target_names`.
        target_names : ndarray of str of shape (n_classes,)
            Names of the classes.
        groups : ndarray of str of shape (n,)
            The slide of each tile, as ``CRC-Prim-HE-03``: the number that its file name gives.
        filenames : ndarray of str of shape (n,)
            Path of each file.
        image_shape : tuple (channels, height, width)
            Shape of a tile.
        DESCR : str
            What the set is, where it comes from, and its licence.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    MissingPathError
        If the archive is not there and `download_if_missing` is False.
    DownloadError
        If the archive cannot be downloaded, or does not have its published MD5.
    ArchiveError
        If the archive holds what must not be unpacked.
    ImageFolderError
        If tiles are missing in the unpacked folder.
    ValueError
        If a parameter is not allowed.

    See Also
    --------
    fetch_medmnist : ``"pathmnist"`` has more tiles, without slides.
    load_image_folder : Images of your own, stored as files.

    Notes
    -----
    The tiles are unpacked once. The archive may be deleted after that.

    References
    ----------
    .. [1] Kather, Weis, Bianconi et al. (2016). Multi-class texture analysis in colorectal cancer
       histology. Scientific Reports 6:27988. Data: https://zenodo.org/records/53169, CC BY 4.0.

    Examples
    --------
    Six classes, cut to 128x128 pixels::

        six = ["tumor", "stroma", "complex", "lympho", "debris", "mucosa"]
        tiles = fetch_colorectal_textures(classes=six, crop=128)

    Where nothing may be downloaded, the error says which file to put where:

    >>> import tempfile
    >>> from dlboi.datasets import fetch_colorectal_textures
    >>> with tempfile.TemporaryDirectory() as home:
    ...     try:
    ...         fetch_colorectal_textures(data_home=home, download_if_missing=False)
    ...     except FileNotFoundError as error:
    ...         print("Kather_texture_2016_image_tiles_5000.zip" in str(error))
    True
    """
    classes = _checked_classes(classes)
    root = download_colorectal_textures(
        data_home=data_home, download_if_missing=download_if_missing, verbose=verbose
    )
    images = _tiles_of(root)
    files = [file for name in classes for file in images[name]]
    target = np.repeat(np.arange(len(classes)), [len(images[name]) for name in classes])
    filenames = [str(root / file) for file in files]
    data = decode_files(
        filenames,
        size=None,
        crop=None if crop is None else (crop, crop),
        channels=3,
        expected=None,
        n_jobs=n_jobs,
        verbose=verbose,
    )
    if return_X_y:
        return data, target
    groups = folder_groups(files, _SLIDE, root)
    return image_bunch(
        data=data,
        target=target,
        target_names=classes,
        groups=groups,
        filenames=np.array(filenames, dtype=str),
        descr=COLORECTAL_TEXTURES.describe(data, target, classes, groups),
    )


def download_colorectal_textures(
    *,
    data_home: str | os.PathLike[str] | None,
    download_if_missing: bool,
    verbose: int | bool,
) -> Path:
    """Return the folder of the tiles; parameters as in :func:`fetch_colorectal_textures`."""
    ((file, remote),) = COLORECTAL_TEXTURES.files.items()
    archive = get_data_home(data_home) / COLORECTAL_TEXTURES_FOLDER / file
    tiles = archive.with_name("tiles")
    if not tiles.is_dir():
        download(archive, remote, download_if_missing=download_if_missing, verbose=verbose)
        with held_lock(tiles):
            if not tiles.is_dir():  # another process may have unpacked it
                unpack_zip(archive, tiles, max_files=_MAX_FILES, max_bytes=_MAX_BYTES)
    return tiles / archive.stem


def _checked_classes(classes):
    known = COLORECTAL_TEXTURES.target_names
    if classes is None:
        return list(known)
    names = [str(name) for name in classes]
    if not names or len(set(names)) < len(names) or not set(names) <= set(known):
        raise ValueError(
            "The 'classes' parameter of fetch_colorectal_textures must be None, or one or more of "
            f"{', '.join(map(repr, known))}, each once. Got {classes!r} instead."
        )
    return names


def _tiles_of(root):
    """Return the files of each class, relative to the folder."""
    images, _ = find_images(root)
    n_images = sum(map(len, images.values()))
    expected = COLORECTAL_TEXTURES.n_images["all"]
    if n_images != expected:
        raise ImageFolderError(
            f"The folder '{root}' holds {n_images} images instead of {expected}. Delete "
            f"'{root.parent}', so that the archive is unpacked again."
        )
    # The folders 01_TUMOR, 02_STROMA, ... in this order.
    return dict(zip(COLORECTAL_TEXTURES.target_names, images.values(), strict=True))
