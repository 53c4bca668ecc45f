"""The study of parameters, which of them do best and which over- or underfit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path

from sklearn.model_selection import ParameterGrid

from dlboi._validation import draw_seed
from dlboi.classifiers import ANNClassifier
from dlboi.studies._candidate_names import candidate_names
from dlboi.studies._candidates import (
    CANDIDATES,
    candidate_findings,
    candidate_table,
    chosen_finding,
    chosen_table,
)
from dlboi.studies._compare import compare
from dlboi.studies._halving import halve
from dlboi.studies._hold_out import hold_out
from dlboi.studies._recipes import ANN_64_RECIPE
from dlboi.studies._result._study_result import StudyResult
from dlboi.studies._runner._collect import collect
from dlboi.studies._runner._runs import run_all
from dlboi.studies._runner._split_plan import split_plan
from dlboi.studies._runner._study import Study
from dlboi.studies._study_sentences import best_level
from dlboi.studies._variants import variants

_RECIPE = {**ANN_64_RECIPE, "loss": "bce"}

#: Three learning rates, and three lengths of the steps in which the middle one falls.
_GRID = ({"lr": [3e-6, 3e-5, 3e-7], "step_size": [4]}, {"lr": [3e-6], "step_size": [8, 2]})

_ROUNDS = (
    "Rounds of halving: mean score on the validation images, with the weights of the last epoch"
)
_TEST = "The chosen candidate on the test images, scored once in each repeat"


def hyperparameter_study(
    data,
    *,
    param_grid: Mapping | Sequence[Mapping] = _GRID,
    search: str = "grid",
    estimator=None,
    parameters: Mapping | None = None,
    validation=0.1,
    test=None,
    n_repeats: int = 5,
    metric: str = "accuracy",
    n_jobs: int | None = None,
    random_state=0,
    memory=None,
    verbose: int = 1,
) -> StudyResult:
    """Choose parameters on validation images, and score the chosen ones, once, on test images.

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The images to learn from, as in :func:`compare`.
    param_grid : mapping of str to sequence, or sequence of these
        Values of parameters, every combination of which is a candidate, as in
        :class:`sklearn.model_selection.GridSearchCV`. The default has five candidates: `lr` 3e-6,
        3e-5 and 3e-7 with `step_size` 4, and 3e-6 with 8 and 2.
    search : {"grid", "halving"}, default="grid"
        ``"grid"`` trains all candidates to the end. ``"halving"`` first leaves the better half in
        each round of :class:`sklearn.model_selection.HalvingGridSearchCV`, with few epochs and
        then twice as many, up to half of `max_epochs`, and trains those to the end that are left.
    estimator : classifier, default=None
        The classifier; None takes the network under Notes.
    parameters : mapping, default=None
        Parameters of it for all candidates.
    validation : float, Bunch or tuple, default=0.1
        Images that choose the epoch and the candidate, as in :func:`compare`.
    test : float, Bunch, tuple or None, default=None
        Images that choose nothing. A share is drawn once, by patient, and held out.
    n_repeats : int, default=5
        Repeats, each with a seed and, if `validation` is a share, a division of its own.
    metric, n_jobs, random_state, memory, verbose
        As in :func:`compare`. The rounds of halving are in no journal.

    Returns
    -------
    StudyResult
        Its levels are the candidates, on the validation images; the reference is the chosen one.
        `tables` hold the candidates with a verdict on their fit, and the test.

    Raises
    ------
    ValueError
        A parameter that cannot be used.

    See Also
    --------
    sklearn.model_selection.GridSearchCV : The same scores on the same divisions, for a classifier
        that ends with its last epoch.

    Notes
    -----
    The default is a network of three layers of 64 neurons: binary cross entropy, Adam, the rate
    times 0.4 at each step, batches of 128, 30 epochs, the weights of the epoch with the lowest
    validation loss.

    A candidate overfits if the interval of its gap lies above 0 and reaches 5 points, so that a
    gap which is small beyond doubt does not count. It underfits if it does not, and the candidate
    is worse than the chosen one both in training and, beyond chance, in validation. It does neither
    if, with their whole intervals, the gap is below 5 points and the candidate less than 5 points
    worse than the chosen one. All else is undecided.

    The best of equal candidates is chosen by chance. What is called beyond chance is therefore
    adjusted for the choice: p-values are multiplied by the number of all pairs of candidates, those
    that halving dropped among them. Holm's p in the table of the levels is for a reference that is
    named beforehand, and too small here.

    Examples
    --------
    >>> from dlboi.datasets import make_chest_phantoms
    >>> from dlboi.studies import hyperparameter_study
    >>> phantoms = make_chest_phantoms(80, image_size=32, random_state=0)
    >>> result = hyperparameter_study(
    ...     phantoms,
    ...     param_grid={"lr": [1e-3, 1e-5]},
    ...     parameters={"max_epochs": 5, "batch_size": 16},
    ...     validation=0.3,
    ...     test=0.2,
    ...     n_repeats=2,
    ...     verbose=0,
    ... )
    >>> result.reference
    'lr=0.001'
    """
    if search not in ("grid", "halving"):
        raise ValueError(
            "The 'search' parameter of hyperparameter_study must be 'grid' or 'halving'. Got "
            f"{search!r} instead."
        )
    if validation is None:
        raise ValueError(
            "The 'validation' parameter of hyperparameter_study must be a share or a set of "
            "images: candidates are chosen on them. Got None instead."
        )
    random_state = random_state if isinstance(random_state, Integral) else draw_seed(random_state)
    seed = draw_seed(random_state)
    own = candidate_names("hyperparameter_study", ParameterGrid(param_grid))
    kind = {"estimator": estimator, "kind": ANNClassifier, "recipe": _RECIPE}
    levels = variants("hyperparameter_study", own, parameters=parameters, **kind)
    sets, share = hold_out(data, validation, test, seed)
    divided = {"validation": share, "test": None, "cv": None}
    plan = split_plan(sets["data"], n_repeats=n_repeats, seed=seed, **divided)
    tables = {}
    if search == "halving":
        others = {"metric": metric, "n_jobs": n_jobs}
        left, tables[_ROUNDS] = halve("hyperparameter_study", levels, own, sets, plan, **others)
        levels = {name: levels[name] for name in left}
    options = {"memory": memory, "n_jobs": n_jobs, "verbose": verbose}
    result = compare(
        levels,
        sets["data"],
        validation=sets.get("validation", share),
        n_repeats=n_repeats,
        metric=metric,
        random_state=random_state,
        **options,
    )
    result = replace(result, reference=best_level(result))
    candidates = candidate_table(result, own)
    findings = candidate_findings(result, candidates, n_searched=len(own))
    tables = {CANDIDATES: candidates, **tables}
    if "test" in sets:
        tested = _test(result, levels[result.reference], sets, plan, **options)
        tables[_TEST] = chosen_table(tested)
        findings.insert(1, chosen_finding(tested))
    return replace(result, findings=findings, tables=tables)


def _test(result, estimator, sets, plan, *, memory, n_jobs, verbose):
    """Fit the chosen candidate again, as in the study, and score the test images."""
    study = Study({result.reference: estimator}, sets, plan)
    memory = None if memory is None else Path(memory, "chosen")
    divided = {name: result.settings[name] for name in ("validation", "random_state")}
    facts = {**divided, "test": sets["test"].digest}
    outcomes = run_all(study, facts, memory, n_jobs=n_jobs, verbose=verbose)
    return collect(study, outcomes, facts, reference=result.reference, metric=result.metric)
