"""Similarity of images that are of one class and of one part."""

import numpy as np
from sklearn.decomposition import PCA

from dlboi.bias._image_statistics import image_statistics
from dlboi.bias._thumbnails import thumbnails

_SIDE = 32
_MAX_COMPONENTS = 50
_IMAGES_PER_COMPONENT = 4


def similarity_blocks(X: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return what similarity is computed from.

    Parameters
    ----------
    X : ndarray of shape (n_images, ...)
        Images, rows of features, or paths of files.
    seed : int
        Decides the rounding of the components.

    Returns
    -------
    blocks : list of ndarray of shape (n_images, n_features)
        Thumbnails of 32×32 pixels, their principal components with equal weights, and low-level
        statistics: what is alike in shape, in detail, and in staining or texture. Of rows of
        features, these in standard units and their components.
    """
    is_image = X.dtype.kind not in "biuf" or X.ndim > 2
    pixels = thumbnails(X, _SIDE).reshape(len(X), -1) if is_image else _standard(X)
    n_components = min(_MAX_COMPONENTS, len(X) // _IMAGES_PER_COMPONENT, pixels.shape[1])
    blocks = [pixels]
    if n_components >= 1 and np.any(np.ptp(pixels, axis=0) > 0):
        reduction = PCA(n_components, svd_solver="randomized", random_state=seed)
        blocks.append(_standard(reduction.fit_transform(pixels)))
    if is_image:
        blocks.append(_standard(image_statistics(X).values))
    return blocks


def similarity(
    blocks: list[np.ndarray], rows: np.ndarray, columns: np.ndarray | None = None
) -> np.ndarray:
    """Return the mean correlation of images, over the blocks, from −1 to 1.

    Parameters
    ----------
    blocks : list of ndarray of shape (n_images, n_features)
        Those of :func:`similarity_blocks`.
    rows, columns : ndarray of int
        Images; each set is centred by its own mean, so that what a class or a part has in common
        does not count. None compares `rows` with each other.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
    """
    total = 0.0
    for block in blocks:
        left = _centred(block[rows])
        total = total + left @ (left if columns is None else _centred(block[columns])).T
    return total / len(blocks)


def _centred(block):
    block = block - block.mean(axis=0)
    lengths = np.linalg.norm(block, axis=1, keepdims=True)
    return np.divide(block, lengths, out=np.zeros_like(block), where=lengths > 1e-9)


def _standard(rows):
    spread = rows.std(axis=0)
    return (rows - rows.mean(axis=0)) / np.where(spread > 1e-9, spread, 1)
