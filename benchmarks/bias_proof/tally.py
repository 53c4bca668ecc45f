"""From single studies to shares, and whether they are what the plan demands."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from scipy import stats

from benchmarks.bias_proof.truths import BY_NAME, CHANCE, DUPLICATES, Truth

MARGIN = 0.02
_OF_PIXELS = (DUPLICATES, "shortcut risk")
_REMAINDER = 1e-9
_LEVEL = 0.025
_ALPHA = 0.05  # of the studies
_NORMAL_95 = stats.norm.ppf(0.975)
_N_ERRORS = 2  # an effect nearer to the margin is not known to be on one side of it
_LIMITED = ("chest",)  # sources that have no more patients than are drawn


class Demand(NamedTuple):
    """A share that is demanded.

    Parameters
    ----------
    source, truth, what : str
        Where, what was planted, and what is counted.
    n_found, n_asked : int
        How often it was so.
    limit : float
        What is demanded of the share.
    at_least : bool
        Whether the share is to be the limit at least; at most otherwise.
    least : float, default=nan
        Margin that intervals as wide as those of the studies would need for such a share; NaN where
        that is not known.
    """

    source: str
    truth: str
    what: str
    n_found: int
    n_asked: int
    limit: float
    at_least: bool
    least: float = np.nan

    @property
    def share(self) -> float:
        """How often, as a fraction."""
        return self.n_found / max(1, self.n_asked)

    @property
    def is_met(self) -> bool:
        """Whether the share is as demanded."""
        return self.share >= self.limit if self.at_least else self.share <= self.limit

    @property
    def is_out_of_reach(self) -> bool:
        """Whether it is not, as there are too few patients: the intervals are too wide."""
        return not self.is_met and self.source in _LIMITED and self.least > MARGIN

    @property
    def is_missed(self) -> bool:
        """Whether it is not, though it could, and not by chance: binomial test, level 2.5 %."""
        side = "less" if self.at_least else "greater"
        if self.is_met or not self.n_asked or self.is_out_of_reach:
            return False
        found = stats.binomtest(self.n_found, self.n_asked, self.limit, alternative=side)
        return found.pvalue < _LEVEL


def true_effects_of(records, source: str, truth: str) -> dict:
    """Return effects by verdict, with their standard errors.

    They are those of the calibration or, where it has none, the mean of the studies' estimates.
    """
    found = defaultdict(list)
    for record in of_cell(records, "whole", source, truth):
        for name, (_, estimate, *_others) in record["verdicts"].items():
            found[name].append(estimate)
    effects = {
        name: (float(np.mean(values)), float(np.std(values) / np.sqrt(len(values))))
        for name, values in found.items()
    }
    for record in of_cell(records, "truth", source, truth):
        effects |= {
            name: tuple(known)
            for name, known in record["effects"].items()
            if not np.isnan(known[0])
        }
    return effects


def of_cell(records, kind: str, source: str, truth: str) -> list:
    """Return the records of a cell."""
    return [each for each in records if each["job"][:3] == [kind, source, truth]]


def is_true(name: str, truth: Truth, effects: dict) -> bool | None:
    """Return whether a verdict's claim is true of what was planted; None where that is not clear.

    Parameters
    ----------
    name : str
        The verdict.
    truth : Truth
        What is planted.
    effects : dict of str to tuple of (float, float)
        True effects, and the standard errors with which they are known.

    Returns
    -------
    bool or None
    """
    if name == DUPLICATES:
        return bool(truth.n_copies)
    if name == "selection":
        return bool(truth.n_candidates)
    if name == "shortcut risk":
        return truth.changed == "bright"
    if name == CHANCE:
        gap, error = effects[CHANCE]
        return _neither(_is_above_margin(gap, error), _is_above_margin(-gap, error))
    if name == "threshold only":
        threshold, ranking = (
            _is_above_margin(*effects[of]) for of in ("threshold", "lost ranking")
        )
        return _neither(None if threshold is None else not threshold, ranking)
    return _is_above_margin(*effects.get(name, (np.nan, np.nan)))


def _is_above_margin(effect, error):
    """Whether an effect is; None where it is not known well enough to say so, or not at all."""
    is_known = abs(effect - MARGIN) >= _N_ERRORS * error
    return effect > MARGIN if is_known else None


def _neither(*claims):
    """Whether no claim is true, some of which may be unknown, None."""
    if True in claims:
        return False
    return None if None in claims else True


def demands_of(records) -> list[Demand]:
    """Return all demands on whole studies and on single steps.

    Parameters
    ----------
    records : list of dict
        What the jobs found.

    Returns
    -------
    list of Demand
    """
    cells = dict.fromkeys(tuple(each["job"][1:3]) for each in records)
    demands = []
    for source, name in cells:
        truth = BY_NAME[name]
        effects = true_effects_of(records, source, name)
        for kind, of in (("own", "own step"), ("whole", "whole study")):
            studies = of_cell(records, kind, source, name)
            if studies:
                demands += _of_planted(studies, source, truth, of)
                demands += _of_mirrors(studies, source, truth, of)
        studies = of_cell(records, "whole", source, name)
        if studies:
            demands += _of_whole(studies, source, truth, effects)
    return demands


def _of_planted(studies, source, truth, of):
    for name in truth.supported:
        if source == "rows" and name in _OF_PIXELS:
            continue
        found = [study["verdicts"].get(name, ["UNDECIDED"])[0] for study in studies]
        n_found = found.count("SUPPORTED")
        yield Demand(
            source, truth.name, f"{name}: SUPPORTED ({of})", n_found, len(found), 0.9, True
        )


def _of_mirrors(studies, source, truth, of):
    """Where statistics do not tell the classes, and the classifier does, there is no shortcut."""
    if truth.changed == "mirrored":
        found = [study["verdicts"]["shortcut risk"][0] for study in studies]
        what = f"shortcut risk: NOT SUPPORTED ({of})"
        yield Demand(source, truth.name, what, found.count("NOT SUPPORTED"), len(found), 0.8, True)


def _of_whole(studies, source, truth, effects):
    n = len(studies)
    names = studies[0]["verdicts"]
    true = {name: is_true(name, truth, effects) for name in names}
    wrong = [_wrong(study, true) for study in studies]
    n_false = sum(bool(supported) for supported, _ in wrong)
    yield Demand(source, truth.name, "any false SUPPORTED", n_false, n, 0.05, False)
    for name in names:
        n_refuted = sum(name in refuted for _, refuted in wrong)
        n_supported = sum(name in supported for supported, _ in wrong)
        if n_refuted:
            yield Demand(
                source, truth.name, f"{name}: false NOT SUPPORTED", n_refuted, n, 0.05, False
            )
        if n_supported:
            yield Demand(
                source, truth.name, f"{name}: false SUPPORTED", n_supported, n, 0.05, False
            )
    n_whole = sum(study["remainder"] < _REMAINDER for study in studies)
    yield Demand(source, truth.name, "terms add up to the gap", n_whole, n, 1.0, True)
    if truth.is_large:
        yield from _of_large(studies, source, truth)


def _wrong(study, true):
    """Verdicts that are wrongly SUPPORTED, and those that are wrongly NOT SUPPORTED."""
    found = {name: record[0] for name, record in study["verdicts"].items()}
    return tuple(
        [name for name, verdict in found.items() if verdict == word and true[name] is wrong]
        for word, wrong in (("SUPPORTED", False), ("NOT SUPPORTED", True))
    )


def _of_large(studies, source, truth):
    for name in studies[0]["verdicts"]:
        if name in ("selection", "threshold only", "shortcut risk"):
            continue  # nothing was chosen; follows from others; brightness does tell the classes
        if source == "rows" and name == DUPLICATES:
            continue
        found = [study["verdicts"][name] for study in studies]
        wanted = "SUPPORTED" if name == CHANCE else "NOT SUPPORTED"
        n_found = sum(record[0] == wanted for record in found)
        what, least = f"{name}: {wanted}", _least_margin(studies, name, 0.8)
        yield Demand(source, truth.name, what, n_found, len(found), 0.8, True, least)


def _least_margin(studies, name, power):
    """Margin within which the mean interval lies with this probability, where there is no effect.

    The interval of the gap has to lie within it on both sides, at the level that Holm's adjustment
    leaves to the least of the p-values; the others have to lie below it.
    """
    found = [study["verdicts"][name] for study in studies]
    error = np.mean([record[3] - record[2] for record in found]) / (2 * _NORMAL_95)
    if name != CHANCE:
        return float((_NORMAL_95 + stats.norm.ppf(power)) * error)
    adjusted = [[record[5] for record in study["verdicts"].values()] for study in studies]
    n_tests = np.mean(np.sum(~np.isnan(adjusted), axis=1))
    return float((stats.norm.isf(_ALPHA / n_tests) + stats.norm.ppf((1 + power) / 2)) * error)
