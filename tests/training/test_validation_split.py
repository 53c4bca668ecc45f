"""The validation part: stratified, by patient, a partition, repeatable."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlboi.training import validation_split

quick = settings(deadline=None, max_examples=60)


@st.composite
def patients(draw, one_class_a_patient):
    """Return classes and patients of some images, every class with several patients."""
    n_classes = draw(st.integers(2, 4))
    n_patients = draw(st.integers(8 * n_classes, 50))
    sizes = draw(st.lists(st.integers(1, 6), min_size=n_patients, max_size=n_patients))
    groups = np.repeat(np.arange(n_patients), sizes)
    if one_class_a_patient:
        y = (np.arange(n_patients) % n_classes)[groups]
    else:
        rng = np.random.default_rng(draw(st.integers(0, 2**16)))
        y = rng.integers(n_classes, size=len(groups))
        assume(np.bincount(y, minlength=n_classes).min() > 0)
    return y, groups


def check_partition(training, validation, n_samples):
    np.testing.assert_array_equal(np.sort(np.r_[training, validation]), np.arange(n_samples))
    assert np.all(np.diff(training) > 0)
    assert np.all(np.diff(validation) > 0)


@quick
@given(
    data=st.one_of(patients(True), patients(False)),
    fraction=st.floats(0.1, 0.5),
    seed=st.integers(0, 2**31 - 1),
)
def test_by_patient(data, fraction, seed):
    y, groups = data
    training, validation = validation_split(y, fraction, groups=groups, seed=seed)
    check_partition(training, validation, len(y))
    assert not set(groups[training]) & set(groups[validation])
    assert set(y[training]) == set(y)

    def distance(patients):
        got = np.bincount(y[np.isin(groups, list(patients))], minlength=y.max() + 1)
        wanted = fraction * np.bincount(y)
        return ((got - wanted) ** 2 / wanted).sum()

    chosen = set(groups[validation])
    moves = [chosen ^ {patient} for patient in set(groups)]
    assert distance(chosen) <= min(map(distance, moves)) * (1 + 1e-6)

    again = validation_split(y, fraction, groups=groups, seed=seed)
    np.testing.assert_array_equal(again[1], validation)


@quick
@given(
    counts=st.lists(st.integers(12, 60), min_size=2, max_size=4),
    fraction=st.floats(0.1, 0.5),
    seed=st.integers(0, 2**31 - 1),
)
def test_without_patients(counts, fraction, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    training, validation = validation_split(y, fraction, seed=seed)
    check_partition(training, validation, len(y))
    # The number of images is rounded up, and then those of each class up or down.
    assert np.abs(np.bincount(y[validation]) - fraction * np.array(counts)).max() < 2
    np.testing.assert_array_equal(validation_split(y, fraction, seed=seed)[1], validation)


def test_the_seed_decides_who_validates():
    y, groups = np.repeat([0, 1], 50), np.repeat(np.arange(50), 2)
    parts = {tuple(validation_split(y, 0.2, groups=groups, seed=seed)[1]) for seed in range(5)}
    assert len(parts) == 5
    parts = {tuple(validation_split(y, 0.2, seed=seed)[1]) for seed in range(5)}
    assert len(parts) == 5


def test_every_patient_has_about_the_same_chance_to_validate():
    y, groups = np.repeat([0, 1], 20), np.repeat(np.arange(20), 2)
    times = np.zeros(20)
    for seed in range(200):
        times[np.unique(groups[validation_split(y, 0.25, groups=groups, seed=seed)[1]])] += 1
    # 200 draws of 1 in 4: 50, with a standard deviation of 6.
    assert np.abs(times - 50).max() < 25


def test_a_part_of_the_codes_may_be_absent():
    y, groups = np.repeat([0, 1], 10), np.repeat(np.arange(10) * 3 + 1, 2)
    training, validation = validation_split(y, 0.2, groups=groups)
    assert len(validation) == 4
    assert not set(groups[training]) & set(groups[validation])


@pytest.mark.parametrize("fraction", [0.02, 0.99])
def test_parts_that_cannot_be_made_are_refused(fraction):
    with pytest.raises(ValueError, match=rf"'validation_fraction' parameter, {fraction}.*10 im"):
        validation_split(np.repeat([0, 1], 5), fraction)


def test_one_image_of_a_class_is_refused():
    with pytest.raises(ValueError, match="'validation_fraction'"):
        validation_split(np.array([0] * 9 + [1]), 0.3)


def test_one_patient_is_refused():
    with pytest.raises(ValueError, match=r"'validation_fraction'.*no image to validate on.*patien"):
        validation_split(np.repeat([0, 1], 5), 0.2, groups=np.zeros(10, dtype=int))


def test_a_class_whose_only_patient_would_validate_is_refused():
    y = np.array([0] * 10 + [1])
    groups = np.array([0] * 10 + [1])
    with pytest.raises(ValueError, match="a class without training images"):
        validation_split(y, 0.9, groups=groups)
