"""What all tests share."""

import os
from pathlib import Path

import pytest

from dlboi.training import _image_files


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory):
    """Keep features out of the user's cache, in this process and in those that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLBOI_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def real_data():
    """Folder of the real images; the test is skipped, saying so, where there is none."""
    folder = os.environ.get("DLBOI_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("DLBOI_TEST_DATA does not name the folder of the real images")
    return Path(folder)


@pytest.fixture
def opened(monkeypatch):
    """Names of the image files that are decoded for training, in no particular order."""
    names = []

    def read_image(path, **parameters):
        names.append(path)
        return original(path, **parameters)

    original = _image_files.read_image
    monkeypatch.setattr(_image_files, "read_image", read_image)
    return names
