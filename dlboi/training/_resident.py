"""Image sets on the device: brought there once, or a batch ahead of the training step."""

import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from dlboi.training._images import ImageArray

#: Share of the device's free memory that an image set may take.
_SHARE_OF_FREE_MEMORY = 0.5

#: Batches that are fetched ahead.
_N_AHEAD = 2

#: The pixels of each array on each device, as long as a fit holds them: fits that run at once on
#: the same array share them.
_HELD = weakref.WeakValueDictionary()

_KEPT_TYPES = (np.uint8, np.float32)


class ResidentImages:
    """Images on a device, in the user's type; batches are cut out of them there.

    Parameters
    ----------
    images : ImageArray
        The images.
    device : torch.device
        Where to keep them.
    """

    def __init__(self, images: ImageArray, device: torch.device):
        self._images = images
        self._pixels = _bring(images.array, torch.device(device))
        self.image_shape = images.image_shape

    def __len__(self) -> int:
        return len(self._images)

    def take(self, index: np.ndarray) -> torch.Tensor:
        """Return images `index` as a tensor (len(index), c, h, w) on the device."""
        pixels = self._pixels.tensor
        rows = torch.from_numpy(np.asarray(index, dtype=np.int64)).to(pixels.device)
        return self._images.channels_first(pixels.index_select(0, rows))


def _bring(array, device):
    key = (array.__array_interface__["data"][0], array.shape, array.strides, str(device))
    held = _HELD.get(key)
    if held is None or held.source() is not array:
        held = _HELD[key] = _Held(array, device)
    return held


class _Held:
    """The pixels of one array on one device."""

    def __init__(self, array, device):
        self.source = weakref.ref(array)
        contiguous = np.ascontiguousarray(array)
        if not contiguous.flags.writeable:  # torch warns of memory that it must not write to
            contiguous = contiguous.copy()
        self.tensor = torch.from_numpy(contiguous).to(device)


def keep_on_device(images, device: torch.device, free_bytes: int | None = None):
    """Return images that are on the device as a whole, where that pays and there is room.

    Parameters
    ----------
    images : ImageArray or ImageFiles
        The images.
    device : torch.device
        Where they are going to be used.
    free_bytes : int, default=None
        Free memory of the device; None asks it.

    Returns
    -------
    ResidentImages, or `images` themselves
        Themselves on a processor, from files, of types that torch cannot index, and where they
        would take more than half of the free memory.
    """
    device = torch.device(device)
    if device.type != "cuda" or not isinstance(images, ImageArray):
        return images
    if images.array.dtype.type not in _KEPT_TYPES or not images.array.dtype.isnative:
        return images
    if free_bytes is None:
        free_bytes = torch.cuda.mem_get_info(device)[0]
    if images.array.nbytes > _SHARE_OF_FREE_MEMORY * free_bytes:
        return images
    return ResidentImages(images, device)


def fetch_ahead(batches: Iterable, device: torch.device) -> Iterator:
    """Yield batches whose pixels are on the device, while a thread fetches those that follow.

    Parameters
    ----------
    batches : iterable of (ImageBatch, Tensor)
        The batches.
    device : torch.device
        Where the pixels go, from pinned memory if it is a CUDA device.

    Yields
    ------
    (ImageBatch, Tensor)
        The batches, in their order.
    """
    device = torch.device(device)

    def fetch(batch):
        images, target = batch
        pixels = images.pixels()
        if device.type == "cuda" and not pixels.is_cuda:
            pixels = pixels.pin_memory()
        return images.with_pixels(pixels.to(device, non_blocking=True)), target

    executor, waiting = ThreadPoolExecutor(1), deque()
    try:
        for batch in batches:
            waiting.append(executor.submit(fetch, batch))
            if len(waiting) > _N_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)
