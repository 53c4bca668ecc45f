"""The plain PyTorch loop of a course notebook, and stock skorch: what dlboi is compared with."""

import numpy as np
import torch
from skorch import NeuralNetBinaryClassifier
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def plain_network(name: str, size: int) -> nn.Module:
    """Return ANN, CNN, GAP or GAP(4) as the reports wrote them, ReLU before pooling."""
    if name == "ANN":
        return nn.Sequential(
            nn.Flatten(),
            *(nn.Linear(size * size, 32), nn.ReLU()),
            *(nn.Linear(32, 32), nn.ReLU()),
            *(nn.Linear(32, 32), nn.ReLU()),
            nn.Linear(32, 1),
        )
    pool = 4 if name == "GAP(4)" else 2
    blocks, channels, side = [], 1, size
    for _ in range(3):
        blocks += [nn.Conv2d(channels, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(pool)]
        channels, side = 32, side // pool
    if name == "CNN":
        head = [nn.Flatten(), nn.Linear(32 * side * side, 32), nn.ReLU(), nn.Linear(32, 1)]
    else:
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 1)]
    return nn.Sequential(*blocks, *head)


class PlainLoop:
    """A float32 data set, a DataLoader, and ``.item()`` in every batch."""

    def __init__(self, name: str, X: np.ndarray, y: np.ndarray, device: str = "cpu"):
        self.device = device
        self.model = plain_network(name, X.shape[1]).to(device)
        images = torch.from_numpy(X).float().div(255).unsqueeze(1)
        labels = torch.from_numpy(y).float()
        self.loader = DataLoader(TensorDataset(images, labels), batch_size=32, shuffle=True)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.loss = nn.BCEWithLogitsLoss()

    def train(self, n_epochs: int) -> None:
        """Train for some epochs."""
        for _ in range(n_epochs):
            self._epoch()

    def _epoch(self):
        self.model.train()
        running = 0.0
        for images, labels in self.loader:
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            loss = self.loss(self.model(images).squeeze(1), labels)
            loss.backward()
            self.optimizer.step()
            running += loss.item() * len(images)


class StockSkorch:
    """skorch's own classifier with its default data loader, without validation."""

    def __init__(self, name: str, X: np.ndarray, y: np.ndarray):
        self.images = (X.astype(np.float32) / 255)[:, None]
        self.labels = y.astype(np.float32)
        self.net = NeuralNetBinaryClassifier(
            plain_network(name, X.shape[1]),
            optimizer=torch.optim.Adam,
            lr=1e-3,
            batch_size=32,
            train_split=None,
            iterator_train__shuffle=True,
            verbose=0,
        ).initialize()

    def train(self, n_epochs: int) -> None:
        """Train for some epochs."""
        self.net.set_params(max_epochs=n_epochs).partial_fit(self.images, self.labels)
