"""Test images that are held out before anything is chosen."""

from numbers import Real

from dlboi.evaluation._study_data import study_data
from dlboi.studies._runner._overlap import check_overlap
from dlboi.studies._runner._split_plan import split_plan


def hold_out(data, validation, test, seed: int) -> tuple[dict, float | None]:
    """Take the images of a study apart into those to choose on and those to test on.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images.
    validation : float, Bunch or tuple
        A share of what is not held out, or a set.
    test : float, Bunch, tuple or None
        A share, drawn once, stratified and by patient, or a set.
    seed : int
        Decides which.

    Returns
    -------
    sets : dict of str to StudyData
        ``data`` without test images, ``test`` if there is one, and ``validation`` if it is a set.
    share : float or None
        `validation`, if it is a share.

    Raises
    ------
    ValueError
        The images cannot be divided so, or test images are validation images.
    """
    sets = {"data": study_data(data, "data")}
    share = validation if isinstance(validation, Real) else None
    if share is None:
        sets["validation"] = study_data(validation, "validation")
    if isinstance(test, Real):
        divided = {"validation": None, "test": test, "cv": None}
        (split,) = split_plan(sets["data"], n_repeats=1, seed=seed, **divided)
        sets["test"] = sets["data"].take(split.test)
        sets["data"] = sets["data"].take(split.training)
    elif test is not None:
        sets["test"] = study_data(test, "test")
        for name in sets.keys() & {"data", "validation"}:
            check_overlap({name: sets[name], "test": sets["test"]})
    return sets, share
