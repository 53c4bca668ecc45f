"""Memory in which the pixels of one batch after the other are scaled."""

import torch

from dlboi.training._images import SCALES, channels_last, scale_pixels

_N_DIMENSIONS = 4


class PixelBuffer:
    """Scaled pixels of a batch, always in the same memory.

    New memory for each batch would be fetched from the system and zeroed by it, page by page, which
    may take longer than the scaling.

    Parameters
    ----------
    may_keep : bool
        Whether to keep memory at all; otherwise pixels are scaled in new memory, as where they are
        on another device, or where their number is not known.
    """

    def __init__(self, may_keep: bool):
        self._may_keep = may_keep
        self._memory = None

    def prepare(self, images) -> None:
        """Make room for a batch, which then overwrites the one before.

        Parameters
        ----------
        images : ImageBatch
            The batch.
        """
        shape = len(images), *images.images.image_shape
        is_small = self._memory is None or len(self._memory) < len(images)
        if self._may_keep and is_small and len(shape) == _N_DIMENSIONS:  # features have two
            self._memory = torch.empty(shape, memory_format=torch.channels_last)

    def scaled(self, pixels: torch.Tensor, part: slice) -> torch.Tensor:
        """Return pixels as float32, channels last; parts may be asked for from several threads.

        Parameters
        ----------
        pixels : Tensor of shape (n, c, h, w)
            Some of the pixels of the batch, in the user's type.
        part : slice
            Which they are.

        Returns
        -------
        Tensor of float32
            In the memory of the batch, where there is one and the pixels have to be scaled.
        """
        if self._memory is None or pixels.dtype not in SCALES:
            return channels_last(scale_pixels(pixels))
        # Parts do not overlap; `data` keeps autograd from taking one for a change of the others.
        return self._memory.data[part].copy_(pixels).div_(SCALES[pixels.dtype])
