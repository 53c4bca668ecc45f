"""Images in the form in which a training loop takes them: by index, a batch at a time."""

import numpy as np
import torch

from dlboi._validation import ImageLayout

#: What pixels are divided by, by their type; others are taken as they are.
SCALES = {torch.uint8: 255, torch.uint16: 65535}


class ImageArray:
    """Images in one array, never copied as a whole: a batch is cut out of it.

    Parameters
    ----------
    array : ndarray
        The pixels, in the user's type; may be a read-only memory map.
    layout : ImageLayout
        How the pixels lie.
    """

    def __init__(self, array: np.ndarray, layout: ImageLayout):
        self.array = array
        self.order, self.image_shape = layout

    def __len__(self) -> int:
        return len(self.array)

    def take(self, index: np.ndarray) -> torch.Tensor:
        """Return images `index` as a tensor (len(index), c, h, w).

        Types that torch can scale are kept, in the byte order of this machine; others become
        float32.
        """
        pixels = np.take(self.array, index, axis=0)
        kind, size = pixels.dtype.kind, pixels.dtype.itemsize
        kept = (kind == "u" and size <= 2) or (kind == "f" and size <= 8)
        dtype = pixels.dtype.newbyteorder("=") if kept else np.float32
        pixels = pixels.astype(dtype, copy=False)
        return self.channels_first(torch.from_numpy(pixels))

    def intact(self) -> np.ndarray:
        """Return the indices of the images that can be used: of an array, all of them."""
        return np.arange(len(self))

    def channels_first(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pixels that lie as those of the array do as a view (n, c, h, w)."""
        if self.order == "last":
            return pixels.permute(0, 3, 1, 2)
        return pixels.reshape(len(pixels), *self.image_shape)


def scale_pixels(images: torch.Tensor) -> torch.Tensor:
    """Return pixels as float32: uint8 divided by 255, uint16 by 65535, floats as they are.

    Parameters
    ----------
    images : Tensor
        Pixels of any type; they are not changed.

    Returns
    -------
    Tensor of float32
    """
    scale = SCALES.get(images.dtype)
    pixels = images.to(torch.float32)
    return pixels if scale is None else pixels.div_(scale)


def channels_last(pixels: torch.Tensor) -> torch.Tensor:
    """Return images (n, c, h, w) in the order in memory that convolutions are fastest in.

    Parameters
    ----------
    pixels : Tensor
        Images; features (n, n_features) are given back as they are.

    Returns
    -------
    Tensor
    """
    if pixels.dim() != 4:
        return pixels
    return pixels.contiguous(memory_format=torch.channels_last)
