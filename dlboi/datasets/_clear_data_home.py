"""Delete fetched images."""

from __future__ import annotations

import os
import shutil

from sklearn.utils._param_validation import validate_params

from dlboi.datasets._data_home import FETCHED_FOLDERS, get_data_home


@validate_params({"data_home": [None, str, os.PathLike]}, prefer_skip_nested_validation=True)
def clear_data_home(data_home: str | os.PathLike[str] | None = None) -> None:
    """Delete all that the fetchers have downloaded.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder, see :func:`get_data_home`.

    Raises
    ------
    ValueError
        If `data_home` is no path.
    OSError
        If something cannot be deleted.

    See Also
    --------
    get_data_home : The folder.

    Notes
    -----
    Only the folders that the fetchers make are deleted (``chest_xray_npy``,
    ``colorectal_textures``, ``medmnist``), with all that is in them. Whatever else is in the data
    home stays.

    Examples
    --------
    >>> import tempfile
    >>> from dlboi.datasets import clear_data_home
    >>> folder = tempfile.TemporaryDirectory()
    >>> clear_data_home(folder.name)
    >>> folder.cleanup()
    """
    home = get_data_home(data_home)
    for name in FETCHED_FOLDERS:
        if (home / name).is_dir():
            shutil.rmtree(home / name)
