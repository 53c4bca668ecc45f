"""Say where fetched images are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pooch
from sklearn.utils._param_validation import validate_params

CHEST_XRAY_NPY_FOLDER = "chest_xray_npy"
COLORECTAL_TEXTURES_FOLDER = "colorectal_textures"
MEDMNIST_FOLDER = "medmnist"

#: What the fetchers make in the data home.
FETCHED_FOLDERS = (CHEST_XRAY_NPY_FOLDER, COLORECTAL_TEXTURES_FOLDER, MEDMNIST_FOLDER)


@validate_params({"data_home": [None, str, os.PathLike]}, prefer_skip_nested_validation=True)
def get_data_home(data_home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder in which the fetchers keep what they have downloaded.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder. None takes the one that the environment variable ``DLBOI_DATA`` names, or
        else ``data`` in dlboi's part of the user's cache.

    Returns
    -------
    data_home : Path
        The folder; it need not be there, the fetchers make it.

    Raises
    ------
    ValueError
        If `data_home` is no path.

    See Also
    --------
    clear_data_home : Delete what is kept there.

    Examples
    --------
    >>> from dlboi.datasets import get_data_home
    >>> get_data_home("images").name
    'images'
    """
    if data_home is None:
        data_home = os.environ.get("DLBOI_DATA") or pooch.os_cache("dlboi") / "data"
    return Path(data_home).expanduser()
