"""Folders of small images."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_images(tmp_path):
    """Return a function that writes one image a name, each of its own pixels, into a folder."""

    def write(*names, shape=(12, 10), dtype=np.uint8, folder="images"):
        root = tmp_path / folder
        for number, name in enumerate(names):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            rng = np.random.default_rng(number)
            Image.fromarray(rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype)).save(path)
        return root

    return write
