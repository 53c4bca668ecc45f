"""The search for duplicates, as the study does it."""

from dlboi._validation import image_layout
from dlboi.bias._find_duplicates import Duplicates, find_duplicates
from dlboi.bias._materials import Materials
from dlboi.studies._bias._whose import is_rows

# Smaller images hardly have more detail than the thumbnails that are compared first: smooth images
# of different patients then reach what the calibration allows, and joining patients by mistake
# would widen every interval. Only nearly equal ones are believed.
_SMALL, _STRICT = 64, 0.99


def search_duplicates(materials: Materials) -> Duplicates:
    """Search both parts for duplicates.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    Duplicates

    Raises
    ------
    ValueError
        The images are rows of features.
    """
    cohort = materials.cohort
    if is_rows(cohort.X):
        raise ValueError("The images are rows of features: there are no pixels to compare.")
    return find_duplicates(
        cohort.X,
        y=cohort.y,
        groups=cohort.groups,
        in_test=cohort.in_test,
        filenames=cohort.filenames,
        threshold=_STRICT if _is_small(cohort.X) else "auto",
        random_state=materials.seed_of("duplicates"),
        n_jobs=materials.settings.n_jobs,
    )


def _is_small(X):
    if X.ndim == 1:  # files are read at their own size
        return False
    return min(image_layout(X.shape, None)[1][1:]) < _SMALL
