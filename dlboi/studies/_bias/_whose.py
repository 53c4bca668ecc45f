"""What the verdicts of a study are statements of."""

from dlboi.bias._materials import Materials
from dlboi.training._estimator_settings import short_settings


def whose_verdicts(materials: Materials, candidates) -> tuple[str, str]:
    """Return what the verdicts are statements of.

    Parameters
    ----------
    materials : Materials
        What is studied.
    candidates : mapping of str to classifier or None
        Candidates.

    Returns
    -------
    short, full : str
        Parts of a sentence; the full one names the estimator.
    """
    learner, anew = materials.learners[0], "fitted anew on the divisions of this study"
    if materials.has_candidates:
        names = ", ".join(candidates)
        return f"the best of your {len(candidates)} candidates", (
            f"the best of your {len(candidates)} candidates ({names}), chosen and {anew}"
        )
    if not learner.is_fast:
        return "your estimator", f"your estimator, {short_settings(learner.estimator)}, {anew}"
    what = "rows of features" if is_rows(materials.cohort.X) else "64×64 pixels"
    short = "the images, as the study's own classifier sees them"
    return short, (
        f"{short} (logistic regression on principal components of {what}). A network of yours may "
        "fare otherwise: hand it in as 'estimator' to have verdicts about it"
    )


def is_rows(X) -> bool:
    """Whether images are rows of features rather than pixels or files."""
    return X.ndim == 2 and X.dtype.kind in "biuf"
