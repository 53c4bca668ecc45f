"""What the study says before it starts: how many fits, and how long they will take."""

import sys

from dlboi.bias._choose_candidates import fits_of_repeat
from dlboi.bias._materials import Materials
from dlboi.bias._permuted_parts import _MAX_COSTLY
from dlboi.studies._runner._announcement import _duration

_LONG = 10.0  # seconds


def fits_wanted(materials: Materials) -> int:
    """Return how many fits the study asks for, without a limit on the time.

    Parameters
    ----------
    materials : Materials
        What is studied.

    Returns
    -------
    int
        Validations by image and by patient, inside train and in the pool; twins in the pool;
        domains; permutations.
    """
    settings, n_candidates = materials.settings, len(materials.learners)
    has_patients = materials.cohort.groups is not None
    n_validations = 4 if has_patients else 2
    validations = n_validations * fits_of_repeat(n_candidates, settings.n_folds)
    others = 2 * settings.n_folds + 4 * has_patients
    n_permutations = settings.n_permutations
    if n_permutations > _MAX_COSTLY and materials.budget.max_time is None:
        n_permutations = 0
    permuted = (n_permutations + 1) * settings.n_folds * (n_permutations > 0)
    return settings.n_resamples * (validations + others) + permuted


def announce_fits(materials: Materials, *, verbose: bool) -> None:
    """Measure what a fit takes, and say how many there are and how long they will take.

    Nothing is measured or said of the default estimator, whose fits take seconds in all.

    Parameters
    ----------
    materials : Materials
        What is studied.
    verbose : bool
        Whether to write it to standard error.
    """
    if materials.learners[0].is_fast:
        return
    seconds = sum(map(_seconds_a_fit, materials.learners)) / len(materials.learners)
    n_fits = fits_wanted(materials)
    text = f"Study: about {n_fits:,} fits, {_duration(n_fits * seconds)}"
    if materials.settings.n_jobs not in (None, 1):
        text += ", fits at once not taken into account"
    if materials.budget.max_time is not None:
        text += f"; at most about {_duration(materials.budget.max_time)} are allowed"
    if verbose:
        sys.stderr.write(f"{text}.\n")
        sys.stderr.flush()


def _seconds_a_fit(learner):
    cohort = learner.cohort
    learner.predict([cohort.train], [cohort.test])
    if learner.seconds_a_fit < _LONG:
        # A first fit also waits for libraries that are loaded and threads that are started.
        learner.n_fits, learner.seconds_a_fit = 0, 0.0
        learner.predict([cohort.train], [cohort.test])
    return learner.seconds_a_fit
