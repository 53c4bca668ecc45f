"""Fits on a GPU, and the way that batches take there, tried on the processor."""

import numpy as np
import pytest
import torch

from dlboi import CNNClassifier
from dlboi.training import ImageClassifierNet
from dlboi.training._resident import ResidentImages

needs_cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device on this machine"
)


def test_whole_batches_fetched_ahead_learn_nearly_the_same(classifier, chest, small, monkeypatch):
    lanes = small(classifier).fit(chest.data, chest.target)
    monkeypatch.setattr(ImageClassifierNet, "is_cpu", False)
    monkeypatch.setattr(
        "dlboi.training._dataset.keep_on_device", lambda images, _: ResidentImages(images, "cpu")
    )
    whole = small(classifier).fit(chest.data, chest.target)
    np.testing.assert_allclose(
        whole.history_["train_loss"], lanes.history_["train_loss"], rtol=1e-3
    )


@needs_cuda
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_cuda_learns_nearly_what_the_processor_learns(chest, small, precision):
    cpu, cuda = (
        small(CNNClassifier, device=device, precision=precision).fit(chest.data, chest.target)
        for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(cuda.history_["train_loss"], cpu.history_["train_loss"], rtol=0.02)
    np.testing.assert_allclose(
        cuda.predict_proba(chest.data), cpu.predict_proba(chest.data), atol=0.05
    )


@needs_cuda
def test_deterministic_kernels_give_the_same_bits_on_cuda(chest, small, digest, monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    try:
        first, second = (
            small(CNNClassifier, device="cuda").fit(chest.data, chest.target) for _ in range(2)
        )
    finally:
        torch.use_deterministic_algorithms(False)
    assert digest(first) == digest(second)
