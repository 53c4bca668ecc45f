"""How a study of dataset bias came about, for its page."""

import numpy as np

from dlboi.bias._materials import Materials
from dlboi.evaluation._image_digest import image_digest


def bias_settings(materials: Materials, **given) -> dict:
    """Return parameters, seed, and sizes and hashes of the images.

    Parameters
    ----------
    materials : Materials
        What was studied.
    **given : object
        Parameters that the materials do not hold.

    Returns
    -------
    dict of str to object
    """
    cohort, settings = materials.cohort, materials.settings
    facts = {}
    for name, index in zip(cohort.part_names, (cohort.train, cohort.test), strict=True):
        text = f"{len(index)} images"
        if cohort.groups is not None:
            text += f" of {len(np.unique(cohort.groups[index]))} patients"
        facts[f"images of {name}"] = f"{text}, {_digest(cohort, index)}"
    parameters = {
        name: getattr(settings, name)
        for name in ("n_resamples", "n_folds", "n_permutations", "margin", "alpha", "seed")
    }
    return {
        **facts,
        "classes": cohort.class_names,
        "patients are named": cohort.groups is not None,
        **parameters,
        "max_time": materials.budget.max_time or "no limit",
        **given,
        "fits": sum(learner.n_fits for learner in materials.learners),
    }


def _digest(cohort, index):
    import hashlib

    digest = hashlib.sha256()
    for image in cohort.X[index]:
        digest.update(image_digest(image))
    for column in (cohort.y, cohort.groups):
        digest.update(repr(None if column is None else column[index].tolist()).encode())
    return digest.hexdigest()[:16]
