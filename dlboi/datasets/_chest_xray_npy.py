"""Fetch the chest X-rays of the course."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import StrOptions, validate_params

from dlboi.datasets._data_home import CHEST_XRAY_NPY_FOLDER, get_data_home
from dlboi.datasets._download import download, is_there
from dlboi.datasets._facts import CHEST_XRAY_NPY, RemoteFile
from dlboi.datasets._npy_classes import load_npy_classes
from dlboi.datasets._npy_files import open_image_array
from dlboi.datasets._transfer import check_address
from dlboi.exceptions import MissingPathError

_VARIABLE = "DLBOI_CHEST_XRAY_URL"
_FILES = {
    "train": {"normal": "normal.npy", "pneumonia": "pneumonia.npy"},
    "test": {"normal": "test_normal.npy", "pneumonia": "test_pneumonia.npy"},
}


@validate_params(
    {
        "subset": [StrOptions(set(_FILES))],
        "base_url": [None, str],
        "checksums": [None, Mapping],
        "data_home": [None, str, os.PathLike],
        "download_if_missing": ["boolean"],
        "verbose": ["verbose"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_chest_xray_npy(
    *,
    subset: str = "train",
    base_url: str | None = None,
    checksums: Mapping[str, str] | None = None,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    verbose: int | bool = 0,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Fetch chest X-rays, pneumonia or not, that a course hands out as NumPy arrays.

    The images are a draw from the set of Kermany et al. [1]_: 1000 of each class to train on and
    200 of each to test on, grey, of 256x256 pixels. These arrays are published nowhere: whoever
    hands them out says where they are.

    Parameters
    ----------
    subset : {"train", "test"}, default="train"
        Which images: those of ``normal.npy`` and ``pneumonia.npy``, or those of
        ``test_normal.npy`` and ``test_pneumonia.npy``.
    base_url : str, default=None
        Address of the folder with the four files; it begins with ``https://``. None takes that
        of the environment variable ``DLBOI_CHEST_XRAY_URL``. Files that are there already need
        no address.
    checksums : dict, default=None
        Checksums of the files by file name, as ``"sha256:..."`` or ``"md5:..."``. None accepts
        whatever is an array of images.
    data_home : str or path-like, default=None
        Where the files are kept, in the folder ``chest_xray_npy``; see :func:`get_data_home`.
    download_if_missing : bool, default=True
        Whether files that are not there are downloaded.
    verbose : int or bool, default=0
        1 shows a progress bar.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of uint8 of shape (2000 or 400, 256, 256)
            The images.
        target : ndarray of int of shape (n,)
            0 for normal, 1 for pneumonia.
        target_names : ndarray of str of shape (2,)
            The two names.
        groups : None
            The arrays do not say which images are of one patient.
        filenames : ndarray of str of shape (n,)
            File and position of each image, as ``normal.npy[17]``.
        image_shape : tuple (channels, height, width)
            Shape of an image.
        DESCR : str
            What the set is, where it comes from, and its licence.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    MissingPathError
        If a file is not there, and may not be downloaded or no address is known.
    DownloadError
        If a file cannot be downloaded, or is not the one of its checksum, or no array of images.
    ImageFileError
        If a file that was there already is no array of images.
    ValueError
        If a parameter is not allowed.

    See Also
    --------
    fetch_medmnist : ``"pneumoniamnist"`` is made from the same public set.
    load_npy_classes : Other images that are stored as NumPy arrays.

    References
    ----------
    .. [1] Kermany, Goldbaum, Cai et al. (2018). Identifying medical diagnoses and treatable
       diseases by image-based deep learning. Cell 172:1122-1131. Data:
       https://doi.org/10.17632/rscbjbr9sj, CC BY 4.0.

    Examples
    --------
    With the address that the course gives::

        train = fetch_chest_xray_npy(base_url="https://example.org/chest_xray")

    Files that are there already are read without any:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from dlboi.datasets import fetch_chest_xray_npy
    >>> home = tempfile.TemporaryDirectory()
    >>> folder = Path(home.name, "chest_xray_npy")
    >>> folder.mkdir()
    >>> np.save(folder / "test_normal.npy", np.zeros((3, 256, 256), dtype="uint8"))
    >>> np.save(folder / "test_pneumonia.npy", np.ones((2, 256, 256), dtype="uint8"))
    >>> test = fetch_chest_xray_npy(subset="test", data_home=home.name)
    >>> test.data.shape, test.target, test.image_shape
    ((5, 256, 256), array([0, 0, 0, 1, 1]), (1, 256, 256))
    >>> home.cleanup()
    """
    paths = download_chest_xray_npy(
        subset,
        base_url=base_url,
        checksums=checksums,
        data_home=data_home,
        download_if_missing=download_if_missing,
        verbose=verbose,
    )
    dataset = load_npy_classes(paths)
    if return_X_y:
        return dataset.data, dataset.target
    dataset.DESCR = CHEST_XRAY_NPY.describe(dataset.data, dataset.target, dataset.target_names)
    return dataset


def download_chest_xray_npy(
    subset: str,
    *,
    base_url: str | None,
    checksums: Mapping[str, str] | None,
    data_home: str | os.PathLike[str] | None,
    download_if_missing: bool,
    verbose: int | bool,
) -> dict[str, Path]:
    """Return the files of a subset by class; parameters as in :func:`fetch_chest_xray_npy`."""
    checksums = _checked_checksums(checksums or {})
    base_url = base_url or os.environ.get(_VARIABLE)
    if base_url is not None:
        check_address(base_url)
    folder = get_data_home(data_home) / CHEST_XRAY_NPY_FOLDER
    paths = {name: folder / file for name, file in _FILES[subset].items()}
    for path in paths.values():
        checksum = checksums.get(path.name)
        if base_url is not None:
            download(
                path,
                RemoteFile(f"{base_url.rstrip('/')}/{path.name}", checksum),
                download_if_missing=download_if_missing,
                verbose=verbose,
                check=lambda part: open_image_array(part, "r"),
            )
        elif not is_there(path, checksum):
            raise _no_address(path)
    return paths


def _no_address(path):
    what = "is not the one of its checksum" if path.is_file() else "is not there"
    return MissingPathError(
        f"The file '{path}' {what}, and no address is known to download it from: whoever hands the "
        "arrays out knows it. Give the address of the folder they are in, with base_url or the "
        f"environment variable {_VARIABLE}, or put {', '.join(CHEST_XRAY_NPY.files)} into "
        f"'{path.parent}'."
    )


def _checked_checksums(checksums):
    """Return the checksums as ``algorithm:digest``, in small letters."""
    checked = {}
    for file, checksum in checksums.items():
        found = re.fullmatch(r"md5:[0-9a-f]{32}|(?:sha256:)?([0-9a-f]{64})", str(checksum).lower())
        if file not in CHEST_XRAY_NPY.files or found is None:
            raise ValueError(
                "The 'checksums' parameter of fetch_chest_xray_npy must give 'sha256:' or 'md5:' "
                f"and a digest for files of {', '.join(CHEST_XRAY_NPY.files)}. "
                f"Got {checksum!r} for {file!r} instead."
            )
        checked[file] = f"sha256:{found[1]}" if found[1] else found[0]
    return checked
