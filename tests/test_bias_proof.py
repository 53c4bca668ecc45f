"""The proof of the bias study: what was planted is found, and nothing else."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the benchmarks are not installed

from benchmarks.bias_proof.__main__ import main
from benchmarks.bias_proof.image_pool import ImagePool, ImageStrengths
from benchmarks.bias_proof.jobs import Job, do
from benchmarks.bias_proof.tally import Demand, demands_of, is_true
from benchmarks.bias_proof.truths import BY_NAME, CHANCE, CLASS, TRUTHS, VALIDATION
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


def test_a_claim_is_true_where_the_planted_effect_is_above_the_margin():
    truth = BY_NAME["recall of a class"]
    effects = {CHANCE: 0.05, CLASS.format(0): 0.1, CLASS.format(1): 0.0, "selection": np.nan}
    assert not is_true(CHANCE, truth, effects)
    assert is_true(CLASS.format(0), truth, effects)
    assert not is_true(CLASS.format(1), truth, effects)
    assert is_true("lost ranking", truth, effects) is None


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
