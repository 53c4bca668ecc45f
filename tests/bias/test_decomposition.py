"""The gap in parts that add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from dlboi.bias import decomposition
from dlboi.bias._decomposition import decomposition_of
from tests.bias.simulated_rows import make_materials, make_rows

TERMS = ("selection", "leakage", "label shift", "ranking", "threshold")


@st.composite
def materials(draw):
    """Materials of all kinds, of twenty to forty patients."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    n_classes = draw(st.sampled_from([2, 6]))
    y = rng.permutation(np.arange(120) % n_classes)
    in_test = rng.random(120) < 0.4
    in_test[: 2 * n_classes] = False
    y[: 2 * n_classes] = np.arange(2 * n_classes) % n_classes  # train has all classes
    if draw(st.booleans()):
        in_test &= y != 1
    X = 1.5 * np.eye(n_classes)[y] + rng.normal(size=(120, n_classes))
    parts = [(X[part], y[part]) for part in (~in_test, in_test)]
    if draw(st.booleans()):
        patients = rng.integers(40, size=120) + (0 if draw(st.booleans()) else 1000 * in_test)
        parts = [
            (*part, patients[kept]) for part, kept in zip(parts, (~in_test, in_test), strict=True)
        ]
    candidates = draw(st.sampled_from([None, [slice(0, 1), slice(1, 2), slice(None)]]))
    return make_materials(*parts, candidates=candidates, n_resamples=2)


