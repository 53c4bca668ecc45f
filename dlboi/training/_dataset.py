"""Labelled images, and the batches that are cut out of them."""

import hashlib
from collections.abc import Iterator

import numpy as np
import torch
from torch.utils.data import Dataset

from dlboi.training._feature_rows import FeatureRows
from dlboi.training._image_files import ImageFiles
from dlboi.training._images import ImageArray
from dlboi.training._resident import keep_on_device


class ImageBatch:
    """Some of the images of a set; their pixels are fetched when they are asked for.

    Parameters
    ----------
    images : ImageArray or ImageFiles
        The set.
    index : ndarray of int
        Which images of the set.
    weight : Tensor of shape (len(index),) or None
        Weights of the images in the loss.
    """

    def __init__(self, images, index, weight=None):
        self.images = images
        self.index = index
        self.weight = weight
        self._fetched = None

    def __len__(self) -> int:
        return len(self.index)

    def pixels(self, part: slice = slice(None)) -> torch.Tensor:
        """Return the pixels of a part of the batch, (n, c, h, w), in the set's own type."""
        if self._fetched is not None:
            return self._fetched[part]
        return self.images.take(self.index[part])

    def with_pixels(self, pixels: torch.Tensor) -> "ImageBatch":
        """Return this batch with its pixels, which are not asked of the set any more."""
        batch = ImageBatch(self.images, self.index, self.weight)
        batch._fetched = pixels
        return batch


class LabelledImages(Dataset):
    """Images with their classes: what a net is fitted on, without a copy of the images.

    Parameters
    ----------
    images : ImageArray or ImageFiles
        The images.
    target : ndarray of int of shape (n,)
        Class of each image of this set, 0 to n_classes - 1.
    weight : ndarray of shape (n,), default=None
        Weight of each image of this set in the loss; None weighs all 1.
    index : ndarray of int of shape (n,), default=None
        Which of `images` belong to this set; None takes all of them.
    """

    def __init__(
        self,
        images: ImageArray | ImageFiles,
        target: np.ndarray,
        weight: np.ndarray | None = None,
        index: np.ndarray | None = None,
    ):
        self.images = images
        self.index = np.arange(len(images)) if index is None else index
        self.target = torch.as_tensor(target, dtype=torch.int64)
        self.weight = None if weight is None else torch.as_tensor(weight, dtype=torch.float32)

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        """Return one image and its class, as torch's datasets do."""
        return self.images.take(self.index[[row]])[0], int(self.target[row])

    def digest(self) -> str:
        """Return a hash of the images (or their paths), their places and their classes."""
        digest = hashlib.blake2b(self.target.numpy().tobytes(), digest_size=16)
        digest.update(self.index.astype(np.int64).tobytes())
        if isinstance(self.images, ImageFiles):
            digest.update("\n".join(self.images.paths[i] for i in self.index).encode())
        else:
            for row in self.index:
                digest.update(np.ascontiguousarray(self.images.array[row]))
        return digest.hexdigest()

    def to(self, device: torch.device) -> "LabelledImages":
        """Return this set with its images on the device, where there is room for them."""
        images = keep_on_device(self.images, device)
        return LabelledImages(images, self.target, self.weight, self.index)

    def at_epoch(self, number: int) -> "LabelledImages":
        """Return this set as epoch `number`, from 1, is shown it: features may have views."""
        if not isinstance(self.images, FeatureRows):
            return self
        return LabelledImages(self.images.at_epoch(number), self.target, self.weight, self.index)

    def batch(self, rows: np.ndarray) -> tuple[ImageBatch, torch.Tensor]:
        """Return images `rows` and their classes."""
        weight = None if self.weight is None else self.weight[rows]
        return ImageBatch(self.images, self.index[rows], weight), self.target[rows]


class ShuffledBatches:
    """Batches of the images in a new random order.

    A last batch of one image joins the batch before it: batch normalisation cannot learn from one.

    Parameters
    ----------
    dataset : LabelledImages
        What to iterate over.
    batch_size : int
        Images a batch.
    seed : int
        Decides the orders, together with the epoch.
    """

    def __init__(self, dataset: LabelledImages, batch_size: int, seed: int):
        self.dataset = dataset
        self.batch_size = batch_size
        self.seed = seed

    def epoch(self, number: int) -> Iterator[tuple[ImageBatch, torch.Tensor]]:
        """Yield the batches of an epoch: the same number gives the same batches."""
        order = np.random.default_rng((self.seed, number)).permutation(len(self.dataset))
        dataset = self.dataset.at_epoch(number)
        starts = list(range(0, len(order), self.batch_size))
        if len(starts) > 1 and len(order) - starts[-1] == 1:
            starts.pop()
        for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
            yield dataset.batch(order[start:stop])


class WholeSet:
    """All images as one batch, in their order: prediction divides it as it needs.

    Parameters
    ----------
    dataset : LabelledImages
        What to iterate over.
    """

    def __init__(self, dataset: LabelledImages):
        self.dataset = dataset

    def __iter__(self) -> Iterator[tuple[ImageBatch, torch.Tensor]]:
        yield self.dataset.batch(np.arange(len(self.dataset)))
