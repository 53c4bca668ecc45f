"""What there is: images, classes, patients, files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.utils import Bunch

from dlboi.bias import inventory
from dlboi.bias._file_facts import file_facts
from dlboi.bias._sample_sizes import effective_images, effective_patients, intraclass_correlation
from dlboi.datasets import load_image_folder


def image_set(sizes, first=0, *, seed=0, named=True):
    """One image a row, patients of so many images each, classes in turn."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    X = np.random.default_rng(seed).integers(0, 256, (len(groups), 12, 12), dtype=np.uint8)
    return (X, groups % 2, groups + first) if named else (X, groups % 2)


def test_counts_by_part_and_class():
    found = inventory(image_set([4, 4, 2, 2, 1]), image_set([2, 2, 2], first=3, seed=1))
    assert found.n_images.tolist() == [[7, 6], [4, 2]]
    assert found.n_patients.tolist() == [[3, 2], [2, 1]]
    assert found.total_patients.tolist() == [5, 3]
    assert found.largest_patient.tolist() == [4, 2]
    assert found.effective_patients == pytest.approx([13**2 / 41, 3])
    assert found.shared_patients == [3, 4]
    assert found.n_shared_images == (3, 4)
    assert "2 patients (3, 4) have images in both parts, 3 in train and 4 in test" in str(found)
    assert found.group_check.spanning_parts == [3, 4]
    by_class, by_part, *of_groups = found.tables
    assert by_class.columns["images"] == [7, 6, 4, 2]
    assert by_part.columns["images of patients in both parts"] == [3, 4]
    assert len(of_groups) == 2


def test_without_patients_none_are_counted():
    found = inventory(image_set([3] * 4, named=False), image_set([2] * 4, seed=1, named=False))
    assert found.n_images.tolist() == [[6, 6], [4, 4]]
    assert np.isnan(found.total_patients).all()
    assert np.isnan(found.effective_images).all()
    assert found.group_check is None
    assert found.shared_patients == []
    assert "Patients are not known" in str(found)
    assert found.tables[1].columns["images of patients in both parts"] == [None, None]


def test_one_patient_a_part_is_said():
    X, y, groups = image_set([4, 4])
    found = inventory((X, y, np.zeros_like(groups)), (X, y, np.ones_like(groups)))
    assert "All images of train are of one patient" in str(found)
    assert found.total_patients.tolist() == [1, 1]


def test_an_absent_class_is_said():
    X, y, groups = image_set([2] * 6)
    found = inventory((X, y, groups), (X[y == 0], y[y == 0], groups[y == 0] + 9))
    assert "There is no image of 1 in test." in found.notes


def test_few_patients_with_most_images_are_said():
    found = inventory(image_set([60] + [1] * 20), image_set([2] * 4, first=50))
    assert any("21 patients count as 1.8" in note for note in found.notes)


def test_origins_in_place_of_a_test_set():
    data = image_set([3] * 8)
    found = inventory(data, origin=np.repeat(["a", "b"], 12))
    assert found.part_names == ("a", "b")
    assert found.n_images.sum(axis=1).tolist() == [12, 12]


@pytest.fixture
def folder(tmp_path):
    for part, size in (("train", (20, 30)), ("test", (40, 30))):
        for number in range(8):
            path = tmp_path / part / "ab"[number % 2] / f"p{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(number).integers(0, 256, size, dtype=np.uint8)
            Image.fromarray(pixels).save(path)
    return tmp_path


def test_files_are_those_before_resizing(folder):
    train = load_image_folder(folder / "train", size=8, groups=r"p\d")
    test = load_image_folder(folder / "test", like=train, groups=r"p\d")
    found = inventory(train, test)
    of_files = found.tables[2].columns
    heights = [
        median
        for name, median in zip(of_files["of the file"], of_files["median"], strict=True)
        if name == "height"
    ]
    assert heights == [20, 40]
    assert "share of mode L" in of_files["of the file"]
    assert found.shared_patients == [f"p{number}" for number in range(8)]


def test_missing_and_damaged_files_are_named(folder):
    train = load_image_folder(folder / "train", size=8)
    test = load_image_folder(folder / "test", like=train)
    (folder / "train" / "a" / "p0.png").unlink()
    (folder / "test" / "b" / "p1.png").write_bytes(b"no image")
    (folder / "test" / "b" / "p3.png").write_bytes(b"")
    found = inventory(train, test)
    said = str(found)
    assert "1 of 8 files of train are missing" in said
    assert "2 of 8 files of test are no readable images" in said
    assert found.tables[2].columns["files"][0] == 7


def test_names_that_are_no_files_are_no_error():
    X, y, groups = image_set([2] * 4)
    data = Bunch(data=X, target=y, groups=groups, filenames=[f"gone/{i}.png" for i in range(8)])
    found = inventory(data, data)
    named = "gone/0.png, gone/1.png, gone/2.png and 5 more"
    assert f"8 of 8 files of train are missing ({named})" in str(found)
    assert len(found.tables) == 4


def test_facts_of_no_file():
    facts = file_facts([])
    assert facts.height.shape == (0,)
    assert not facts.is_read.any()


def test_facts_of_modes(tmp_path):
    for mode in ("L", "RGB", "1", "P"):
        Image.new(mode, (5, 10)).save(tmp_path / f"{mode}.png")
    facts = file_facts([tmp_path / f"{mode}.png" for mode in ("L", "RGB", "1", "P")])
    assert facts.mode.tolist() == ["L", "RGB", "1", "P"]
    assert facts.aspect.tolist() == [0.5] * 4
    assert (facts.bytes_per_pixel == facts.n_bytes / 50).all()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.floats(0, 1))
def test_effective_numbers_lie_between_patients_and_images(sizes, correlation):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    n_patients, n_images = effective_patients(groups), effective_images(groups, correlation)
    assert 1 - 1e-9 <= n_patients <= len(sizes) + 1e-9
    assert n_patients - 1e-6 <= n_images <= len(groups) + 1e-6
    assert effective_images(groups, 0.0) == len(groups)
    assert effective_images(groups, 1.0) == pytest.approx(n_patients)


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.8])
def test_the_correlation_of_images_of_a_patient(truth):
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(400), rng.integers(1, 6, 400))
    own = rng.normal(size=(400, 5))
    rows = np.sqrt(truth) * own[groups] + np.sqrt(1 - truth) * rng.normal(size=(len(groups), 5))
    y = groups % 2
    found = intraclass_correlation(rows + 5 * y[:, None], y, groups)
    assert found == pytest.approx(truth, abs=0.05)


def test_a_correlation_that_cannot_be_told():
    rows = np.random.default_rng(0).normal(size=(6, 2))
    zeros = np.zeros(6, dtype=int)
    assert np.isnan(intraclass_correlation(rows, zeros, np.arange(6)))
    assert np.isnan(intraclass_correlation(rows, zeros, zeros))
    assert np.isnan(intraclass_correlation(np.ones((6, 2)), zeros, np.arange(6) // 2))
