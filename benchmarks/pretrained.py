"""Pretrained networks against plain loops: ``python -m benchmarks.pretrained``."""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import GridSearchCV
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.models import get_model

import dlboi
from benchmarks.machine import describe
from dlboi import PretrainedClassifier, keep_freed_memory

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
GRID = {"lr": [1e-4, 1e-3], "weight_decay": [0, 0.01], "step_size": [4, 8]}


class PlainTransfer:
    """The loop of a course notebook: three float32 channels, DataLoader, ``.item()`` a batch."""

    def __init__(self, X, y, state_dict, *, frozen):
        self.model = get_model("resnet18", weights=None)
        self.model.load_state_dict(state_dict)
        self.model.requires_grad_(not frozen)
        self.model.fc = nn.Linear(512, 2)
        images = torch.from_numpy(X).float().div(255).unsqueeze(1).repeat(1, 3, 1, 1)
        images = (images - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
        self.loader = DataLoader(
            TensorDataset(images, torch.from_numpy(y)), batch_size=32, shuffle=True
        )
        learning = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.Adam(learning, lr=1e-3)

    def train(self, n_epochs):
        """Train for some epochs; a frozen body is in evaluation mode, as it should be."""
        frozen = not self.model.conv1.weight.requires_grad
        self.model.train(not frozen)
        for _ in range(n_epochs):
            for images, labels in self.loader:
                self.optimizer.zero_grad()
                loss = nn.functional.cross_entropy(self.model(images), labels)
                loss.backward()
                self.optimizer.step()
                loss.item()


def seconds(function):
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main():
    """Measure and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--grid-images", type=int, default=1600, help="of the grid search")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=30, help="of the frozen backbone")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep-freed-memory", action="store_true", help="for all contestants")
    options = parser.parse_args()
    if options.keep_freed_memory:
        keep_freed_memory()
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (options.images, options.size, options.size), dtype=np.uint8)
    y = np.arange(options.images) % 2
    state_dict = get_model("resnet18", weights=None).state_dict()
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "resnet18.pt"
        torch.save(state_dict, weights)

        def dlboi_fit(precision, n_epochs, **parameters):
            dlboi.clear_cache(memory=None)
            own = {"weights": weights, "memory": None, "random_state": 0, "loss": "ce"}
            own |= {"precision": precision, "max_epochs": n_epochs, **parameters}
            return seconds(lambda: PretrainedClassifier("resnet18", **own).fit(X, y))

        def plain_epoch(*, frozen):
            return seconds(lambda: PlainTransfer(X, y, state_dict, frozen=frozen).train(1))

        print(f"{describe()}; ResNet-18, {options.images} images of {options.size}×{options.size},")
        print(f"batch 32, median of {options.repeats} rounds\n")
        print("| | plain loop, s | dlboi float32, s | dlboi bfloat16, s |\n|---|---|---|---|")
        # An epoch of the plain loop costs as much as any other: one is measured.
        for text, n_epochs, frozen in (
            (f"frozen, {options.epochs} epochs", options.epochs, True),
            ("fine-tuned, 1 epoch", 1, False),
        ):
            rows = np.array(
                [
                    [
                        n_epochs * plain_epoch(frozen=frozen),
                        dlboi_fit("float32", n_epochs, freeze_backbone=frozen),
                        dlboi_fit("bfloat16", n_epochs, freeze_backbone=frozen),
                    ]
                    for _ in range(options.repeats)
                ]
            )
            times, ratios = np.median(rows, axis=0), np.median(rows[:, :1] / rows, axis=0)
            cells = [f"{t:.2f} ({r:.1f}×)" for t, r in zip(times, ratios, strict=True)]
            print(f"| {text} | {' | '.join(cells)} |", flush=True)

        many = rng.integers(0, 256, (options.grid_images, *X.shape[1:]), dtype=np.uint8)
        labels = np.arange(options.grid_images) % 2

        def grid():
            dlboi.clear_cache(memory=None)
            frozen = PretrainedClassifier(
                "resnet18",
                weights=weights,
                freeze_backbone=True,
                memory=None,
                random_state=0,
                max_epochs=10,
            )
            GridSearchCV(frozen, GRID, cv=5, refit=False).fit(many, labels)

        def one_pass():
            dlboi.clear_cache(memory=None)
            features = dlboi.PretrainedFeatures("resnet18", weights=weights, memory=None)
            features.fit_transform(many)

        rows = np.array([[seconds(grid), seconds(one_pass)] for _ in range(options.repeats)])
        whole, alone = np.median(rows, axis=0)
        print(f"\n{options.grid_images} images, 8 candidates × 5 folds × 10 epochs: {whole:.1f} s;")
        print(f"one pass over them: {alone:.1f} s;")
        print(f"ratio {np.median(rows[:, 0] / rows[:, 1]):.2f}")


if __name__ == "__main__":
    main()
