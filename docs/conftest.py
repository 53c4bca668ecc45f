"""What the pages' examples find in their working directory: images as a reader would have them."""

import numpy as np
import pytest
from PIL import Image

from dlboi.datasets import make_chest_phantoms


@pytest.fixture(scope="session")
def _images(tmp_path_factory):
    root = tmp_path_factory.mktemp("docs")
    for part, seed in (("train", 0), ("test", 1)):
        phantoms = make_chest_phantoms(60, image_size=64, random_state=seed)
        for number, (pixels, code, patient) in enumerate(
            zip(phantoms.data, phantoms.target, phantoms.groups, strict=True)
        ):
            path = root / "images" / part / str(phantoms.target_names[code])
            path.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path / f"{patient}_{number}.png")
        for code, name in enumerate(phantoms.target_names):
            start = "" if part == "train" else "test_"
            np.save(root / f"{start}{name}.npy", phantoms.data[phantoms.target == code])
    return root


@pytest.fixture(autouse=True)
def _among_images(_images, monkeypatch):
    monkeypatch.chdir(_images)
