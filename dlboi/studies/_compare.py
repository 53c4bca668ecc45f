"""The runner of all studies: several classifiers on the same divisions with the same seeds."""

from numbers import Integral, Real

from dlboi._validation import draw_seed
from dlboi.evaluation._study_data import study_data
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._runner._checks import check_choices, check_levels, check_names, check_seed
from dlboi.studies._runner._collect import collect
from dlboi.studies._runner._overlap import check_overlap
from dlboi.studies._runner._runs import run_all
from dlboi.studies._runner._split_plan import split_plan
from dlboi.studies._runner._study import Study


def compare(
    estimators,
    data,
    *,
    validation=0.2,
    test=None,
    cv=None,
    n_repeats: int = 3,
    reference: str | None = None,
    metric: str = "accuracy",
    monitor_test: bool = False,
    n_jobs: int | None = None,
    random_state=0,
    memory=None,
    verbose: int = 1,
) -> StudyResult:
    """Fit several classifiers on the same divisions of the images, with the same seeds.

    Every study of this package is a call of this function.

    Parameters
    ----------
    estimators : mapping of str to classifier, or sequence of pairs
        The levels of the study, by name: two or more. Clones are fitted. Wherever `random_state`
        of one (or of a step of a pipeline) is None, it is the seed of the repeat.
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from. `groups` name the patients.
    validation : float, Bunch, tuple or None, default=0.2
        Images on which a classifier of dlboi may choose its epoch: a share of the images, drawn
        anew for each repeat, stratified, and by patient where patients are known; or a set of its
        own. None: there are none, or the classifiers take a `validation_fraction` of their own.
    test : float, Bunch, tuple or None, default=None
        Images that choose nothing: likewise a share or a set. They are scored once a run.
    cv : int, splitter or None, default=None
        Folds to test on, in the place of `test`. An int: that many, stratified, by patient, drawn
        anew for each repeat; a splitter of scikit-learn is used as it is.
    n_repeats : int, default=3
        Repeats, each with a seed of its own.
    reference : str, default=None
        The level that the others are compared with; None takes the first.
    metric : {"accuracy", "balanced_accuracy"}, default="accuracy"
        What is compared.
    monitor_test : bool, default=False
        Whether the test images are scored after each epoch as well. They choose nothing then,
        either, but who looks at the curves may.
    n_jobs : int, default=None
        Runs at once, by joblib.
    random_state : int, RandomState instance or None, default=0
        Decides divisions and seeds. The first repeats are the same whatever `n_repeats` is.
    memory : path-like, default=None
        Folder of a journal: a study that was interrupted goes on from there and ends with the same
        numbers (but for seconds). None keeps none.
    verbose : int, default=1
        1 writes the number of runs, an estimate of the time, and a progress bar to standard error.

    Returns
    -------
    StudyResult

    Raises
    ------
    ValueError
        Fewer than two levels, a name twice, a parameter that cannot be used, or test images that
        are validation images.
    JournalError
        `memory` is the journal of other data or settings (the message says which), or in use.

    Warns
    -----
    DlboiWarning
        Patients or images are in two parts; or runs have failed. A run that fails is recorded with
        its error, the others go on; if all fail, the first error is raised.

    See Also
    --------
    sklearn.model_selection.GridSearchCV : Chooses parameters; the same scores for the same splits.

    Notes
    -----
    The statistics are those of :attr:`StudyResult.table`.

    Examples
    --------
    >>> from dlboi import ANNClassifier, GAPClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import compare
    >>> phantoms = make_chest_phantoms(60, image_size=32, random_state=0)
    >>> two = {"ANN": ANNClassifier(max_epochs=2), "GAP": GAPClassifier(max_epochs=2)}
    >>> result = compare(two, phantoms, test=0.3, n_repeats=2, verbose=0)
    >>> result.table["level"].tolist(), result.table["n_runs"].tolist()
    (['ANN', 'GAP'], [2, 2])
    """
    levels = check_levels(estimators)
    reference = next(iter(levels)) if reference is None else reference
    choices = {"validation": validation, "test": test, "cv": cv, "n_repeats": n_repeats}
    check_choices(levels, reference=reference, metric=metric, **choices)
    sets, shares = {"data": study_data(data, "data")}, {}
    for name, given in (("validation", validation), ("test", test)):
        shares[name] = given if isinstance(given, Real) else None
        if given is not None and shares[name] is None:
            sets[name] = study_data(given, name)
    check_names(sets)
    check_overlap(sets)
    check_seed("compare", memory, random_state)
    seed = draw_seed(random_state)
    plan = split_plan(sets["data"], **shares, cv=cv, n_repeats=n_repeats, seed=seed)
    study = Study(levels, sets, plan, {"test": None} if monitor_test else {})
    facts = {
        "validation": _describe(validation, sets.get("validation")),
        "test": _describe(test, sets.get("test")),
        "cv": "none" if cv is None else " ".join(repr(cv).split()),
        "random_state": str(random_state) if isinstance(random_state, Integral) else f"seed {seed}",
        "monitor_test": str(bool(monitor_test)),
    }
    outcomes = run_all(study, facts, memory, n_jobs=n_jobs, verbose=verbose)
    return collect(study, outcomes, facts, reference=reference, metric=metric)


def _describe(given, part):
    if given is None:
        return "none"
    return repr(float(given)) if part is None else f"{len(part)} images of their own, {part.digest}"
