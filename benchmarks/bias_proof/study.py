"""One study, and the parts of it that a planted truth asks for."""

import numpy as np

from benchmarks.bias_proof.drawn import Drawn, materials_for
from benchmarks.bias_proof.truths import CHANCE, CLASS
from dlboi.bias._learner import LogisticLearner
from dlboi.bias._verdict import decide
from dlboi.studies._bias._claims import claims_of
from dlboi.studies._bias._joined_patients import joined_patients
from dlboi.studies._bias._search_duplicates import search_duplicates
from dlboi.studies._bias._steps import _SHARING, Steps, decomposition_of, selection_of
from dlboi.studies._bias._verdicts import verdicts_of


def whole_study(drawn: Drawn, *, look_for_copies: bool = True, **settings) -> dict:
    """Do what :func:`dlboi.studies.dataset_bias_study` does, with a representation that is known.

    Parameters
    ----------
    drawn : Drawn
        What is studied.
    look_for_copies : bool, default=True
        Whether duplicates are searched for, which takes as long as all else.
    **settings
        Those of the study.

    Returns
    -------
    dict
        `verdicts`, by name the verdict, estimate, bounds, p-value and adjusted p-value; further
        p-values; and how far the terms are from adding up to the gap.
    """
    materials, steps = _prepared(drawn, settings, look_for_copies)
    steps.do_all(materials, None)
    verdicts = verdicts_of(steps, materials.cohort.class_names, materials.settings)
    parts = steps.get("decomposition")
    total = sum(term.estimate for term in parts.terms.values())
    return {
        "verdicts": {each.name: _record(each) for each in verdicts},
        "p_values": _p_values(steps),
        "remainder": abs(total - parts.gap.estimate),
        "reasons": steps.reasons,
    }


def own_steps(drawn: Drawn, names: tuple, **settings) -> dict:
    """Do some steps, and decide on each claim as if it were the only one.

    Parameters
    ----------
    drawn : Drawn
        What is studied.
    names : tuple of str
        Steps.
    **settings
        Those of the study.

    Returns
    -------
    dict
        As :func:`whole_study`, of the claims that rest on these steps alone.
    """
    materials, steps = _prepared(drawn, settings, "duplicates" in names)
    known = {**_SHARING, "selection": selection_of, "decomposition": decomposition_of}
    for name in names:
        if name in known:
            steps.attempt(name, known[name], materials)
    settings = materials.settings
    verdicts = [
        decide([claim], alpha=settings.alpha, margin=settings.margin)[0]
        for claim in claims_of(steps, materials.cohort.class_names, settings)
    ]
    known = {each.name: _record(each) for each in verdicts if _is_known(each, names)}
    return {"verdicts": known, "p_values": _p_values(steps), "reasons": steps.reasons}


def given_effects(drawn: Drawn, asked: Drawn, **settings) -> dict:
    """Return the gap and the lost recalls of the classifiers of one study, of many new patients.

    Parameters
    ----------
    drawn : Drawn
        What is studied.
    asked : Drawn
        New patients of the kind of train and of that of test.
    **settings
        Those of the study.

    Returns
    -------
    dict of str to float
        By the name of the verdict that is about the effect.
    """
    learner = _Remembering(drawn.rows, drawn.y, 2)
    materials = materials_for(drawn, **settings)
    materials.learners[:] = [learner]
    assert len(materials.grouped.test_proba) == len(learner.training)
    rows, y = np.vstack([drawn.rows, asked.rows]), np.append(drawn.y, asked.y)
    new, right = np.arange(len(drawn.y), len(y)), np.zeros(len(asked.y))
    for training in learner.training:
        (proba,) = LogisticLearner(rows, y, 2).predict([training], [new])
        right += (proba.argmax(axis=1) == asked.y) / len(learner.training)
    parts = {CHANCE: np.ones(len(right), dtype=bool)}
    parts |= {CLASS.format(code): asked.y == code for code in range(2)}
    return {
        name: float(right[part & ~asked.in_test].mean() - right[part & asked.in_test].mean())
        for name, part in parts.items()
    }


class _Remembering(LogisticLearner):
    """Remembers which images its classifiers learn from."""

    def predict(self, training, scored):
        self.training = list(training)
        return super().predict(training, scored)


def _prepared(drawn, settings, look_for_copies):
    """Materials, with patients joined who share an image, and the steps that this took."""
    materials, steps = materials_for(drawn, **settings), Steps()
    if drawn.images is not None and look_for_copies:
        steps.attempt("duplicates", search_duplicates, materials)
        joined = joined_patients(materials.cohort, steps.get("duplicates"))
        if joined is not materials.cohort:
            materials = materials_for(drawn, joined, **settings)
    return materials, steps


def _is_known(verdict, names):
    is_found = verdict.name.startswith("duplicates") and "duplicates" in names
    return is_found or not np.isnan(verdict.effect.estimate)


def _record(verdict):
    effect = verdict.effect
    numbers = (effect.estimate, effect.low, effect.high, effect.p_value, verdict.p_adjusted)
    return [verdict.verdict, *(round(float(number), 6) for number in numbers)]


def _p_values(steps):
    gap, shift = steps.get("gap"), steps.get("covariate_shift")
    found = {} if gap is None else {"gap, permuted parts": float(gap.p_value)}
    for each in getattr(shift, "classes", ()):
        found[f"two samples, class {each.name}"] = float(each.p_value)
    return found
