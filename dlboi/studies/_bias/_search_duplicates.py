"""The search for duplicates, as the study does it."""

from dlboi.bias._find_duplicates import Duplicates, find_duplicates
from dlboi.bias._materials import Materials
from dlboi.studies._bias._whose import is_rows


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
        random_state=materials.seed_of("duplicates"),
        n_jobs=materials.settings.n_jobs,
    )
