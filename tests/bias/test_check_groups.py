"""What images say of a patient key, and what they cannot say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats
from sklearn.metrics import roc_auc_score

from dlboi.bias import check_groups
from dlboi.bias._group_comparisons import sampled
from dlboi.bias._likeness import Comparison, likeness
from dlboi.bias._look_alikes import look_alikes
from dlboi.datasets import load_image_folder, make_chest_phantoms

N_PATIENTS, N_IMAGES = 30, 4


def patients(seed=0, *, spread=1.0, n_patients=N_PATIENTS, n_images=N_IMAGES, n_features=12):
    """Rows of features of patients, of two classes; patients differ as much as `spread` says."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_patients), n_images)
    own = spread * rng.normal(size=(n_patients, n_features))
    X = own[groups] + rng.normal(size=(len(groups), n_features))
    y = groups % 2
    return X + y[:, None], groups, y


def test_patients_are_recognised():
    X, groups, y = patients()
    check = check_groups(X, groups, y=y)
    assert check.verdict == "supported"
    assert check.alike.estimate > check.alike.low > 0.5
    assert check.alike.p_value == 0.001
    assert check.alike.n_ids == check.n_repeated == check.n_groups == N_PATIENTS
    assert f"{N_PATIENTS} ids" in str(check)
    assert "supported" in repr(check)
    assert [len(table.columns) for table in check.tables] == [6, 2]


def test_images():
    phantoms = make_chest_phantoms(80, n_patients=20, image_size=32, leakage=1, random_state=0)
    check = check_groups(phantoms.data, phantoms.groups, y=phantoms.target, n_permutations=99)
    assert check.verdict == "supported"


def test_paths_of_files(tmp_path):
    phantoms = make_chest_phantoms(24, n_patients=6, image_size=32, leakage=1, random_state=0)
    paths = [str(tmp_path / f"{number}.png") for number in range(24)]
    for path, pixels in zip(paths, phantoms.data, strict=True):
        Image.fromarray(pixels).save(path)
    of_paths, of_arrays = (
        check_groups(X, phantoms.groups, y=phantoms.target, n_permutations=9)
        for X in (paths, phantoms.data)
    )
    assert of_paths.alike.estimate == pytest.approx(of_arrays.alike.estimate, abs=0.05)


def test_ids_at_random_are_not():
    X, groups, y = patients(spread=0.0, n_patients=100)
    check = check_groups(X, groups, y=y)
    assert check.verdict == "contradicted"
    assert check.alike.p_value > 0.05
    assert "hardly more alike" in str(check)
    assert 0.3 < len(check.unlike) / 100 < 0.7


def test_that_a_patient_has_one_class_is_no_likeness():
    X, groups, y = patients(spread=0.0)
    assert check_groups(X + 5 * y[:, None], groups, y=y).alike.p_value > 0.05
    assert check_groups(X + 5 * y[:, None], groups).alike.p_value == 0.001


def test_an_id_that_joins_different_patients():
    X, groups, y = patients(n_patients=60)
    joined = groups // 4 * 2 + y  # two patients of one class
    check = check_groups(X, joined, y=y, within=groups)
    assert check.between.high < check.alike_within.low
    assert check.alike.estimate < check.alike_within.estimate
    assert check.between.n_ids == 30
    assert "may join different patients" in str(check)


def test_slides_within_patients():
    X, groups, y = patients(n_images=6)
    slides = np.tile([0, 0, 0, 1, 1, 1], N_PATIENTS)
    check = check_groups(X, groups, y=y, within=slides)
    assert check.spanning_groups == [0, 1]
    assert check.between.low > 0.5
    assert "split by the outer id" in str(check)


@pytest.mark.parametrize("same", [True, False])
def test_ids_in_both_parts(same):
    X, groups, y = patients(n_patients=60)
    parts = np.tile(["train", "train", "test", "test"], 60)
    if not same:  # the numbers of test begin anew
        groups = np.where(parts == "test", (groups + 2) % 60, groups)
    check = check_groups(X, groups, y=y, parts=parts)
    assert len(check.spanning_parts) == 60
    assert (check.across.p_value <= 0.001) == same
    assert ("the same patients in both parts" in str(check)) == same


def test_ids_in_several_classes_are_named():
    X, groups, y = patients()
    y = y.copy()
    y[0] = 1
    check = check_groups(X, groups.astype(str), y=y)
    assert check.spanning_classes == ["0"]
    assert "1 id has images in several classes (0)" in str(check)


def test_a_patient_under_two_ids_looks_alike():
    X, groups, y = patients(spread=3.0, n_features=30)
    split = groups.astype(float)
    split[2:4] = 0.5
    check = check_groups(X, split, y=y)
    assert [pair[:2] for pair in check.look_alikes] == [(0.0, 0.5)]
    assert "far more alike" in str(check)
    assert check_groups(X, groups, y=y).look_alikes == []


@pytest.mark.parametrize(
    ("groups", "text"),
    [
        (np.zeros(40), "There is one id only"),
        (np.arange(40), "cannot be tested on the images"),
        (np.repeat([0, 1], 20), "2 ids are few"),
    ],
    ids=["one patient", "one image each", "two patients"],
)
def test_few_ids_are_no_evidence(groups, text):
    X = np.random.default_rng(0).normal(size=(40, 8))
    check = check_groups(X, groups)
    assert check.verdict == "undecided"
    assert text in str(check)


