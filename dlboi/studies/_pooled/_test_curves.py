"""Curves of all test images, from those of each origin."""

import numpy as np

from dlboi.studies._pooled._origins import ALL, FROM_TEST, FROM_TRAIN, marked_images


def with_test_curves(result) -> list[dict[str, np.ndarray]]:
    """Return the arrays of the runs of a study with the accuracy of all test images by epoch.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions, whose histories hold the accuracy by origin, if they have any.

    Returns
    -------
    list of dict of str to ndarray
        With ``history/test_accuracy`` where there is a history.
    """
    marked = {images: marked_images(result, images) for images in (FROM_TRAIN, FROM_TEST)}
    arrays = []
    for run in result.arrays:
        sizes = {
            f"history/{images}_accuracy": np.count_nonzero(chosen[run["test_index"]])
            for images, chosen in marked.items()
        }
        found = {key: size for key, size in sizes.items() if key in run}
        if found:
            curve = sum(size * run[key] for key, size in found.items()) / sum(found.values())
            run = {**run, f"history/{ALL}_accuracy": curve}
        arrays.append(run)
    return arrays
