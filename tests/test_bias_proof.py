"""The proof of the bias study: what was planted is found, and nothing else."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).parents[1]))  # the benchmarks are not installed

from benchmarks.bias_proof.__main__ import main
from benchmarks.bias_proof.image_pool import ImagePool, ImageStrengths
from benchmarks.bias_proof.jobs import Job, do
from benchmarks.bias_proof.tally import Demand, _least_margin, demands_of, is_true
from benchmarks.bias_proof.truths import BY_NAME, CHANCE, CLASS, POOL, TRUTHS, VALIDATION
from dlboi.bias import image_statistics
from dlboi.datasets import make_chest_phantoms

STRENGTHS = ImageStrengths(
    blur=1.0, veil=0, bright=30, random_labels=0.5, random_labels_pool=0.5, n_columns=4
)


@pytest.fixture(scope="module")
def pool():
    found = make_chest_phantoms(200, n_patients=160, image_size=16, random_state=0)
    return ImagePool("phantoms", found.data, found.target, found.groups, STRENGTHS)


@pytest.mark.parametrize("truth", [truth for truth in TRUTHS if not truth.n_copies])
def test_patients_are_in_one_part_at_the_prevalence_that_was_planted(pool, truth):
    drawn = pool.draw(truth, 20, 20, np.random.default_rng(0))
    train, test = (np.unique(drawn.groups[drawn.in_test == side]) for side in (False, True))
    assert (len(train), len(test)) == (20, 20)
    assert not set(train) & set(test)
    true_class = pool.class_of[train].mean(), pool.class_of[test].mean()
    assert true_class == truth.prevalence


def test_copies_are_in_both_parts_under_names_of_their_own(pool):
    drawn = pool.draw(BY_NAME["copies of prototypes"], 4, 4, np.random.default_rng(0))
    assert len(np.unique(drawn.groups)) == len(drawn.y) == 160
    assert 0 < drawn.in_test.mean() < 1


def test_only_the_class_that_is_changed_is_changed(pool):
    truth = BY_NAME["recall of a class"]
    drawn = pool.draw(truth, 20, 20, np.random.default_rng(0))
    plain = {image.tobytes() for image in pool.images["plain"]}
    is_plain = np.array([image.tobytes() in plain for image in drawn.images])
    np.testing.assert_array_equal(~is_plain, drawn.in_test & (drawn.y == 0))


def test_mirrors_tell_the_classes_and_statistics_do_not(pool):
    drawn = pool.draw(BY_NAME["nothing but mirrors"], 40, 40, np.random.default_rng(0))
    plain = {image.tobytes() for image in pool.images["plain"]}
    is_plain = np.array([image.tobytes() in plain for image in drawn.images])
    np.testing.assert_array_equal(~is_plain, drawn.y == 1)
    statistics = image_statistics(drawn.images).values
    mirrored = image_statistics(drawn.images[:, :, ::-1]).values
    np.testing.assert_allclose(statistics, mirrored, atol=1e-5)


@pytest.mark.parametrize(
    ("n_found", "limit", "at_least", "is_met", "is_missed"),
    [
        (90, 0.9, True, True, False),
        (86, 0.9, True, False, False),
        (70, 0.9, True, False, True),
        (5, 0.05, False, True, False),
        (8, 0.05, False, False, False),
        (20, 0.05, False, False, True),
    ],
)
def test_a_demand_is_missed_where_chance_does_not_explain_it(
    n_found, limit, at_least, is_met, is_missed
):
    demand = Demand("rows", "leakage", "", n_found, 100, limit, at_least)
    assert (demand.is_met, demand.is_missed) == (is_met, is_missed)


@pytest.mark.parametrize(
    ("source", "width", "n_found", "is_out_of_reach"),
    [
        ("chest", 0.06, 0, True),
        ("chest", 0.06, 4, False),  # found nevertheless
        ("chest", 0.02, 0, False),
        ("rows", 0.06, 0, False),  # there are more patients
    ],
)
def test_a_demand_is_out_of_reach_where_intervals_are_too_wide_and_patients_are_no_more(
    source, width, n_found, is_out_of_reach
):
    def study(seed):
        verdict = "NOT SUPPORTED" if seed < n_found else "UNDECIDED"
        return {
            "job": ["whole", source, "nothing, many", 800, seed],
            "remainder": 0.0,
            "verdicts": {"harder test": [verdict, 0.0, -width / 2, width / 2, 0.5, 1.0]},
            "p_values": {},
        }

    (demand,) = [d for d in demands_of([study(seed) for seed in range(4)]) if "NOT" in d.what]
    assert demand.least == pytest.approx(width * 2.8 / 3.92, rel=1e-2)
    assert demand.is_out_of_reach == is_out_of_reach
    assert demand.is_missed == (n_found == 0 and not is_out_of_reach)


def test_the_margin_that_intervals_need_is_the_one_that_they_reach_as_often_as_demanded():
    rng, error = np.random.default_rng(0), 0.01
    record = ["UNDECIDED", 0.0, -1.96 * error, 1.96 * error, 0.5]
    for name, n_tests in ((CHANCE, 9), ("harder test", 9)):
        others = {str(number): [*record, 1.0] for number in range(n_tests - 1)}
        study = {"verdicts": {name: [*record, 1.0], **others}}
        least, drawn = _least_margin([study], name, 0.8), rng.normal(0, error, 20000)
        reached = drawn + 1.96 * error < least
        if name == CHANCE:
            reached = np.abs(drawn) + norm.isf(0.05 / n_tests) * error < least
        assert reached.mean() == pytest.approx(0.8, abs=0.02)


def test_a_claim_is_true_where_the_planted_effect_is_above_the_margin():
    truth = BY_NAME["recall of a class"]
    effects = {CHANCE: (0.05, 0.01), CLASS.format(0): (0.1, 0.01), CLASS.format(1): (0.0, 0.01)}
    assert is_true(CHANCE, truth, effects) is False
    assert is_true(CHANCE, truth, {CHANCE: (-0.05, 0.01)}) is False
    assert is_true(CHANCE, truth, {CHANCE: (0.0, 0.005)}) is True
    assert is_true(CLASS.format(0), truth, effects) is True
    assert is_true(CLASS.format(1), truth, effects) is False
    assert is_true("lost ranking", truth, effects) is None


def test_a_claim_whose_effect_is_near_the_margin_is_neither_true_nor_false():
    truth = BY_NAME["leakage"]
    assert is_true(POOL, truth, {POOL: (0.022, 0.0025)}) is None
    assert is_true(CHANCE, truth, {CHANCE: (-0.015, 0.003)}) is None
    for threshold, ranking, wanted in (
        ((0.05, 0.01), (0.0, 0.005), True),
        ((0.05, 0.01), (0.019, 0.005), None),
        ((0.019, 0.01), (0.0, 0.005), None),
        ((0.0, 0.005), (0.019, 0.005), False),
        ((0.019, 0.01), (0.05, 0.01), False),
    ):
        effects = {"threshold": threshold, "lost ranking": ranking}
        assert is_true("threshold only", truth, effects) is wanted


def test_a_wrong_verdict_is_counted_and_a_right_one_is_not():
    def study(verdict, estimate):
        record = [verdict, estimate, 0.0, 0.0, 0.5, 0.5]
        return {
            "job": ["whole", "rows", "nothing, few", 60, 0],
            "remainder": 0.0,
            "verdicts": {VALIDATION: record},
            "p_values": {},
        }

    for verdict, n_wrong in (("SUPPORTED", 1), ("UNDECIDED", 0)):
        demands = demands_of([study(verdict, 0.0)])
        (false,) = [demand for demand in demands if demand.what == "any false SUPPORTED"]
        assert false.n_found == n_wrong


def test_a_job_gives_the_same_again_and_fits_into_a_line():
    job = Job("own", "rows", "prevalence", 60, 3)
    found = [do(job, None, None) for _ in range(2)]
    assert found[0]["verdicts"] == found[1]["verdicts"]
    assert found[0]["verdicts"]["label shift"][1] > 0
    json.dumps(found[0])


def test_the_command_writes_its_page_and_goes_on_where_it_ended(tmp_path):
    options = ["--source", "rows", "--seeds-step", "1", "--seeds-study", "1", "--draws", "1"]
    options += ["--truth", "nothing, 10 patients", "--jobs", "1"]
    options += [f"--memory={tmp_path}", f"--page={tmp_path / 'page.rst'}"]
    assert main(options) == 0
    page, journal = (tmp_path / name for name in ("page.rst", "journal.jsonl"))
    lines = journal.read_text()
    assert main(options) == 0
    assert journal.read_text() == lines
    assert "terms add up to the gap" in page.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("source", ["rows", "phantoms"])
def test_what_is_planted_is_found_and_nothing_else(source, tmp_path):
    options = ["--source", source, "--seeds-step", "40", "--seeds-study", "20"]
    assert main([*options, f"--memory={tmp_path}", f"--page={tmp_path / 'page.rst'}"]) == 0


@pytest.mark.slow
@pytest.mark.realdata
def test_what_is_planted_in_real_images_is_found_and_nothing_else(real_data, tmp_path):
    options = ["--source", "chest", "--seeds-step", "40", "--seeds-study", "20"]
    options += [f"--data={real_data}", f"--memory={tmp_path}", f"--page={tmp_path / 'page.rst'}"]
    assert main(options) == 0
