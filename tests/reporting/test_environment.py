import platform
from importlib import metadata

import numpy
import sklearn
import torch

import dlboi
from dlboi.reporting import environment


def test_versions_are_those_in_use():
    found = environment()
    assert found["dlboi"] == dlboi.__version__
    assert found["numpy"] == numpy.__version__
    assert found["scikit-learn"] == sklearn.__version__
    assert torch.__version__.startswith(found["torch"].split("+")[0])
    assert found["Python"] == platform.python_version()
    assert platform.node() not in found.values()


def test_a_missing_package_is_said_to_be_missing(monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    assert environment()["torchvision"] == "not installed"
