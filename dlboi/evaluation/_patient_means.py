"""From images to patients."""

import numpy as np


def patient_means(y_true: np.ndarray, y_proba: np.ndarray, groups) -> tuple:
    """Average the probabilities of the images of each patient.

    Parameters
    ----------
    y_true : ndarray of shape (n_images,)
        True labels.
    y_proba : ndarray of shape (n_images, n_classes)
        Probabilities.
    groups : array-like of shape (n_images,)
        Patient of each image.

    Returns
    -------
    y_true : ndarray of shape (n_patients,)
    y_proba : ndarray of shape (n_patients, n_classes)
    patients : ndarray of shape (n_patients,)
        Sorted.

    Raises
    ------
    ValueError
        A patient has images of several classes.
    """
    patients, first, codes = np.unique(groups, return_index=True, return_inverse=True)
    mixed = np.unique(codes[y_true != y_true[first][codes]])
    if len(mixed):
        labels = np.unique(y_true[codes == mixed[0]]).tolist()
        raise ValueError(
            "With aggregate='mean', the images of a patient must be of one class. Got "
            f"{len(mixed)} of {len(patients)} patients with images of several, such as "
            f"{patients.tolist()[mixed[0]]!r} with {labels}. Score images, aggregate=None, or "
            "check 'groups': patients of different classes may share a number."
        )
    sums = np.zeros((len(patients), y_proba.shape[1]))
    np.add.at(sums, codes, y_proba)
    return y_true[first], sums / np.bincount(codes)[:, None], patients
