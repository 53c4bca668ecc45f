"""The luck of the best candidate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.bias import selection_optimism
from dlboi.bias._selection_optimism import selection_of
from tests.bias.simulated_rows import make_materials, make_rows


def noise_candidates(seed, n_patients, n_candidates=50):
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(n_patients), 5)
    return rng.random((n_candidates, len(patients))) < 0.8, patients


def test_luck_of_noise_candidates_is_found():
    results = [
        selection_optimism(*noise_candidates(seed, 40), random_state=0) for seed in range(60)
    ]
    reported, reselected = (
        np.mean([getattr(result, name) for result in results])
        for name in ("reported", "reselected")
    )
    assert reported > 0.85
    assert reselected == pytest.approx(0.8, abs=0.01)
    assert np.mean([result.optimism.low > 0 for result in results]) >= 0.9
    truth = reported - 0.8
    held = [result.optimism.low <= truth <= result.optimism.high for result in results]
    assert np.mean(held) >= 0.87


@pytest.mark.parametrize("n_candidates", [1, 4])
def test_candidates_that_are_all_the_same_have_no_luck(n_candidates):
    correct, patients = noise_candidates(0, 20, 1)
    result = selection_optimism(np.repeat(correct, n_candidates, axis=0), patients)
    assert result.optimism == (0, 0, 0, 0.5)
    assert result.best == 0
    assert result.n_chosen.tolist() == [40] + [0] * (n_candidates - 1)


def test_a_candidate_that_is_much_better_owes_nothing_to_luck():
    correct, patients = noise_candidates(0, 40, 5)
    correct[3] = np.random.default_rng(1).random(correct.shape[1]) < 0.97
    result = selection_optimism(correct, patients)
    assert result.best == 3
    assert result.optimism.estimate == 0
    assert result.reported == result.reselected == correct[3].mean()
    assert result.tables[1].columns["candidate"] == [3]


@given(
    seed=st.integers(0, 999),
    n_candidates=st.integers(1, 5),
    n_patients=st.integers(2, 12),
    n_parts=st.integers(2, 6),
    share_missing=st.sampled_from([0.0, 0.2]),
)
@settings(max_examples=60, deadline=None)
def test_optimism_is_the_difference_of_the_scores(
    seed, n_candidates, n_patients, n_parts, share_missing
):
    rng = np.random.default_rng(seed)
    patients = np.append(np.arange(n_patients), rng.integers(n_patients, size=30))
    correct = (rng.random((n_candidates, len(patients))) < 0.7).astype(float)
    correct[rng.random(correct.shape) < share_missing] = np.nan
    correct[:, :n_patients] = 1  # no part without answers
    result = selection_optimism(correct, patients, n_parts=n_parts, n_repeats=3, random_state=seed)
    assert result.reported == pytest.approx(np.nanmean(correct, axis=1).max())
    assert result.optimism.estimate == pytest.approx(result.reported - result.reselected, abs=1e-9)
    assert result.reselected <= np.nanmax(correct)
    assert result.n_chosen.sum() == 3 * min(n_parts, n_patients)


def test_a_candidate_is_not_chosen_on_the_patients_that_it_scores():
    # Each candidate is right on the images of one patient only, on which another is then asked.
    result = selection_optimism(np.eye(6).repeat(4, axis=1), np.arange(24) // 4, n_parts=6)
    assert result.reported == pytest.approx(1 / 6)
    assert result.reselected == 0


def test_images_without_an_answer_count_in_the_mean_of_the_others():
    correct = np.array([[1, 1, 0, np.nan, np.nan, np.nan], [0, 0, 0, 1, 0, 0]])
    result = selection_optimism(correct, random_state=0)
    assert result.reported == pytest.approx(2 / 3)


def test_selection_of_a_study_with_noise_candidates():
    rng = np.random.default_rng(0)
    train = make_rows(rng, 60, n_columns=40, distance=0)
    test = make_rows(rng, 20, n_columns=40, distance=0, first_patient=100)
    materials = make_materials(train, test, candidates=[slice(c, c + 2) for c in range(0, 40, 2)])
    result = selection_of(materials)
    assert result.reported == materials.shuffled.best_correct.mean()
    assert result.reported - result.reselected == pytest.approx(result.optimism.estimate)
    assert result.optimism.estimate > 0.02
    assert len(result.tables) == 1


@pytest.mark.parametrize(
    ("correct", "groups", "message"),
    [
        ([1, 0], None, "shape"),
        (np.empty((0, 4)), None, "shape"),
        ([[1, 0.5]], None, "0.5"),
        ([[1, 0], [np.nan, np.nan]], None, "candidate 1"),
        ([[1, 0]], [0], r"each image, shape \(2,\)"),
        ([[1, 0]], [3, 3], "two patients"),
        ([[np.nan, 1.0], [0.0, np.nan]], None, "NaN for all images"),
    ],
)
def test_bad_input_names_the_parameter(correct, groups, message):
    with pytest.raises(ValueError, match=message) as error:
        selection_optimism(correct, groups)
    assert "of selection_optimism" in str(error.value)
