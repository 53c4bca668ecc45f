"""What a result was computed with."""

import platform
from importlib import metadata

from dlboi._version import __version__

_PACKAGES = ("torch", "torchvision", "scikit-learn", "skorch", "numpy", "matplotlib")


def environment() -> dict[str, str]:
    """Versions of dlboi, of the packages that its numbers come from, of Python and the platform.

    The packages are not imported.

    Returns
    -------
    versions : dict of str to str
        "not installed" where a package is missing.

    Examples
    --------
    >>> from dlboi.reporting import environment
    >>> list(environment())[:3]
    ['dlboi', 'torch', 'torchvision']
    """
    versions = {"dlboi": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {**versions, "Python": platform.python_version(), "platform": platform.platform()}