def test_images_that_are_all_the_same():
    check = check_groups(np.ones((12, 8, 8)), np.repeat(np.arange(4), 3))
    assert check.verdict != "supported"
    assert check.look_alikes == []


@pytest.mark.parametrize("name", ["groups", "y", "parts", "within"])
def test_labels_are_checked(name):
    labels = {"groups": np.arange(6)} | {name: np.arange(5)}
    with pytest.raises(ValueError, match=f"The '{name}' parameter of check_groups"):
        check_groups(np.ones((6, 4, 4)), **labels)
    labels[name] = ["a", "b", None, "c", "d", "e"]
    with pytest.raises(ValueError, match=f"The '{name}' parameter.*none at index 2"):
        check_groups(np.ones((6, 4, 4)), **labels)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=3, max_size=9).filter(lambda s: max(s) > 1),
    seed=st.integers(0, 10**6),
)
def test_likeness_is_the_area_under_the_curve(sizes, seed):
    rng = np.random.default_rng(seed)
    ids = np.repeat(np.arange(len(sizes)), sizes)
    similarity = rng.normal(size=(len(ids), len(ids))).round(1)  # with ties
    areas = {}
    for row, own in enumerate(ids):
        others = np.arange(len(ids)) != row
        if 0 < np.sum(ids[others] == own) < others.sum():
            area = roc_auc_score(ids[others] == own, similarity[row, others])
            areas.setdefault(own, []).append(area)
    found, by_id = likeness([Comparison(similarity, ids, ids, True)], 9, rng)
    assert by_id == pytest.approx({own: np.mean(area) for own, area in areas.items()})
    assert found.estimate == pytest.approx(np.mean(list(by_id.values())))
    assert found.n_ids == len(areas)


def test_very_many_images_are_sampled_by_id():
    ids = np.repeat(np.arange(1000), 4)
    ids[:50] = 0
    taken = sampled(np.arange(4000) % 2, ids, np.random.default_rng(0))
    assert len(taken) == 3000
    assert np.all(np.diff(taken) > 0)
    assert np.count_nonzero(ids[taken] == 0) <= 40
    few = sampled(np.zeros(20, dtype=int), np.arange(20), np.random.default_rng(0))
    assert few.tolist() == list(range(20))


def test_pairs_that_stand_out_need_some_ids_to_stand_out_from():
    alike = Comparison(np.eye(3), np.arange(3), np.arange(3), True)
    assert look_alikes([alike]) == []
    assert look_alikes([]) == []


@pytest.mark.realdata
def test_the_number_alone_joins_patients(real_data):
    key = r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+)"
    loaded = load_image_folder(real_data / "chest_xray" / "train", groups=key, size=64, channels=1)
    number = np.array([name.split("_")[0] for name in loaded.groups])
    check = check_groups(
        loaded.data, number, y=loaded.target, within=loaded.groups, n_permutations=199
    )
    assert check.alike_within.low > 0.6
    assert check.between.high < check.alike_within.low
    assert "the outer id may join different patients" in str(check)


def _null_check(seed):
    X, groups, y = patients(seed, spread=0.0, n_patients=20, n_images=3)
    return check_groups(X, groups, y=y, n_permutations=99, random_state=seed)


@pytest.mark.slow
def test_p_values_are_uniform_where_ids_mean_nothing():
    found = [_null_check(seed) for seed in range(400)]
    p_values = np.array([check.alike.p_value for check in found])
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(p_values <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert np.mean([check.verdict == "supported" for check in found]) <= 0.07


@pytest.mark.slow
def test_p_values_are_uniform_where_parts_or_joined_ids_mean_nothing():
    across, between = [], []
    for seed in range(400):
        X, groups, y = patients(seed, n_patients=48, n_images=2)
        found = check_groups(
            X, groups % 24, y=y, parts=groups // 24, n_permutations=99, random_state=seed
        )
        across.append(found.across.p_value)
        joined = groups // 4 * 2 + y
        found = check_groups(X, joined, y=y, within=groups, n_permutations=99, random_state=seed)
        between.append(found.between.p_value)
    for p_values in (np.array(across), np.array(between)):
        assert stats.kstest(p_values, "uniform").pvalue > 0.01
        assert np.mean(p_values <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [10, 20, 40])
def test_intervals_cover(n_patients):
    truth = np.mean(
        [check_groups(*_planted(s, 400), n_permutations=1).alike.estimate for s in range(10)]
    )
    hits = [
        found.low <= truth <= found.high
        for seed in range(400)
        for found in [check_groups(*_planted(seed + 50, n_patients), n_permutations=1).alike]
    ]
    assert np.mean(hits) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 400)


def _planted(seed, n_patients):
    X, groups, _ = patients(seed, spread=0.7, n_patients=n_patients)
    return X, groups


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.7, 2.0])
def test_patients_rarely_look_alike_by_chance(spread):
    named = [
        bool(check_groups(X, groups, y=y, n_permutations=1).look_alikes)
        for seed in range(200)
        for X, groups, y in [patients(seed, spread=spread, n_patients=40)]
    ]
    assert np.mean(named) <= 0.1 + 2 * np.sqrt(0.1 * 0.9 / 200)
