"""AlexNet and GoogLeNet on real chest X-rays, fine-tuned and frozen, from start to end.

There is no network to take ImageNet's weights from: the first network starts at random, and its
weights are those that the second one is given.
"""

import numpy as np
import pytest
import torch

from dlboi import PretrainedClassifier
from dlboi.datasets import load_image_folder

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

PATIENT = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"


@pytest.fixture(scope="module")
def chest(real_data):
    """2000 images of 128 pixels."""
    folder = real_data / "chest_xray" / "train"
    return load_image_folder(folder, size=128, groups=PATIENT, n_jobs=2)


@pytest.mark.parametrize(("backbone", "lr"), [("alexnet", 1e-4), ("googlenet", 1e-3)])
def test_fine_tuned_and_then_frozen_on_other_images(backbone, lr, chest, tmp_path):
    parameters = {"schedule": "cosine", "memory": tmp_path / "features", "random_state": 0}
    first, second = slice(0, None, 5), slice(1, None, 5)
    tuned = PretrainedClassifier(backbone, weights=None, lr=lr, max_epochs=6, **parameters)
    tuned.fit(chest.data[first], chest.target[first])
    assert tuned.history_["train_accuracy"][-1] > 0.8
    state = {name: tensor.clone() for name, tensor in tuned.net_.module_.body.state_dict().items()}
    torch.save(state, tmp_path / "weights.pt")

    frozen = PretrainedClassifier(
        backbone,
        weights=tmp_path / "weights.pt",
        freeze_backbone=True,
        max_epochs=20,
        validation_fraction=0.25,
        **parameters,
    )
    frozen.fit(chest.data[second], chest.target[second], groups=chest.groups[second])
    assert frozen.history_["validation_accuracy"].max() > 0.75
    for name, tensor in frozen.net_.module_.body.state_dict().items():
        assert torch.equal(tensor, state[name]), name
    maps = frozen.class_activation_map(chest.data[:2])
    assert maps.shape == (2, 128, 128)
    assert np.isfinite(maps).all()
