"""Which images of a set to show, and how to say which they are."""

import numpy as np


def confident_errors(y_true, y_pred, confidence, n_images):
    """Choose the wrong predictions, the most confident first.

    Returns
    -------
    chosen : ndarray of int
        Indices of up to `n_images` errors; in the order of the images without `confidence`.

    title : str
        What they are.
    """
    wrong = np.flatnonzero(y_true != y_pred)
    if len(wrong) == 0:
        return wrong, f"No errors: all {len(y_true):,} images are classified correctly"
    title = f"{len(wrong):,} errors among {len(y_true):,} images"
    if len(wrong) == 1:
        title = f"1 error among {len(y_true):,} images"
    elif confidence is not None:
        wrong = wrong[np.argsort(-confidence[wrong], kind="stable")]
        title += ", the most confident first"
    if len(wrong) > n_images:
        title = f"{n_images:,} of {title}"
    return wrong[:n_images], title


def samples_by_class(y, n_images):
    """Choose images spread evenly over the classes, and within a class over its images in order.

    The choice is a function of `y` alone, so that a figure is the same each time.

    Returns
    -------
    chosen : ndarray of int
        Indices of up to `n_images` images, class by class.

    title : str
        What they are.
    """
    classes, counts = np.unique(y, return_counts=True)
    n_images = min(n_images, len(y))
    shares = np.zeros(len(classes), dtype=int)
    while shares.sum() < n_images:
        shares[np.flatnonzero(shares < counts)[: n_images - shares.sum()]] += 1
    chosen = []
    for name, share in zip(classes, shares, strict=True):
        of_class = np.flatnonzero(y == name)
        chosen.extend(of_class[(np.arange(share) * 2 + 1) * len(of_class) // (2 * max(share, 1))])
    return np.array(chosen), f"{n_images:,} of {len(y):,} images"
