"""The convolution blocks that CNN and GAP share."""

from collections.abc import Sequence

from torch import Tensor, nn


class ConvBlocks(nn.Sequential):
    """Blocks of convolution, max pooling and ReLU.

    Pooling comes *before* the ReLU: both are monotone, so they commute, in value and in gradient,
    and the ReLU then works on a quarter (``pool_size=2``) of the pixels.

    Parameters
    ----------
    input_shape : tuple of (int, int, int)
        Channels, height and width of the images, in pixels.
    n_filters : sequence of int, default=(32, 32, 32)
        Filters of each block.
    kernel_size : int, default=3
        Odd side of the kernels; the padding keeps the size of the map.
    pool_size : int, default=2
        Side and stride of the max pooling, clipped to the map: a map that is one pixel high is
        pooled along its width only, and one of a single pixel not at all.

    Attributes
    ----------
    output_shape : tuple of (int, int, int)
        Channels, height and width of the map that leaves the last block.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        *,
        n_filters: Sequence[int] = (32, 32, 32),
        kernel_size: int = 3,
        pool_size: int = 2,
    ):
        super().__init__()
        channels, height, width = input_shape
        for number, filters in enumerate(n_filters, start=1):
            convolution = nn.Conv2d(channels, filters, kernel_size, padding=kernel_size // 2)
            self.add_module(f"conv{number}", convolution)
            window = (min(pool_size, height), min(pool_size, width))
            if window != (1, 1):
                self.add_module(f"pool{number}", nn.MaxPool2d(window))
            self.add_module(f"relu{number}", nn.ReLU())
            channels, height, width = filters, height // window[0], width // window[1]
        self.output_shape = (channels, height, width)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(n, c, h, w)`` to feature maps ``(n, *output_shape)``."""
        return super().forward(images)
