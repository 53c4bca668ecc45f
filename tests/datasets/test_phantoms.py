"""What both kinds of phantoms promise: classes, patients, and the faults planted."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.datasets import make_chest_phantoms, make_tissue_phantoms

MAKERS = {"chest": make_chest_phantoms, "tissue": make_tissue_phantoms}
CLASSES = {
    "chest": ["normal", "pneumonia"],
    "tissue": ["tumor", "stroma", "complex", "lympho", "debris", "mucosa"],
}


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def make(kind):
    def make(n_samples=36, *, image_size=24, random_state=0, **settings):
        return MAKERS[kind](n_samples, image_size=image_size, random_state=random_state, **settings)

    return make


def test_the_bunch(make, kind):
    dataset = make(20, image_size=28)
    channels = {"chest": (), "tissue": (3,)}[kind]
    assert dataset.data.shape == (20, 28, 28, *channels)
    assert dataset.data.dtype == np.uint8
    assert dataset.image_shape == (len(channels) * 2 + 1, 28, 28)
    assert dataset.target_names.tolist() == CLASSES[kind]
    assert dataset.target.dtype == np.int64
    for key in ("groups", "filenames", "true_target", "duplicate_of", "has_marker"):
        assert len(dataset[key]) == 20
    assert len(set(dataset.filenames)) == 20
    assert "20 images of 10 patients" in dataset.DESCR
    X, y = make(20, image_size=28, return_X_y=True)
    np.testing.assert_array_equal(X, dataset.data)
    np.testing.assert_array_equal(y, dataset.target)
    assert y.dtype == np.int64


def test_the_same_seed_gives_the_same_bytes(make):
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - it is what is watched
    one, two = make(), make(random_state=np.random.RandomState(0))
    assert hashlib.sha256(one.data).digest() == hashlib.sha256(two.data).digest()
    assert one.groups.tolist() == two.groups.tolist()
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002 - it is what is watched
    assert (make(random_state=1).data != one.data).any()


def test_different_seeds_share_no_patient(make):
    assert not set(make(100).groups) & set(make(100, random_state=1).groups)


def test_classes_are_told_apart_by_eye_and_by_number(make, kind):
    dataset = make(60, image_size=32, difficulty=0)
    means = [dataset.data[dataset.target == c].mean(0) for c in range(len(CLASSES[kind]))]
    spread = [dataset.data[dataset.target == c].std() for c in range(len(CLASSES[kind]))]
    assert min(spread) > 10
    assert all(np.abs(a - b).max() > 10 for i, a in enumerate(means) for b in means[:i])


@settings(deadline=None, max_examples=15)
@given(n_samples=st.integers(6, 40), weights=st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_prevalence_is_exact(n_samples, weights):
    weights = np.array(weights, dtype=float)
    fractions = (weights + (weights.sum() == 0)) / (weights + (weights.sum() == 0)).sum()
    tissue = make_tissue_phantoms(
        n_samples, image_size=16, prevalence=fractions, n_patients=3, random_state=0
    )
    counts = np.bincount(tissue.target, minlength=6)
    assert np.all(np.abs(counts - fractions * n_samples) < 1)
    chest = make_chest_phantoms(
        n_samples, image_size=16, prevalence=float(fractions[0]), random_state=0
    )
    assert abs(chest.target.sum() - fractions[0] * n_samples) <= 0.5
    assert np.array_equal(chest.target, chest.true_target)


@settings(deadline=None, max_examples=15)
@given(data=st.data(), n_samples=st.integers(6, 40), kind=st.sampled_from(sorted(MAKERS)))
def test_the_number_of_patients_is_exact(data, n_samples, kind):
    n_patients = data.draw(st.integers(2, n_samples))
    dataset = MAKERS[kind](n_samples, image_size=16, n_patients=n_patients, random_state=0)
    assert len(np.unique(dataset.groups)) == n_patients


def test_a_chest_has_one_class_and_a_slide_has_several():
    def most(dataset):
        return max(
            len(np.unique(dataset.target[dataset.groups == group])) for group in set(dataset.groups)
        )

    assert most(make_chest_phantoms(60, image_size=16, n_patients=10, random_state=0)) == 1
    assert most(make_tissue_phantoms(60, image_size=16, n_patients=10, random_state=0)) > 2


def test_images_of_a_patient_are_alike(make):
    dataset = make(60, n_patients=12, image_size=32)
    same, other = distances(dataset)
    assert same < 0.9 * other


def distances(dataset):
    """Return the median distance of two images of one class, by one patient and by two.

    In histology it is the stain that a patient shares: there it is that of the mean colours.
    """
    X = dataset.data.astype(float).reshape(len(dataset.data), -1)
    X = X if dataset.data.ndim == 3 else dataset.data.astype(float).mean((1, 2))
    apart = np.linalg.norm(X[:, None] - X[None], axis=2)
    pairs = (dataset.true_target[:, None] == dataset.true_target) & ~np.eye(len(X), dtype=bool)
    patient = dataset.groups[:, None] == dataset.groups
    return np.median(apart[pairs & patient]), np.median(apart[pairs & ~patient])


def test_leakage_makes_patients_known(make):
    def nearest_is_same_patient(leakage):
        dataset = make(60, n_patients=12, image_size=32, leakage=leakage)
        X = dataset.data.astype(float).reshape(60, -1)
        X -= X.mean(axis=0)
        apart = np.linalg.norm(X[:, None] - X[None], axis=2)
        np.fill_diagonal(apart, np.inf)
        return np.mean(dataset.groups[apart.argmin(axis=1)] == dataset.groups)

    without, weak, strong = (nearest_is_same_patient(leakage) for leakage in (0, 0.5, 1))
    assert without <= weak <= strong
    assert strong > without + 0.2


def test_the_shift_changes_one_class_only(make, kind):
    for name in (CLASSES[kind][0], CLASSES[kind][-1]):
        plain = make(shift_class=name)
        shifted = make(shift=0.8, shift_class=name)
        changed = (plain.data != shifted.data).reshape(36, -1).any(axis=1)
        np.testing.assert_array_equal(changed, plain.target_names[plain.target] == name)
        before, after = plain.data[changed].astype(float), shifted.data[changed].astype(float)
        assert after.std(axis=(1, 2)).mean() < 0.8 * before.std(axis=(1, 2)).mean()
        np.testing.assert_array_equal(plain.groups, shifted.groups)


def test_the_shift_follows_what_is_seen_not_the_label(make, kind):
    noisy = {"label_noise": 0.5, "shift_class": CLASSES[kind][0]}
    plain, shifted = make(**noisy), make(shift=0.8, **noisy)
    changed = (plain.data != shifted.data).reshape(36, -1).any(axis=1)
    np.testing.assert_array_equal(changed, plain.true_target == 0)


@pytest.mark.parametrize("shortcut", [0.0, 0.5, 1.0])
def test_the_shortcut_goes_with_one_class(make, kind, shortcut):
    name = CLASSES[kind][-1]
    dataset = make(72, shortcut=shortcut, shortcut_class=name)
    of_class = dataset.target_names[dataset.target] == name
    marked = dataset.has_marker
    assert marked[of_class].mean() == pytest.approx((1 + shortcut) / 2, abs=1 / of_class.sum())
    assert marked[~of_class].mean() == pytest.approx((1 - shortcut) / 2, abs=1 / 36)
    plain = make(72)
    assert not plain.has_marker.any()
    changed = (plain.data != dataset.data).reshape(72, -1).any(axis=1)
    np.testing.assert_array_equal(changed, marked)
    corner = np.s_[:, :12, 12:] if kind == "chest" else np.s_[:, :12, :12]
    outside = plain.data != dataset.data
    outside[corner] = False
    assert not outside.any()


@pytest.mark.parametrize("label_noise", [0.25, 1.0])
def test_label_noise_is_by_patient(make, label_noise):
    clean, noisy = make(n_patients=12), make(n_patients=12, label_noise=label_noise)
    np.testing.assert_array_equal(clean.data, noisy.data)
    np.testing.assert_array_equal(clean.target, noisy.true_target)
    wrong = noisy.target != noisy.true_target
    patients = set(noisy.groups[wrong])
    assert len(patients) == 12 * label_noise
    assert wrong[np.isin(noisy.groups, list(patients))].all()


def test_duplicates_are_near_copies_filed_under_another_patient(make):
    plain = make(60)
    dataset = make(60, duplicates=0.2, shortcut=0.5)
    copies = np.flatnonzero(dataset.duplicate_of >= 0)
    originals = dataset.duplicate_of[copies]
    assert len(copies) == 12
    assert np.all(dataset.duplicate_of[originals] == -1)
    difference = dataset.data[copies].astype(int) - dataset.data[originals]
    assert np.abs(difference).max() == 1
    assert np.all(np.abs(difference).reshape(12, -1).max(axis=1) == 1)
    np.testing.assert_array_equal(dataset.true_target[copies], dataset.true_target[originals])
    np.testing.assert_array_equal(dataset.has_marker[copies], dataset.has_marker[originals])
    assert np.all(dataset.groups[copies] != dataset.groups[originals])
    kept = (dataset.duplicate_of == -1) & ~dataset.has_marker
    np.testing.assert_array_equal(dataset.data[kept], plain.data[kept])
    assert np.all(plain.duplicate_of == -1)


def test_difficulty_hides_the_classes(make, kind):
    def separation(difficulty):
        dataset = make(60, image_size=32, difficulty=difficulty)
        grey = dataset.data.astype(float).reshape(60, 32, 32, -1).mean(axis=3)
        texture = np.abs(np.diff(grey, axis=2))[:, :, 4:-4].mean(axis=(1, 2))
        classes = [texture[dataset.target == c] for c in range(len(CLASSES[kind]))]
        return np.std([c.mean() for c in classes]) / np.mean([c.std() for c in classes])

    assert separation(1) < 0.8 * separation(0)


def test_masks_lie_where_the_opacities_are():
    sick = make_chest_phantoms(40, image_size=48, random_state=0)
    part = sick.masks.mean(axis=(1, 2))
    assert sick.masks.shape == (40, 48, 48)
    assert np.all(part[sick.target == 0] == 0)
    assert np.all((part[sick.target == 1] > 0.01) & (part[sick.target == 1] < 0.5))
    hardly = make_chest_phantoms(40, image_size=48, difficulty=1, random_state=0)
    np.testing.assert_array_equal(sick.masks, hardly.masks)
    brighter = sick.data.astype(float) - hardly.data
    assert brighter[sick.masks].mean() > 10
    assert np.abs(brighter[sick.target == 0]).max() == 0


def test_large_and_small_images(make):
    assert make(3 * 2, image_size=16).data.std() > 10
    assert make(3 * 2, image_size=150).data.std() > 10


@pytest.mark.parametrize(
    "setting",
    [
        {"n_samples": 1},
        {"image_size": 8},
        {"n_patients": 0},
        {"n_patients": 37},
        {"prevalence": -0.1},
        {"prevalence": [0.5] * 6},
        {"prevalence": [2, -1, 0, 0, 0, 0]},
        {"prevalence": "high"},
        {"difficulty": 1.5},
        {"shift": -1},
        {"shift_class": "cat"},
        {"leakage": 2},
        {"shortcut": 1.1},
        {"shortcut_class": 7},
        {"label_noise": -0.1},
        {"duplicates": 0.6},
        {"random_state": "today"},
    ],
    ids=str,
)
def test_parameters_are_checked(make, setting):
    with pytest.raises(ValueError, match=f"The '{next(iter(setting))}' parameter of make_"):
        make(**setting)


def test_one_patient_a_class_at_least_and_one_original_a_class():
    with pytest.raises(ValueError, match=r"The 'n_patients' parameter.*between 2"):
        make_chest_phantoms(10, n_patients=1)
    with pytest.raises(ValueError, match=r"The 'duplicates' parameter.*one original"):
        make_tissue_phantoms(8, image_size=16, duplicates=0.5)
