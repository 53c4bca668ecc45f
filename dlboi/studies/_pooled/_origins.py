"""Where the images of a pool come from, and who is on both sides of a division."""

import numpy as np

from dlboi.studies._pooled._divisions import AS_GIVEN

#: Test images: all of them, and those from each part of the given division.
ALL, FROM_TRAIN, FROM_TEST = "test", "test_from_train", "test_from_test"


def marked_images(result, images: str) -> np.ndarray:
    """Return which images of the pool some test images are taken from.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    images : {"test", "test_from_train", "test_from_test"}
        All, or those from a part of the given division.

    Returns
    -------
    ndarray of bool of shape (n_images,)
    """
    run = np.flatnonzero(result.runs["level"] == AS_GIVEN)[0]
    in_test = np.zeros(len(result.truth["test"]), dtype=bool)
    in_test[result.arrays[run]["test_index"]] = True
    return {ALL: np.ones_like(in_test), FROM_TRAIN: ~in_test, FROM_TEST: in_test}[images]


def share_from_test(result, name: str) -> float:
    """Return the share of the test images of a division that were given as test images.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    name : str
        A division.

    Returns
    -------
    float
        Mean over the runs.
    """
    in_test = marked_images(result, FROM_TEST)
    return float(
        np.mean([in_test[result.arrays[run]["test_index"]].mean() for run in _all(result, name)])
    )


def share_known(result, name: str) -> float:
    """Return the share of the test images of a division with a training image of their patient.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    name : str
        A division.

    Returns
    -------
    float
        Mean over the runs; NaN where patients are not known.
    """
    if "test" not in result.patients:
        return np.nan
    patients = result.patients["test"]
    shares = []
    for run in _all(result, name):
        test, validation = (result.arrays[run][f"{part}_index"] for part in ("test", "validation"))
        training = np.setdiff1d(np.arange(len(patients)), np.append(test, validation))
        shares.append(np.isin(patients[test], patients[training]).mean())
    return float(np.mean(shares))


def images_a_patient(result, images: str) -> float:
    """Return how many images of a set the patient of one of them has, on average.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.
    images : {"test", "test_from_train", "test_from_test"}
        Which images of the pool.

    Returns
    -------
    float
        Mean over the images, not over the patients; 1 where patients are not known.
    """
    if "test" not in result.patients:
        return 1.0
    sizes = np.bincount(result.patients["test"][marked_images(result, images)])
    return float(sizes @ sizes / sizes.sum())


def origin_names(result) -> tuple[str, str]:
    """Return what sentences call the images of the two parts of the given division.

    Parameters
    ----------
    result : StudyResult
        Runs of the divisions.

    Returns
    -------
    tuple of (str, str)
    """
    parts = result.settings["training part"], result.settings["test part"]
    if parts == ("train", "test"):
        return "old training images", "old test images"
    return f"images of {parts[0]}", f"images of {parts[1]}"


def _all(result, name):
    return np.flatnonzero(result.runs["level"] == name)
