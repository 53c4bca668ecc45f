"""Fetch a set of MedMNIST."""

from __future__ import annotations

import os
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Options, StrOptions, validate_params

from dlboi.datasets._bunch import image_bunch
from dlboi.datasets._data_home import MEDMNIST_FOLDER, get_data_home
from dlboi.datasets._download import download
from dlboi.datasets._medmnist_facts import MEDMNIST, MEDMNIST_SIZES, medmnist_file


@validate_params(
    {
        "name": [StrOptions(set(MEDMNIST))],
        "size": [Options(Integral, set(MEDMNIST_SIZES))],
        "subset": [StrOptions({"train", "val", "test"})],
        "data_home": [None, str, os.PathLike],
        "download_if_missing": ["boolean"],
        "verbose": ["verbose"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_medmnist(
    name: str,
    *,
    size: int = 28,
    subset: str = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    verbose: int | bool = 0,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Fetch images of one of the sets of MedMNIST.

    MedMNIST [1]_ brings biomedical sets of many kinds to the same form: small square images in
    three fixed subsets.

    Parameters
    ----------
    name : str
        The set: ``"bloodmnist"``, ``"breastmnist"``, ``"dermamnist"``, ``"octmnist"``,
        ``"organamnist"``, ``"organcmnist"``, ``"organsmnist"``, ``"pathmnist"``,
        ``"pneumoniamnist"``, ``"retinamnist"`` or ``"tissuemnist"``.
    size : {28, 64, 128, 224}, default=28
        Height and width of the images in pixels. Each size is a file of its own.
    subset : {"train", "val", "test"}, default="train"
        Which images.
    data_home : str or path-like, default=None
        Where the files are kept, in the folder ``medmnist``; see :func:`get_data_home`.
    download_if_missing : bool, default=True
        Whether a file that is not there is downloaded.
    verbose : int or bool, default=0
        1 shows a progress bar.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : Bunch
        data : ndarray of uint8 of shape (n, size, size) or (n, size, size, 3)
            The images.
        target : ndarray of int of shape (n,)
            Position of the class in `target_names`.
        target_names : ndarray of str of shape (n_classes,)
            Names of the classes.
        groups : None
            MedMNIST does not say which images are of one patient.
        filenames : ndarray of str of shape (n,)
            File and position of each image, as ``pneumoniamnist.npz:train_images[17]``.
        image_shape : tuple (channels, height, width)
            Shape of an image.
        DESCR : str
            What the set is, where it comes from, and its licence.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    MissingPathError
        If the file is not there and `download_if_missing` is False.
    DownloadError
        If the file cannot be downloaded, or does not have its published MD5.
    ValueError
        If a parameter is not allowed.

    See Also
    --------
    fetch_colorectal_textures : Tiles of tissue, with the slides they come from.

    Notes
    -----
    Sets of volumes and ChestMNIST, whose images have several labels each, are not offered: the
    classifiers take images with one class. A subset is read into memory as a whole; the large sizes
    of some sets take gigabytes (``"pathmnist"`` with 224 pixels: 13.5 GB to train on).

    The licence is CC BY 4.0, that of DermaMNIST CC BY-NC 4.0.

    References
    ----------
    .. [1] Yang, Shi, Wei et al. (2023). MedMNIST v2: a large-scale lightweight benchmark for 2D and
       3D biomedical image classification. Scientific Data 10:41. Data:
       https://zenodo.org/records/10519652.

    Examples
    --------
    The first call downloads a file of some megabytes, later ones read it::

        train = fetch_medmnist("pneumoniamnist")
        test = fetch_medmnist("pneumoniamnist", subset="test")

    Where nothing may be downloaded, the error says which file to put where:

    >>> import tempfile
    >>> from dlboi.datasets import fetch_medmnist
    >>> with tempfile.TemporaryDirectory() as home:
    ...     try:
    ...         fetch_medmnist("pneumoniamnist", data_home=home, download_if_missing=False)
    ...     except FileNotFoundError as error:
    ...         print("zenodo.org/records/10519652/files/pneumoniamnist.npz" in str(error))
    True
    """
    path = download_medmnist(
        name,
        size=size,
        data_home=data_home,
        download_if_missing=download_if_missing,
        verbose=verbose,
    )
    # The file has its published MD5: its arrays need no further checks.
    with np.load(path, allow_pickle=False) as arrays:
        data = arrays[f"{subset}_images"]
        target = arrays[f"{subset}_labels"].ravel().astype(np.int64)
    if return_X_y:
        return data, target
    facts = MEDMNIST[name]
    return image_bunch(
        data=data,
        target=target,
        target_names=facts.target_names,
        groups=None,
        filenames=np.array(
            [f"{path.name}:{subset}_images[{i}]" for i in range(len(data))], dtype=str
        ),
        descr=facts.describe(data, target, facts.target_names),
    )


def download_medmnist(
    name: str,
    *,
    size: int,
    data_home: str | os.PathLike[str] | None,
    download_if_missing: bool,
    verbose: int | bool,
) -> Path:
    """Return the file of a set; parameters as in :func:`fetch_medmnist`."""
    file = medmnist_file(name, size)
    return download(
        get_data_home(data_home) / MEDMNIST_FOLDER / file,
        MEDMNIST[name].files[file],
        download_if_missing=download_if_missing,
        verbose=verbose,
    )
