"""The versions that decide numbers."""

from dlboi.reporting._environment import environment


def software() -> dict[str, str]:
    """Return the versions that the numbers of a run depend on."""
    versions = environment()
    return {name: versions[name] for name in ("dlboi", "torch", "scikit-learn", "numpy")}
