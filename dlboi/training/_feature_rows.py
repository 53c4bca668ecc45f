"""Features of images in the place of the images: what a head learns from."""

import numpy as np
import torch


class FeatureRows:
    """Rows of features, in one view or in several; each epoch shows one view.

    Parameters
    ----------
    views : ndarray of float32 of shape (n_views, n, n_features)
        Features of the same `n` images, seen `n_views` times (with other random augmentation).
    view : int, default=0
        Which of them is shown.
    """

    def __init__(self, views: np.ndarray, view: int = 0):
        self.views = views
        self.view = view
        self.image_shape = views.shape[2:]

    def __len__(self) -> int:
        return self.views.shape[1]

    def take(self, index: np.ndarray) -> torch.Tensor:
        """Return rows `index` as a tensor (len(index), n_features)."""
        return torch.from_numpy(self.views[self.view][index])

    def at_epoch(self, number: int) -> "FeatureRows":
        """Return the rows that epoch `number`, from 1, is shown."""
        return FeatureRows(self.views, (number - 1) % len(self.views))
