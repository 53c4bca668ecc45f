"""Download a set by name without reading its images."""

from __future__ import annotations

import os
from pathlib import Path

from dlboi.datasets._chest_xray_npy import download_chest_xray_npy
from dlboi.datasets._colorectal_textures import download_colorectal_textures
from dlboi.datasets._medmnist import download_medmnist
from dlboi.datasets._medmnist_facts import MEDMNIST, MEDMNIST_SIZES

_CHEST_XRAY_NPY, _COLORECTAL_TEXTURES = "chest_xray_npy", "colorectal_textures"


def download_set(
    name: str,
    *,
    size: int | None,
    base_url: str | None,
    data_home: str | os.PathLike[str] | None,
    verbose: int | bool,
) -> list[Path]:
    """Return the files of a set, or the folder of its images, which are then there.

    Parameters
    ----------
    name : str
        What follows ``fetch_``, or a set of MedMNIST.
    size : int or None
        Pixels of a set of MedMNIST; None means 28.
    base_url : str or None
        Address of the folder of the arrays of X-rays.
    data_home, verbose
        As of the fetchers.

    Raises
    ------
    ValueError
        If there is no such set, or it has no such parameter.
    DownloadError, MissingPathError, ArchiveError
        As raised by the fetchers.
    """
    where = {"data_home": data_home, "download_if_missing": True, "verbose": verbose}
    if name not in (_CHEST_XRAY_NPY, _COLORECTAL_TEXTURES, *MEDMNIST):
        raise ValueError(
            f"There is no set {name!r}. There are {_CHEST_XRAY_NPY}, {_COLORECTAL_TEXTURES}, "
            f"{', '.join(MEDMNIST)}."
        )
    if size is not None and (name not in MEDMNIST or size not in MEDMNIST_SIZES):
        raise ValueError(
            f"Sets of MedMNIST have the sizes {', '.join(map(str, MEDMNIST_SIZES))}, others have "
            f"one. Got {size} for {name!r} instead."
        )
    if base_url is not None and name != _CHEST_XRAY_NPY:
        raise ValueError(f"The address of {name!r} is known. Leave out {base_url!r}.")

    if name in MEDMNIST:
        return [download_medmnist(name, size=size or 28, **where)]
    if name == _COLORECTAL_TEXTURES:
        return [download_colorectal_textures(**where)]
    return [
        path
        for subset in ("train", "test")
        for path in download_chest_xray_npy(
            subset, base_url=base_url, checksums=None, **where
        ).values()
    ]
