"""Images in the form in which a training loop takes them: by index, a batch at a time."""

from collections.abc import Sequence

import numpy as np
import torch

from dlboi._validation import ImageLayout
from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFileError


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

    def channels_first(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pixels that lie as those of the array do as a view (n, c, h, w)."""
        if self.order == "last":
            return pixels.permute(0, 3, 1, 2)
        return pixels.reshape(len(pixels), *self.image_shape)


class ImageFiles:
    """Images in files, decoded as they are needed.

    Parameters
    ----------
    paths : sequence of str
        One file an image.
    image_shape : tuple of (int, int, int), default=None
        Channels, height and width of the images; None takes those of the first file.
    resize : bool, default=False
        Whether files of another size are resized; otherwise they are refused.
    """

    def __init__(
        self,
        paths: Sequence[str],
        image_shape: tuple[int, int, int] | None = None,
        *,
        resize: bool = False,
    ):
        self.paths = paths
        self.resize = resize
        if image_shape is None:
            first = read_image(paths[0])
            image_shape = (3 if first.ndim == 3 else 1, *first.shape[:2])
        self.image_shape = tuple(image_shape)

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, index: np.ndarray) -> torch.Tensor:
        """Decode files `index` to a tensor (len(index), c, h, w)."""
        images = [self._read(self.paths[i]) for i in index]
        if len({image.dtype for image in images}) > 1:
            images = [image.astype(np.float32) / np.iinfo(image.dtype).max for image in images]
        return torch.from_numpy(np.stack(images).reshape(len(images), *self.image_shape))

    def _read(self, path):
        channels, height, width = self.image_shape
        image = read_image(path, size=(height, width) if self.resize else None, channels=channels)
        if image.shape[:2] != (height, width):
            raise ImageFileError(
                f"{path} is {image.shape[0]}×{image.shape[1]} pixels (height×width), but the "
                f"network is made for {height}×{width}. Fit with image_shape=({channels}, {height},"
                f" {width}) to have every file resized, or load arrays with "
                f"load_image_folder(..., size=({height}, {width}))."
            )
        return image if channels == 1 else image.transpose(2, 0, 1)


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
    if images.dtype == torch.uint8:
        return images.to(torch.float32).div_(255)
    if images.dtype == torch.uint16:
        return images.to(torch.float32).div_(65535)
    return images.to(torch.float32)


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
