"""The study of dataset bias: its claims, its words, and what it does with bad input."""

import dataclasses
import re
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dlboi.bias._effect import Effect
from dlboi.bias._materials import Settings
from dlboi.bias._verdict import NOT_SUPPORTED, SUPPORTED, UNDECIDED
from dlboi.datasets import make_chest_phantoms
from dlboi.studies import BiasReport, dataset_bias_study
from dlboi.studies._bias._claims import claims_of
from dlboi.studies._bias._explanations import EXPLANATIONS, OF_CLASS
from dlboi.studies._bias._steps import Steps
from dlboi.studies._bias._verdicts import verdicts_of

QUICK = {"n_resamples": 3, "n_permutations": 99, "verbose": 0}
COLUMNS = ("estimate", "low", "high")


def rows(seed, n_patients, *, shift=0.0, prefix="", n_each=2, n_classes=2):
    """Features of patients with a class each; `shift` moves class 0 towards class 1."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_patients) % n_classes
    X = rng.normal(size=(n_patients, 4)) + 2.5 * y[:, None] * np.array([1, 1, 0, 0])
    X[y == 0] += shift * np.array([2.5, 2.5, 0, 0])
    repeated = np.repeat(X, n_each, axis=0) + 0.3 * rng.normal(size=(n_patients * n_each, 4))
    names = np.array([f"{prefix}{number}" for number in range(n_patients)])
    return repeated, np.repeat(y, n_each), np.repeat(names, n_each)


@pytest.fixture(scope="module")
def shifted():
    return dataset_bias_study(rows(0, 160), rows(1, 120, shift=0.5, prefix="t"), **QUICK)


@pytest.fixture(scope="module")
def pictured():
    train = make_chest_phantoms(60, image_size=16, difficulty=0.2, random_state=0)
    test = make_chest_phantoms(36, image_size=16, difficulty=0.2, shift=1.0, random_state=1)
    test.groups = np.array([f"test {patient}" for patient in test.groups])
    test.data[0] = train.data[0]
    for part in (train, test):
        del part["filenames"]
    return dataset_bias_study(train, test, **QUICK)


# ------------------------------------------------------------------------------------- verdicts


def test_a_class_that_is_moved_in_test_is_named(shifted):
    assert shifted.verdict("chance explains the gap").verdict == NOT_SUPPORTED
    assert shifted.verdict(f"{OF_CLASS}0").verdict == SUPPORTED
    assert shifted.verdict(f"{OF_CLASS}1").verdict != SUPPORTED
    assert shifted.verdict("leakage in validation").verdict != SUPPORTED


def test_every_claim_has_its_words_and_every_words_have_a_claim(shifted):
    names = {v.name for v in shifted.verdicts if not v.name.startswith(OF_CLASS)}
    assert names | {OF_CLASS} == set(EXPLANATIONS)


def test_parts_of_one_set_are_not_said_to_differ():
    X, y, groups = rows(2, 300)
    in_test = groups.astype(int) % 6 < 2
    report = dataset_bias_study((X, y, groups), origin=np.where(in_test, "B", "A"), **QUICK)
    assert SUPPORTED not in {
        v.verdict for v in report.verdicts if not v.name.startswith("chance explains")
    }
    assert report.part_names == ("A", "B")
    assert " of B" in report.to_markdown()


def steps_with(**results):
    known = Effect(0.05, 0.03, 0.07, 1e-6)
    none = Effect(0.0, -0.01, 0.01, 0.5)
    swap = SimpleNamespace(reason="")
    found = {
        "gap": SimpleNamespace(gap=known, recall_drops={"a": known}, p_value=0.001),
        "leakage": SimpleNamespace(validation=none, pool=none, notes=()),
        "label_shift": SimpleNamespace(accuracy=none),
        "harm": SimpleNamespace(harder=none, displaced=known, swap=swap, reasons=()),
        "decomposition": SimpleNamespace(terms={"ranking": none}, merged=()),
    }
    return Steps(results={**found, **results})


def verdict_on(name, **results):
    verdicts = verdicts_of(steps_with(**results), ["a"], Settings())
    return {verdict.name: verdict for verdict in verdicts}[name]


def gap_with(effect, p_value=0.001):
    return SimpleNamespace(gap=effect, recall_drops={"a": effect}, p_value=p_value)


@pytest.mark.parametrize(
    ("effect", "p_value", "expected"),
    [
        (Effect(0.05, 0.03, 0.07, 1e-6), 0.001, NOT_SUPPORTED),
        (Effect(0.05, 0.03, 0.07, 1e-6), 0.2, UNDECIDED),
        (Effect(0.05, 0.03, 0.07, 1e-6), np.nan, UNDECIDED),
        (Effect(0.05, 0.01, 0.09, 1e-6), 0.001, UNDECIDED),
        (Effect(0.00, -0.008, 0.008, 0.5), 0.5, SUPPORTED),
        (Effect(0.00, -0.0199, 0.0199, 0.5), 0.5, UNDECIDED),  # not for so many claims
        (Effect(0.00, -0.05, 0.05, 0.5), 0.5, UNDECIDED),
        (Effect(-0.1, -0.12, -0.08, 1.0), 1.0, UNDECIDED),
        (Effect.unknown(), 0.001, UNDECIDED),
    ],
)
def test_chance_is_an_interval_within_the_margin(effect, p_value, expected):
    assert verdict_on("chance explains the gap", gap=gap_with(effect, p_value)).verdict == expected


def label_shift_of(low, p_value=1e-6):
    return SimpleNamespace(accuracy=Effect(0.05, low, 0.07, p_value))


@pytest.mark.parametrize(
    ("low", "gap", "expected"),
    [
        (0.03, Effect(0.05, 0.03, 0.07, 1e-6), NOT_SUPPORTED),
        (0.01, Effect(0.05, 0.03, 0.07, 1e-6), UNDECIDED),  # label shift is not SUPPORTED
        (0.03, Effect(0.05, 0.01, 0.09, 1e-6), UNDECIDED),  # the gap may be below the margin
    ],
)
@pytest.mark.parametrize("p_value", [0.2, np.nan])
def test_a_gap_that_other_shares_of_the_classes_make_is_not_chance(low, gap, expected, p_value):
    steps = {"gap": gap_with(gap, p_value), "label_shift": label_shift_of(low)}
    verdict = verdict_on("chance explains the gap", **steps)
    assert verdict.verdict == expected
    assert bool(verdict.reason) == (expected == UNDECIDED)


def test_pure_prevalence_shift_is_told_from_chance():
    def part(seed, n, share):
        rng = np.random.default_rng(seed)
        y = (np.arange(n) < share * n).astype(int)
        X = rng.normal(size=(n, 3))
        X[:, 0] += 1.5 * (y - 0.5)
        return X, y, np.array([f"{seed}-{patient}" for patient in range(n)])

    report = dataset_bias_study(part(0, 900, 0.9), part(1, 900, 0.3), **QUICK)
    assert report.steps.get("gap").p_value > 0.05
    assert report.verdict("chance explains the gap").verdict == NOT_SUPPORTED
    assert "other shares of the classes are a part of it" in report.to_markdown()


def test_an_equivalent_gap_is_declared_as_rarely_as_the_level_says():
    rng = np.random.default_rng(0)
    error, margin = 0.004, 0.02
    n_false = 0
    for estimate in rng.normal(margin, error, size=2000):  # a gap as large as the margin
        half = 1.96 * error
        effect = Effect(estimate, estimate - half, estimate + half, 0.5)
        (claim,) = [
            claim
            for claim in claims_of(steps_with(gap=gap_with(effect, 1.0)), ["a"], Settings())
            if claim.name == "chance explains the gap"
        ]
        n_false += claim.p_value <= 0.05
    assert 70 <= n_false <= 130  # 100 expected


def shift_of(**options):
    known = {"name": "a", "is_decided": True, "above_ordered": True, "reason": ""}
    known["controls"] = SimpleNamespace(auc=0.6, bound=0.7)
    return SimpleNamespace(classes=(SimpleNamespace(**{**known, **options}),))


@pytest.mark.parametrize(
    ("shift", "expected", "reason"),
    [
        ({}, SUPPORTED, ""),
        ({"above_ordered": False}, UNDECIDED, "0.70 needed"),
        ({"above_ordered": False, "is_decided": False, "reason": "few"}, UNDECIDED, "few"),
    ],
)
def test_a_shift_needs_lost_recall_and_images_that_differ(shift, expected, reason):
    verdict = verdict_on(f"{OF_CLASS}a", covariate_shift=shift_of(**shift))
    assert verdict.verdict == expected
    assert reason in verdict.reason


def test_a_recall_that_is_not_lost_refutes_a_shift_though_images_differ():
    gap = gap_with(Effect(0.0, -0.01, 0.01, 0.5))
    verdict = verdict_on(f"{OF_CLASS}a", gap=gap, covariate_shift=shift_of())
    assert verdict.verdict == NOT_SUPPORTED


@pytest.mark.parametrize(
    ("threshold", "ranking", "expected"),
    [
        (0.05, 0.0, SUPPORTED),
        (0.05, 0.05, NOT_SUPPORTED),
        (0.0, 0.05, NOT_SUPPORTED),
        (0.0, 0.0, UNDECIDED),
        (0.05, None, UNDECIDED),
    ],
)
def test_threshold_only_follows_from_threshold_and_ranking(threshold, ranking, expected):
    known, terms = steps_with().results["harm"], {}
    harm = SimpleNamespace(**{**vars(known), "displaced": effect_of(threshold)})
    if ranking is not None:
        terms["ranking"] = effect_of(ranking)
    found = SimpleNamespace(terms=terms, merged=("Not told apart.",))
    assert verdict_on("threshold only", harm=harm, decomposition=found).verdict == expected


def effect_of(value):
    return Effect(value, value - 0.01, value + 0.01, 1e-6 if value else 0.5)


@pytest.mark.parametrize(("n_pairs", "expected"), [(0, NOT_SUPPORTED), (1, SUPPORTED)])
def test_one_duplicate_is_enough_and_none_comes_with_the_recall(n_pairs, expected):
    found = SimpleNamespace(cross_split=np.ones(n_pairs, dtype=bool), recall={"all": 0.97})
    verdict = verdict_on("duplicates across splits", duplicates=found)
    assert verdict.verdict == expected
    assert "97 %" in verdict.rule


def test_a_step_that_fails_leaves_its_claims_undecided_with_the_reason():
    steps = steps_with()
    del steps.results["harm"]
    steps.reasons["harm"] = "Ten images are too few."
    verdicts = {v.name: v for v in verdicts_of(steps, ["a"], Settings())}
    assert verdicts["harder test"].verdict == UNDECIDED
    assert verdicts["harder test"].reason == "Ten images are too few."
    assert verdicts["threshold"].verdict == UNDECIDED
    assert verdicts["label shift"].verdict == NOT_SUPPORTED


# --------------------------------------------------------------------------------------- report


def test_tables_are_columns_of_one_length_and_the_parts_add_up(shifted):
    for name in ("gap", "label_shift", "leakage", "harm", "decomposition", "verdicts"):
        columns = getattr(shifted, f"{name}_")
        assert len({len(column) for column in columns.values()}) == 1
        assert len(shifted.to_csv(name).splitlines()) == 1 + len(next(iter(columns.values())))
    estimates = shifted.decomposition_["estimate"]
    np.testing.assert_allclose(estimates[:-1].sum(), estimates[-1], atol=1e-12)


def test_frames_are_of_pandas(shifted):
    pytest.importorskip("pandas")
    frame = shifted.to_frame()
    assert frame["claim"].tolist() == shifted.verdicts_["claim"].tolist()
    assert list(frame["estimate"]) == pytest.approx(shifted.verdicts_["estimate"], nan_ok=True)


@pytest.mark.parametrize("name", ["nothing", "selection"])
def test_a_table_that_is_not_there_is_refused_with_a_reason(shifted, name):
    with pytest.raises(ValueError, match=name):
        shifted.to_csv(name)


def test_words_do_not_blame_the_test_set_nor_advise_pooling(shifted):
    text = shifted.to_markdown()
    assert "test differs from train in class 0" in text
    assert "is no cure" in text
    assert "After pooling and dividing by patient, the classifier" in text
    assert not any(word in text for word in ("bad", "biased", "faulty"))


def test_the_page_has_every_verdict_its_limits_and_its_figures(pictured, tmp_path):
    page = pictured.save(tmp_path / "bias.html")
    html = page.read_text(encoding="utf-8")
    for verdict in pictured.verdicts:
        assert f": {verdict.verdict}</h2>" in html
    assert html.count("What this does not say") == len(pictured.verdicts)
    assert html.index("What the images show") < html.index("All verdicts")
    kinds = set(pictured.plot())
    assert {"effects", "gap", "permutations", "origins", "duplicates"} <= kinds
    assert {"mean difference", "told apart"} <= kinds
    assert pictured.verdict("duplicates across splits").verdict == SUPPORTED


def test_patients_who_share_an_image_count_as_one(pictured):
    found = pictured.steps.get("duplicates")
    crossing = found.joined_groups[found.pairs[found.cross_split]]
    assert (crossing[:, 0] == crossing[:, 1]).all()
    assert pictured.steps.get("gap").n_in_both == len(np.unique(crossing[:, 0]))


def test_a_figure_that_is_not_there_is_refused(shifted):
    with pytest.raises(ValueError, match="kinds"):
        shifted.plot("no such figure")
    with pytest.raises(ValueError, match="duplicates"):
        shifted.plot("duplicates")


def test_the_same_seed_gives_the_same_verdicts(shifted):
    again = dataset_bias_study(rows(0, 160), rows(1, 120, shift=0.5, prefix="t"), **QUICK)
    assert again.to_csv() == shifted.to_csv()
    assert again.settings == shifted.settings


# ------------------------------------------------------------------------------------ estimators


def test_an_estimator_is_announced_and_named(capsys):
    options = {**QUICK, "n_permutations": 1, "n_resamples": 2, "verbose": 1}
    report = dataset_bias_study(
        rows(0, 40), rows(1, 30, prefix="t"), estimator=LogisticRegression(), **options
    )
    said = capsys.readouterr().err
    announced = int(re.match(r"Study: about ([\d,]+) fits, [\d.]+ s\.$", said)[1])
    assert report.settings["fits"] == pytest.approx(announced, rel=0.35)
    assert "your estimator, LogisticRegression(" in report.to_markdown()


def test_the_default_says_nothing_and_speaks_of_the_images(capsys, shifted):
    dataset_bias_study(rows(0, 30), rows(1, 30), n_resamples=2, n_permutations=9)
    assert capsys.readouterr().err == ""
    assert "the images, as the study's own classifier sees them" in shifted.to_markdown()


def test_candidates_are_chosen_among_and_have_a_verdict_on_selection():
    candidates = {f"C = {C}": LogisticRegression(C=C) for C in (0.01, 1.0)}
    options = {**QUICK, "n_permutations": 0, "n_resamples": 2}
    report = dataset_bias_study(
        rows(0, 40), rows(1, 30, prefix="t"), candidates=candidates, **options
    )
    assert np.isfinite(report.verdict("selection").effect.estimate)
    assert "the best of your 2 candidates" in report.to_markdown()
    assert "selection" in report.decomposition_["term"]


def test_a_limit_on_the_time_leaves_out_permutations_first(monkeypatch):
    monkeypatch.setattr("dlboi.bias._budget.time.perf_counter", iter(range(10**6)).__next__)
    report = dataset_bias_study(
        rows(0, 40),
        rows(1, 30, prefix="t"),
        estimator=LogisticRegression(),
        max_time=60,
        **{**QUICK, "n_permutations": 999},
    )
    assert any("permutations" in text for text in report.left_out)
    assert "What was left out" in report.to_page().to_html()
    assert np.isfinite(report.verdict("chance explains the gap").effect.estimate)


def test_a_reported_score_begins_the_parts(shifted):
    report = dataset_bias_study(
        rows(0, 60), rows(1, 40, prefix="t"), reported=0.99, **{**QUICK, "n_permutations": 9}
    )
    scores = report.steps.get("decomposition").scores
    assert next(iter(scores.items())) == ("reported", 0.99)


# -------------------------------------------------------------------------------------- bad input


def test_without_patients_the_study_is_loud_and_leakage_is_undecided():
    (X, y, _), (X_test, y_test, _) = rows(0, 100), rows(1, 80, shift=0.5)
    report = dataset_bias_study((X, y), (X_test, y_test), **QUICK)
    text = report.to_markdown()
    assert text.startswith("NO PATIENTS WERE NAMED")
    for name in ("leakage in validation", "leakage in the pool", "lost ranking"):
        assert report.verdict(name).verdict == UNDECIDED


def test_a_class_that_is_absent_from_test_is_undecided():
    X, y, groups = rows(1, 80, prefix="t")
    report = dataset_bias_study(rows(0, 80), (X[y == 1], y[y == 1], groups[y == 1]), **QUICK)
    verdict = report.verdict(f"{OF_CLASS}0")
    assert verdict.verdict == UNDECIDED
    assert np.isnan(verdict.effect.estimate)
    assert "Where the accuracy goes" in report.to_page().to_html()


def test_ten_images_support_nothing():
    report = dataset_bias_study(rows(0, 80), rows(1, 10, prefix="t", n_each=1), **QUICK)
    effects = [verdict for verdict in report.verdicts if verdict.verdict == SUPPORTED]
    assert effects == []


def test_one_test_patient_is_undecided():
    X, y, _ = rows(1, 20)
    report = dataset_bias_study(rows(0, 80), (X, y, np.full(len(y), "one")), **QUICK)
    assert {v.verdict for v in report.verdicts if np.isfinite(v.effect.estimate)} <= {
        UNDECIDED,
        NOT_SUPPORTED,
    }
    assert report.verdict("chance explains the gap").verdict == UNDECIDED


@pytest.mark.parametrize(
    ("train", "test", "options", "message"),
    [
        (rows(0, 40), rows(0, 40), {}, "must hold different images"),
        (rows(0, 4), rows(1, 40), {}, "at least 5 patients"),
        (rows(0, 40), None, {}, "Either the 'test' parameter"),
        (rows(0, 40), rows(1, 40, n_classes=3), {}, "classes that 'train' does not"),
        (rows(0, 40), rows(1, 40)[:2], {}, "named in 'train', not in 'test'"),
        (rows(0, 40), rows(1, 40), {"margin": -0.1}, "margin"),
        (rows(0, 40), rows(1, 40), {"reported": 95}, "reported"),
        (
            rows(0, 40),
            rows(1, 40),
            {"estimator": LogisticRegression(), "candidates": {"a": LogisticRegression()}},
            "Only one of",
        ),
    ],
)
def test_bad_input_is_refused(train, test, options, message):
    with pytest.raises(ValueError, match=message):
        dataset_bias_study(train, test, **{**QUICK, **options})


def test_a_report_is_shown_in_one_line(shifted):
    assert repr(shifted).startswith("<BiasReport: ")
    assert next(field.name for field in dataclasses.fields(BiasReport)) == "verdicts"
