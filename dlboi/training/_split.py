"""The validation part of the training images."""

import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit

from dlboi.training._group_choice import choose_groups, group_counts


def validation_split(
    y: np.ndarray, fraction: float, *, groups: np.ndarray | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Divide images into a training and a validation part, stratified, and by patient.

    With `groups`, whole patients are visited in a random order, and one joins (or leaves) the
    validation part if that brings its numbers of images nearer to `fraction` of each class, in the
    sum over the classes of (got - wanted)² / wanted, until no single move does. scikit-learn has
    no splitter that is stratified, grouped and of any size.

    Parameters
    ----------
    y : ndarray of int of shape (n_samples,)
        Class of each image.
    fraction : float
        Share of the images to validate on, between 0 and 1.
    groups : ndarray of int of shape (n_samples,), default=None
        Patient of each image; None takes each image for a patient.
    seed : int, default=0
        Decides the part.

    Returns
    -------
    training, validation : ndarray of int
        Sorted indices.

    Raises
    ------
    ValueError
        A part would be empty, or a class would be missing from the training part.

    Examples
    --------
    >>> import numpy as np
    >>> from dlboi.training import validation_split
    >>> y, patients = np.repeat([0, 1], 10), np.repeat(np.arange(10), 2)
    >>> training, validation = validation_split(y, 0.2, groups=patients)
    >>> len(training), len(validation), set(patients[training]) & set(patients[validation])
    (16, 4, set())
    """
    if groups is None:
        splitter = StratifiedShuffleSplit(1, test_size=fraction, random_state=seed)
        try:
            training, validation = next(splitter.split(np.empty(len(y)), y))
        except ValueError as error:
            raise ValueError(
                f"The 'validation_fraction' parameter, {fraction}, cannot divide {len(y)} images: "
                f"{error} Pass 'validation_data' instead."
            ) from error
    else:
        groups = np.unique(groups, return_inverse=True)[1]  # codes without an image draw nothing
        counts = group_counts(groups, y)
        wanted = fraction * counts.sum(axis=0)
        in_validation = choose_groups(counts, wanted, np.random.default_rng(seed))[groups]
        training, validation = np.flatnonzero(~in_validation), np.flatnonzero(in_validation)
    missing = np.setdiff1d(y, y[training])
    if len(validation) == 0 or len(missing):
        raise ValueError(
            f"The 'validation_fraction' parameter, {fraction}, leaves "
            + ("a class without training images" if len(missing) else "no image to validate on")
            + ": there are too few images or patients to divide. Pass 'validation_data' instead."
        )
    return np.sort(training), np.sort(validation)
