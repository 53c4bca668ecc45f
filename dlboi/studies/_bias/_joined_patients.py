"""Patients who share an image count as one."""

import dataclasses

import numpy as np

from dlboi.bias._cohort import Cohort


def joined_patients(cohort: Cohort, duplicates) -> Cohort:
    """Return the cohort with patients joined who share an image.

    Parameters
    ----------
    cohort : Cohort
        The images.
    duplicates : Duplicates or None
        Duplicates among them.

    Returns
    -------
    Cohort
        The same one where patients are not known or share nothing.
    """
    if cohort.groups is None or duplicates is None or not duplicates.cross_patient.any():
        return cohort
    groups = np.asarray(duplicates.joined_groups)
    _, first = np.unique(groups, return_index=True)
    names = cohort.group_names[cohort.groups[first]]  # of one of those that are joined
    return dataclasses.replace(cohort, groups=groups, group_names=names)
