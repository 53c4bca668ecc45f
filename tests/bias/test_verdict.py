"""Verdicts follow their rules, and one level holds for all of them."""

import numpy as np
import pytest
from scipy.stats import norm

from dlboi.bias._effect import Effect
from dlboi.bias._verdict import Claim, decide, effect_claim


def verdict_of(*claims, alpha=0.05):
    return [each.verdict for each in decide(claims, alpha=alpha, margin=0.02)]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (Effect(0.05, 0.03, 0.07, 1e-6), "SUPPORTED"),
        (Effect(0.05, 0.01, 0.09, 1e-6), "UNDECIDED"),
        (Effect(0.05, 0.03, 0.07, 0.2), "UNDECIDED"),
        (Effect(0.00, -0.01, 0.01, 0.5), "NOT SUPPORTED"),
        (Effect(0.01, 0.005, 0.015, 1e-6), "NOT SUPPORTED"),
        (Effect(-0.10, -0.12, -0.08, 1.0), "NOT SUPPORTED"),
        (Effect.unknown(), "UNDECIDED"),
    ],
)
def test_an_effect_is_weighed_against_the_margin(effect, expected):
    assert verdict_of(effect_claim("leakage", effect, 0.02)) == [expected]


def test_p_values_are_adjusted_for_all_claims():
    weak = effect_claim("weak", Effect(0.05, 0.03, 0.07, 0.02), 0.02)
    null = effect_claim("null", Effect(0.0, -0.05, 0.05, 0.5), 0.02)
    untested = effect_claim("untested", Effect.unknown(), 0.02)

    assert verdict_of(weak, untested) == ["SUPPORTED", "UNDECIDED"]
    assert verdict_of(weak, null, null) == ["UNDECIDED"] * 3


def test_any_false_verdict_is_as_rare_as_the_level_says():
    rng = np.random.default_rng(0)
    n_false = 0
    for _ in range(1000):
        estimates = rng.normal(0, 0.02, size=8)
        effects = [Effect(x, x - 0.0392, x + 0.0392, float(norm.sf(x / 0.02))) for x in estimates]
        n_false += "SUPPORTED" in verdict_of(*(effect_claim("no", e, 0.0) for e in effects))

    assert 20 <= n_false <= 65  # 50 expected at most, and the tests are no idle ones


def test_too_few_permutations_are_named_with_the_number_that_would_do():
    effect = Effect(0.1, 0.08, 0.12, 1e-9)
    claims = [Claim("gap", effect, 0.05, True, False, "rule", n_permutations=19)] * 2

    decided = decide(claims, alpha=0.05, margin=0.02)

    assert [each.verdict for each in decided] == ["UNDECIDED"] * 2
    assert all("'n_permutations' to 40" in each.reason for each in decided)


def test_what_was_seen_needs_no_test():
    seen = Claim("duplicates", Effect.unknown(), np.nan, True, False, "rule", is_certain=True)

    assert verdict_of(seen) == ["SUPPORTED"]


def test_the_smallest_effect_is_found_as_often_as_it_says():
    rng = np.random.default_rng(1)
    error = 0.01
    (decided,) = decide(
        [effect_claim("x", Effect(0, -1.96 * error, 1.96 * error, 0.5), 0.02)],
        alpha=0.05,
        margin=0.02,
    )
    found = [
        verdict_of(
            effect_claim(
                "x",
                Effect(x, x - 1.96 * error, x + 1.96 * error, float(norm.sf(x / error))),
                0.02,
            )
        )
        == ["SUPPORTED"]
        for x in rng.normal(decided.smallest, error, size=1000)
    ]

    assert 0.76 < np.mean(found) < 0.84
