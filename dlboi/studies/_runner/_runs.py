"""All runs of a study: those of its journal, and those that are still to be done."""

from contextlib import nullcontext

from joblib import Parallel, delayed, effective_n_jobs
from joblib.externals.loky.process_executor import TerminatedWorkerError

from dlboi.evaluation._scored_sets import record_scoring
from dlboi.studies._runner._announcement import announce
from dlboi.studies._runner._journal import Journal
from dlboi.studies._runner._progress import StudyProgress
from dlboi.studies._runner._study import Study
from dlboi.training._estimator_settings import level_settings


def run_all(study, facts, memory, *, n_jobs, verbose):
    """Do all runs of a study that its journal does not hold.

    Parameters
    ----------
    study : Study
        The study.
    facts : dict of str to str
        How the images are divided, for the journal.
    memory, n_jobs, verbose
        As in :func:`compare`.

    Returns
    -------
    list of tuple
        What `Study.do` returns, of all tasks in their order.
    """
    journal = None
    if memory is not None:
        # Not 'cv': its text does not say what it draws. Each run knows its own division.
        own = {name: value for name, value in facts.items() if name != "cv"}
        own["data"] = study.sets["data"].digest
        levels = {name: level_settings(level) for name, level in study.levels.items()}
        journal = Journal(memory, own, levels)
    with nullcontext() if journal is None else journal.opened():
        outcomes = {}
        for level, split in study.tasks:
            known = None if journal is None else journal.read(level, split)
            if known is not None:
                outcomes[level, split.repeat, split.fold] = (level, split, None, *known)
        missing = [
            (level, split)
            for level, split in study.tasks
            if (level, split.repeat, split.fold) not in outcomes
        ]
        test = study.test_digest
        if verbose:
            announce(study, missing, n_jobs)
        n_epochs = [getattr(study.levels[level], "max_epochs", 0) for level, _ in missing]
        n_epochs = sum(n_epochs) if all(n_epochs) else 0
        with StudyProgress(len(missing), n_epochs, is_shown=bool(verbose)) as progress:
            for outcome in _do_all(study, missing, journal, n_jobs, progress):
                level, split, error = outcome[:3]
                outcomes[level, split.repeat, split.fold] = outcome
                if error is None and test is not None:
                    record_scoring(test)  # now: an interrupted study has scored, too
    return [outcomes[level, split.repeat, split.fold] for level, split in study.tasks]


def _do_all(study, tasks, journal, n_jobs, progress):
    if effective_n_jobs(n_jobs) == 1:
        for level, split in tasks:
            yield study.do(level, split, journal, progress.watch)
            progress.done()
        return
    try:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:  # of a backend, such as Ray's, that gives all results at the end
        parallel = Parallel(n_jobs=n_jobs)
    try:
        for outcome in parallel(delayed(Study.do)(study, *task, journal) for task in tasks):
            yield outcome
            progress.done(getattr(study.levels[outcome[0]], "max_epochs", 0))
    except TerminatedWorkerError as error:
        raise RuntimeError(
            "A process of the study was killed, for want of memory as a rule. Call it again with a "
            "smaller 'n_jobs'; with 'memory' the runs that have ended are kept."
        ) from error
