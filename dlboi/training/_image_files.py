"""Images in files, for sets larger than memory."""

import errno
from collections.abc import Sequence

import numpy as np
import torch

from dlboi.datasets._image_files import read_image
from dlboi.exceptions import ImageFileError
from dlboi.training._decoding import Decoding

#: Types of pixels, by their bytes.
_DTYPES = (None, np.dtype(np.uint8), np.dtype(np.uint16))

#: What the system says, if anything, where it is the file that is bad: a damaged one may have its
#: reader go to places that there cannot be.
_OF_BAD_FILES = (None, errno.EINVAL, errno.EOVERFLOW)

#: Files that are looked at between two moments at which Ctrl-C is heard.
_LOOKED_AT_AT_ONCE = 256


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
    decoding : Decoding, default=None
        Threads to decode in, and where decoded pixels are kept. None decodes in the thread that
        asks, and keeps nothing.
    """

    def __init__(
        self,
        paths: Sequence[str],
        image_shape: tuple[int, int, int] | None = None,
        *,
        resize: bool = False,
        decoding: Decoding | None = None,
    ):
        self.paths = paths
        self.resize = resize
        self._decoding = decoding
        if image_shape is None:
            first = self._first()
            image_shape = (3 if first.ndim == 3 else 1, *first.shape[:2])
        self.image_shape = tuple(image_shape)
        # Where the pixels of each image are kept, and their bytes a value: 0 if they are not.
        self._starts = np.zeros(len(paths), np.int64)
        self._itemsizes = np.zeros(len(paths), np.uint8)

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, index: np.ndarray) -> torch.Tensor:
        """Decode files `index` to a tensor (len(index), c, h, w)."""
        if self._decoding is None:
            images = [self._decoded(i) for i in index]
        else:
            images = self._decoding.map(self._kept_or_decoded, index)
        if len({image.dtype for image in images}) > 1:
            images = [image.astype(np.float32) / np.iinfo(image.dtype).max for image in images]
        return torch.from_numpy(np.stack(images))

    def intact(self) -> np.ndarray:
        """Return the indices of the files that can be used.

        Returns
        -------
        ndarray of int
            All of them, unseen, unless bad files are to be skipped: then all are decoded, and what
            is wrong with the others is noted in ``decoding.skipped``.

        Raises
        ------
        ImageFileError
            No file can be used, one has another size, or the system does not let one be read.
        """
        index = np.arange(len(self))
        if not self._skips:
            return index
        parts = np.split(index, range(_LOOKED_AT_AT_ONCE, len(index), _LOOKED_AT_AT_ONCE))
        problems = [problem for part in parts for problem in self._decoding.map(self._look, part)]
        if all(problems):
            raise self._none_intact(problems[0])
        bad = {self._path(i): problem for i, problem in enumerate(problems) if problem}
        self._decoding.skipped |= bad
        return np.flatnonzero([problem is None for problem in problems])

    @property
    def _skips(self):
        return self._decoding is not None and self._decoding.on_bad_file == "skip"

    def _first(self):
        """Return the first image; if bad files are to be skipped, the first that can be decoded."""
        problem = None
        for i in range(len(self)):
            try:
                return read_image(self._path(i))
            except ImageFileError as error:
                if not self._skips or not _is_bad_file(error):
                    raise
                problem = problem or error
        raise self._none_intact(problem)

    def _none_intact(self, problem):
        return ImageFileError(f"None of the {len(self)} image files can be used. {problem}")

    def _look(self, i):
        """Return what is wrong with a file, or None; its pixels are kept."""
        try:
            image = self._read(i)
        except ImageFileError as error:
            if not _is_bad_file(error):
                raise
            return str(error)
        self._keep(i, self._arranged(image, i))
        return None

    def _kept_or_decoded(self, i):
        dtype = _DTYPES[self._itemsizes[i]]
        if dtype is not None:
            start = int(self._starts[i])
            kept = self._decoding.pixel_file.read(start, self.image_shape, dtype)
            if kept is not None:
                return kept
        image = self._decoded(i)
        self._keep(i, image)
        return image

    def _keep(self, i, image):
        start = self._decoding.pixel_file.append(image)
        if start is not None:
            self._starts[i] = start
            self._itemsizes[i] = image.itemsize  # last: from now on other threads read it

    def _decoded(self, i):
        return self._arranged(self._read(i), i)

    def _read(self, i):
        channels, *size = self.image_shape
        size = tuple(size) if self.resize else None
        return read_image(self._path(i), size=size, channels=channels)

    def _path(self, i):
        return str(self.paths[i])  # messages show numpy's strings in another way

    def _arranged(self, image, i):
        """Return an image with its channels first, if it has the size that is wanted."""
        channels, height, width = self.image_shape
        if image.shape[:2] != (height, width):
            raise ImageFileError(
                f"{self._path(i)} is {image.shape[0]}×{image.shape[1]} pixels (height×width), but "
                f"the network is made for {height}×{width}. Fit with image_shape=({channels}, "
                f"{height}, {width}) to have every file resized, or load arrays with "
                f"load_image_folder(..., size=({height}, {width}))."
            )
        return image[None] if channels == 1 else image.transpose(2, 0, 1)


def _is_bad_file(error):
    """Whether an error is of the file, and not of a disk, a network or a right that is missing."""
    cause = error.__cause__
    return not isinstance(cause, OSError) or cause.errno in _OF_BAD_FILES
