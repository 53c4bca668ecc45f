"""Tables and sentences of a study that chooses among candidates."""

import numpy as np

from dlboi.studies._candidate_names import parameter_texts
from dlboi.studies._choice_adjust import choice_adjust
from dlboi.studies._fit_gap import fit_gap, fit_verdict
from dlboi.studies._run_statistics import of_level
from dlboi.studies._study_sentences import ALPHA, score_text

CANDIDATES = (
    "Candidates. Gap: training less validation accuracy at the kept epoch, with its 95 % interval. "
    "The training accuracy is a mean over that epoch, in which the weights change, so that the gap "
    "is rather too small. Rise: validation loss of the last epoch less that of the kept one."
)


def candidate_table(result, own: dict) -> dict[str, np.ndarray]:
    """Return a row for each candidate: its parameters, accuracies, gap and verdict.

    Parameters
    ----------
    result : StudyResult
        A study on validation images whose reference is the chosen candidate.
    own : dict of str to dict
        The parameters that make each candidate, also of those that halving dropped.

    Returns
    -------
    dict of str to ndarray
    """
    gaps = {name: fit_gap(result, name) for name in result.names}
    parameters = dict.fromkeys(key for name in result.names for key in own[name])
    rises = _rises(result)
    texts = dict(zip(own, parameter_texts(own.values()), strict=True))
    p_values = choice_adjust(result.table["p_value"], len(own))
    verdicts = [
        fit_verdict(result, name, gaps[name], p_value)
        for name, p_value in zip(result.names, p_values, strict=True)
    ]
    return {
        **{
            key: np.array([texts[name].get(key, "None") for name in result.names])
            for key in parameters
        },
        "training accuracy": _means(result, result.runs["train_accuracy"]),
        "validation accuracy": _means(result, result.runs["validation_accuracy"]),
        "gap": np.array([gap[0] for gap in gaps.values()]),
        "gap low": np.array([gap[1] for gap in gaps.values()]),
        "gap high": np.array([gap[2] for gap in gaps.values()]),
        "validation loss": _means(result, result.runs["validation_loss"]),
        "rise": _means(result, rises),
        "fit": np.array(verdicts),
    }


def candidate_findings(result, table: dict, *, n_searched: int) -> list[str]:
    """Say which candidate is chosen, how sure that is, and what over- or underfits.

    Parameters
    ----------
    result : StudyResult
        As in :func:`candidate_table`.
    table : dict
        Of :func:`candidate_table`.
    n_searched : int
        Number of candidates there were, for whose choice the p-values are adjusted.

    Returns
    -------
    list of str
    """
    p_values = choice_adjust(result.table["p_value"], n_searched)
    differences = result.table["difference"]
    worse = [
        name
        for name, difference, p_value in zip(result.names, differences, p_values, strict=True)
        if difference < 0 and p_value < ALPHA
    ]
    n_others = len(result.names) - 1
    findings = [
        f"{result.reference} is chosen of {n_searched} candidates on the validation images: "
        f"{score_text(result, result.reference)}, which is rather too much, for it is the best of "
        "several.",
        f"Beyond chance, {len(worse)} of the other {n_others} are worse (p adjusted for the choice)"
        + (f": {'; '.join(worse)}." if worse else ": the choice says little."),
    ]
    for verdict, sentence in (
        ("overfits", "training accuracy is above validation accuracy beyond chance"),
        ("underfits", "worse than the chosen one in training and, beyond chance, in validation"),
        (
            "neither",
            "gap, and distance to the chosen one, below 5 points with their whole intervals",
        ),
        ("undecided", "the intervals leave it open"),
    ):
        names = [n for n, f in zip(result.names, table["fit"], strict=True) if f == verdict]
        if names:
            title = {"neither": "Neither over- nor underfits"}.get(verdict, verdict.capitalize())
            findings.append(f"{title}: {'; '.join(names)} ({sentence}).")
    return findings


def chosen_table(tested) -> dict[str, np.ndarray]:
    """Return the score of the chosen candidate on the test images.

    Parameters
    ----------
    tested : StudyResult
        Its runs.

    Returns
    -------
    dict of str to ndarray
    """
    columns = ("level", "n_runs", "test", "test_low", "test_high")
    return {name: tested.table[name] for name in columns}


def chosen_finding(tested) -> str:
    """Say how the chosen candidate does on the test images.

    Parameters
    ----------
    tested : StudyResult
        Its runs.

    Returns
    -------
    str
    """
    name = tested.reference
    n_images, n_runs = int(tested.runs["n_test"][0]), len(tested.done(name))
    return (
        f"On the {n_images} test images it reaches {score_text(tested, name)}. They were scored "
        f"{n_runs} times, once in each repeat, and no other candidate was."
    )


def _rises(result):
    losses = [arrays.get("history/validation_loss", np.array([np.nan])) for arrays in result.arrays]
    return np.array([loss[-1] for loss in losses]) - result.runs["validation_loss"]


def _means(result, values):
    return np.array([of_level(result, name, values)[0] for name in result.names])