@given(materials=materials(), reported=st.none() | st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_terms_add_up_to_the_gap_whatever_the_input(materials, reported):
    result = decomposition_of(materials, reported)
    scores, terms = list(result.scores.values()), result.terms
    assert len(terms) == len(scores) - 1
    steps = -np.diff(scores)
    np.testing.assert_allclose([term.estimate for term in terms.values()], steps, atol=1e-9)
    assert sum(term.estimate for term in terms.values()) == pytest.approx(
        result.gap.estimate, abs=1e-9
    )
    assert result.gap.estimate == pytest.approx(scores[0] - scores[-1], abs=1e-9)
    assert scores[-1] == pytest.approx(materials.grouped.test_correct.mean())
    if reported is not None:
        assert scores[0] == reported
    for term in [*terms.values(), result.gap]:
        assert np.isnan(term.low) or term.low <= term.estimate <= term.high
    # Whatever is no term of its own is named in another, or its absence is said.
    for name in set(TERMS) - set(terms):
        assert any(name in sentence.lower() for sentence in result.merged)
    assert len(result.tables[1].rows) == len(terms) + 1


def chain(groups, candidates, reported, test_classes=(0, 0, 1, 1)):
    rng = np.random.default_rng(0)
    y = np.repeat(test_classes, 3)
    test = rng.normal(size=(len(y), 4)), y, 1000 + np.arange(len(y)) // 3
    parts = make_rows(rng, 30), test
    parts = [part if groups else part[:2] for part in parts]
    columns = [slice(0, 2), slice(2, 4)] if candidates else None
    return decomposition_of(make_materials(*parts, candidates=columns, n_resamples=2), reported)


@pytest.mark.parametrize(
    ("groups", "candidates", "reported", "scores", "terms", "merged"),
    [
        (True, True, None, ["reported", "re-selected", "by patient"], ["selection", "leakage"], ""),
        (True, True, 0.9, ["reported", "re-selected", "by patient"], ["selection", "leakage"], ""),
        (True, False, None, ["by image", "by patient"], ["leakage"], "selection is no term"),
        (
            True,
            False,
            0.9,
            ["reported", "by patient"],
            ["selection and leakage"],
            "Selection and leakage are not told apart",
        ),
        (False, True, None, ["reported", "re-selected"], ["selection"], "Leakage and ranking"),
        (False, False, None, ["by image"], [], "selection is no term"),
        (False, False, 0.9, ["reported", "by image"], ["selection"], "holds what the network"),
    ],
)
def test_what_the_input_does_not_have_is_merged(
    groups, candidates, reported, scores, terms, merged
):
    result = chain(groups, candidates, reported)
    ranking = "ranking" if groups else "leakage and ranking"
    assert list(result.scores) == [*scores, "re-weighted", "at threshold", "test"]
    assert list(result.terms) == [*terms, "label shift", ranking, "threshold"]
    assert merged in " ".join(result.merged)
    assert (not result.merged) == (groups and candidates)


def test_without_a_threshold_ranking_holds_it():
    result = chain(True, True, None, test_classes=[1, 1, 1, 1])
    assert list(result.terms)[-1] == "ranking and threshold"
    assert result.merged == (
        "Ranking and threshold are not told apart. All images of test are of class 1: there is no "
        "threshold to choose.",
    )
    assert list(chain(False, True, None, [1, 1, 1, 1]).terms)[-1] == (
        "leakage, ranking and threshold"
    )


# ------------------------------------------------------------------- planted causes


def values_of_terms(n_sets=12, candidates=None, n_patients=100, train=None, test=None):
    """Return the estimates of each term in several simulated sets."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n_sets):
        parts = (
            make_rows(rng, n_patients, **(train or {})),
            make_rows(rng, n_patients, first_patient=1000, **(test or {})),
        )
        found.append(decomposition_of(make_materials(*parts, candidates=candidates, n_resamples=2)))
    names = [name for name in TERMS if name in found[0].terms]
    return {name: np.array([each.terms[name].estimate for each in found]) for name in names}


def assert_moves(found, name, least=0.05):
    for term, values in found.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        if term == name:
            assert values.mean() - 2 * error > least, term
        else:
            assert abs(values.mean()) < 0.02 + 3 * error, term


def test_nothing_moves_without_a_cause():
    assert_moves(values_of_terms(), None)


def test_a_planted_displacement_moves_the_threshold():
    assert_moves(values_of_terms(test={"displacement": 1.5}), "threshold")


def test_a_harder_test_set_moves_the_ranking():
    assert_moves(values_of_terms(test={"distance": 1.0}), "ranking")


def test_noise_candidates_move_the_selection():
    noise = {"n_columns": 50, "distance": 0.0}
    columns = [slice(c, c + 1) for c in range(50)]
    found = values_of_terms(5, columns, n_patients=50, train=noise, test=noise)
    assert_moves(found, "selection", least=0.02)


def test_a_planted_prevalence_moves_the_label_shift():
    found = values_of_terms(train={"prevalence": 0.75, "distance": 1.5}, test={"distance": 1.5})
    # The best threshold depends on the prevalence: it gains what ranking seems to gain.
    found["ranking and threshold"] = found.pop("ranking") + found.pop("threshold")
    assert_moves(found, "label shift")


def test_images_of_a_patient_that_are_alike_move_the_leakage():
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(30), 6)
    own = rng.normal(size=(30, 40))
    y = rng.integers(2, size=30)
    X = own[patients] + 0.1 * rng.normal(size=(180, 40))
    test = rng.normal(size=(60, 40)), rng.integers(2, size=60), 100 + np.arange(60)
    result = decomposition_of(make_materials((X, y[patients], patients), test))
    assert result.terms["leakage"].low > 0.2
    assert result.terms["leakage"].estimate > 0.8 * result.gap.estimate


def test_step_is_that_of_the_study():
    rng = np.random.default_rng(0)
    train, test = make_rows(rng, 40), make_rows(rng, 20, first_patient=100)
    candidates = {"constant": DummyClassifier(), "logistic": LogisticRegression()}
    result = decomposition(train, test, candidates=candidates, reported=0.9, n_resamples=2)
    assert result.scores["reported"] == 0.9
    assert result.merged == ()
    with pytest.raises(ValueError, match="'reported' parameter of decomposition"):
        decomposition(train, test, reported=95)
