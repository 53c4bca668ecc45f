"""How the image files of one fit are decoded: threads, kept pixels, files that cannot be used."""

import functools
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from dlboi.training._pixel_file import PixelFile


class Decoding:
    """What all sets of image files of a fit share; a context.

    Parameters
    ----------
    n_threads : int or "auto", default="auto"
        Threads that decode; "auto" takes as many as torch would compute with.
    on_bad_file : {"raise", "skip"}, default="raise"
        Whether files that cannot be decoded end the fit or are left out.

    Attributes
    ----------
    skipped : dict of str to str
        Files that were left out, and what is wrong with them.
    """

    def __init__(self, n_threads: int | str = "auto", on_bad_file: str = "raise"):
        self.n_threads = torch.get_num_threads() if n_threads == "auto" else n_threads
        self.on_bad_file = on_bad_file
        self.skipped = {}
        self._executor = ThreadPoolExecutor(self.n_threads)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._executor.shutdown(cancel_futures=True)
        if "pixel_file" in vars(self):
            self.pixel_file.close()

    @functools.cached_property
    def pixel_file(self) -> PixelFile:
        """Where decoded pixels are kept until the context ends."""
        return PixelFile()

    def map(self, function: Callable, items: Sequence | np.ndarray) -> list:
        """Return ``[function(item) for item in items]``; each thread takes a part of the items."""

        def run(part):
            return [function(item) for item in part]

        n_parts = min(self.n_threads, len(items))
        if n_parts < 2:
            return run(items)
        parts = self._executor.map(run, np.array_split(items, n_parts))
        return list(itertools.chain.from_iterable(parts))
